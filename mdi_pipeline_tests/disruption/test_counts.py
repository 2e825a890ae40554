"""The kernel against the definitions, on networks with known answers and on random ones."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdi_pipeline.disruption.counts import disruption_counts
from mdi_pipeline.disruption.errors import GraphError
from mdi_pipeline.disruption.formulas import indices
from mdi_pipeline_tests.disruption.oracle import oracle
from mdi_pipeline_tests.shared import SHARED, needs_shared

COLUMNS = ["n_parents", "n_children", "n_i", "n_j", "n_k", "n_j5", "mdi", "cd", "cd_nok", "mcd", "di5", "dep"]


def frames(edges: list[tuple[Any, Any]], times: dict[Any, Any], dtype: Any = None) -> tuple[pl.DataFrame, pl.DataFrame]:
    ids = list(times) or [end for edge in edges for end in edge][:0]
    kind = pl.String if any(isinstance(one, str) for one in [*ids, *[e for edge in edges for e in edge]]) else pl.Int64
    models = pl.DataFrame(
        {"id": pl.Series(ids, dtype=kind), "created_at": pl.Series(list(times.values()), dtype=dtype)}
    )
    return pl.DataFrame(edges, schema={"child": kind, "parent": kind}, orient="row"), models


def by_node(scores: pl.DataFrame) -> dict[Any, dict[str, float | None]]:
    return {row["id"]: {column: row[column] for column in COLUMNS} for row in scores.iter_rows(named=True)}


def fixtures() -> list[Any]:
    path = SHARED / "conformance" / "disruption_fixtures.json"
    known = json.loads(path.read_text())["fixtures"] if path.is_file() else []
    return [pytest.param(fixture, id=fixture["id"]) for fixture in known]


@needs_shared
def test_there_are_31_networks() -> None:
    assert len(fixtures()) == 31


@pytest.mark.parametrize("fixture", fixtures())
def test_networks_with_known_answers(fixture: dict[str, Any]) -> None:
    edges, models = frames([(str(c), str(p)) for c, p in fixture["edges"]], fixture["times"])
    found = by_node(indices(disruption_counts(edges, models, [fixture["window"]])))
    names = {"n_j_l5": "n_j5"}
    assert set(found) == set(fixture["counts"])
    for node, expected in fixture["counts"].items():
        known = {names.get(name, name): value for name, value in expected.items() if name != "di5_nok"}
        assert {name: found[node][name] for name in known} == pytest.approx(known, abs=1e-9), node
    for node, published in fixture["expected"].items():
        here = {name: value for name, value in published.items() if name in COLUMNS}
        assert {name: found[node][name] for name in here} == pytest.approx(here, abs=fixture["tol"]), node


@st.composite
def temporal_graphs(draw: st.DrawFn) -> tuple[list[tuple[int, int]], dict[int, int | None]]:
    """Small and dense, so that duplicates, loops, cycles, ties, merges and stubs are common."""
    n_nodes = draw(st.integers(1, 14))
    ends = st.integers(0, n_nodes + 1)
    edges = draw(st.lists(st.tuples(ends, ends), max_size=60))
    edges += draw(st.lists(st.sampled_from(edges), max_size=5)) if edges else []
    times = draw(st.lists(st.none() | st.integers(-3, 12), min_size=n_nodes, max_size=n_nodes))
    return edges, dict(zip(draw(st.permutations(range(n_nodes))), times, strict=True))


WINDOWS = [3, 1, None, 30, 7]


@given(temporal_graphs())
@settings(max_examples=200, deadline=None)
def test_random_graphs_agree_with_the_definitions(graph: tuple[list[tuple[int, int]], dict[int, int | None]]) -> None:
    edges, times = graph
    scores = indices(disruption_counts(*frames(edges, times, pl.Int64), WINDOWS))
    for window in WINDOWS:
        found = by_node(scores.filter(pl.col("window").eq_missing(window)))
        assert found == oracle(edges, times, window), window


@given(temporal_graphs(), st.permutations([900, 700, 400, 0, 0]), st.integers(0, 600))
@settings(max_examples=60, deadline=None)
def test_short_and_long_lists_are_counted_alike(
    graph: tuple[list[tuple[int, int]], dict[int, int | None]], crowds: list[int], offset: int
) -> None:
    """Parents with more than 1,024 children between them are searched instead of walked through."""
    edges, times = graph
    crowd = range(1_000, 2_300)
    parents = sorted({parent for _, parent in edges})
    for place, (parent, size) in enumerate(zip(parents, crowds, strict=False)):
        begin = (place + 1) * offset % (len(crowd) - size)
        edges = edges + [(member, parent) for member in crowd[begin : begin + size]]
    times = times | {member: 2 + member % 11 for member in crowd}
    scores = indices(disruption_counts(*frames(edges, times, pl.Int64), [5, 200]))
    focal = (set(times) - set(crowd)) | set(crowd[::80])
    for window in (5, 200):
        found = by_node(scores.filter(pl.col("window") == window))
        assert {node: found[node] for node in focal} == oracle(edges, times, window, focal), window


EPOCH = datetime(2024, 2, 27, tzinfo=UTC)


@given(temporal_graphs(), st.sampled_from(["ms", "us", "ns"]), st.booleans())
@settings(max_examples=50, deadline=None)
def test_dates_and_datetimes_and_strings_count_as_integers_do(
    graph: tuple[list[tuple[int, int]], dict[int, int | None]], unit: Any, aware: bool
) -> None:
    edges, times = graph
    plain = disruption_counts(*frames(edges, times, pl.Int64), [1, 5]).drop("id")
    named = [(f"m{child:03}", f"m{parent:03}") for child, parent in edges]
    at = [None if time is None else EPOCH + timedelta(days=time) for time in times.values()]
    moments = (
        pl.Series(at, dtype=pl.Datetime(unit, "UTC"))
        if aware
        else pl.Series(at, dtype=pl.Datetime(unit, "UTC")).dt.replace_time_zone(None)
    )
    for dated in (moments, moments.dt.date()):
        edge_frame, models = frames(named, {f"m{node:03}": None for node in times}, pl.Int64)
        counts = disruption_counts(edge_frame, models.with_columns(created_at=dated), [1, 5])
        assert counts["id"].dtype == pl.String
        assert counts.drop("id").equals(plain)


def test_datetimes_are_compared_to_the_second() -> None:
    born = datetime(2025, 1, 1, 12, 0, 0, 900_000, tzinfo=UTC)
    times = {
        "f": born,
        "same second": datetime(2025, 1, 1, 12, 0, 0, 950_000, tzinfo=UTC),
        "next second": datetime(2025, 1, 1, 12, 0, 1, tzinfo=UTC),
        "last second": datetime(2025, 1, 31, 12, 0, 0, 990_000, tzinfo=UTC),
        "too late": datetime(2025, 1, 31, 12, 0, 1, tzinfo=UTC),
    }
    edges = [(child, "f") for child in times if child != "f"]
    counts = disruption_counts(*frames(edges, times), [30])
    assert counts.filter(id="f")["n_i"].item() == 2


@pytest.mark.parametrize("dtype", [pl.Int32, pl.UInt64, pl.Int8, pl.String])
def test_ids_leave_in_the_type_they_came_in(dtype: Any) -> None:
    edges = pl.DataFrame({"child": [1, 2, 7], "parent": [2, 9, 1]})
    edges = edges.cast(pl.String) if dtype == pl.String else edges
    models = pl.DataFrame({"id": pl.Series([2, 1], dtype=pl.Int64).cast(dtype), "created_at": [date(2025, 1, 1)] * 2})
    counts = disruption_counts(edges, models, [30])
    assert counts["id"].dtype == dtype
    assert counts["id"].cast(pl.Int64).to_list() == [2, 1, 7, 9]


def test_ids_far_apart_count_as_ids_close_together_do() -> None:
    edges, times = [(1, 0), (2, 0), (2, 1), (3, 5)], {0: 0, 1: 1, 2: 2, 3: 3}
    near = disruption_counts(*frames(edges, times), [9])
    far = disruption_counts(
        *frames([(c << 50, p << 50) for c, p in edges], {i << 50: t for i, t in times.items()}), [9]
    )
    assert far.drop("id").equals(near.drop("id"))
    assert far["id"].to_list() == [node << 50 for node in near["id"].to_list()]


def test_nothing_at_all_and_no_edges() -> None:
    edges, models = frames([], {}, pl.Int64)
    assert disruption_counts(edges, models, [90]).is_empty()
    counts = disruption_counts(edges, frames([], {1: 5, 2: None})[1], [90])
    assert counts.select(pl.exclude("id", "window")).sum().row(0) == (0,) * 7


def test_the_same_window_twice_and_in_any_order() -> None:
    edges, models = frames([(1, 0), (2, 0), (3, 1)], {0: 0, 1: 1, 2: 4, 3: 9})
    counts = disruption_counts(edges, models, [100, 3, 100])
    assert counts["window"].to_list() == [100] * 4 + [3] * 4 + [100] * 4
    assert counts.head(4).equals(counts.tail(4))
    assert counts.filter(id=1)["n_i"].to_list() == [1, 0, 1]


@pytest.mark.parametrize(
    ("edges", "models", "window", "message"),
    [
        (
            {"kid": [1], "parent": [2]},
            {"id": [1], "created_at": [1]},
            9,
            "no column 'child'; their columns are kid, parent",
        ),
        (
            {"child": [1], "parent": [2]},
            {"id": [1], "time": [1]},
            9,
            "no column 'created_at'; their columns are id, time",
        ),
        ({"child": ["1"], "parent": [2]}, {"id": [1], "created_at": [1]}, 9, "'child' of the edges is String"),
        ({"child": [1.5], "parent": [2]}, {"id": [1], "created_at": [1]}, 9, "'child' of the edges is Float64"),
        (
            {"child": [1, None], "parent": [2, 2]},
            {"id": [1], "created_at": [1]},
            9,
            "'child' of the edges is null in 1 rows",
        ),
        ({"child": [1], "parent": [2]}, {"id": [7, 7], "created_at": [1, 1]}, 9, "'id' of the models repeats: 7"),
        ({"child": [1], "parent": [2]}, {"id": [1], "created_at": [1.5]}, 9, "'created_at' is Float64"),
        ({"child": [1], "parent": [2]}, {"id": [1], "created_at": ["2025"]}, 9, "'created_at' is String"),
        ({"child": [1], "parent": [2]}, {"id": [1], "created_at": [2**63 - 1]}, 9, "beyond"),
        ({"child": [1], "parent": [2]}, {"id": [1], "created_at": [1]}, 0, "must be positive"),
    ],
)
def test_what_is_wrong_is_said(edges: Any, models: Any, window: int, message: str) -> None:
    with pytest.raises(GraphError, match=message):
        disruption_counts(pl.DataFrame(edges), pl.DataFrame(models), [window])


def test_an_id_that_does_not_fit_is_named() -> None:
    models = pl.DataFrame({"id": pl.Series([1], dtype=pl.Int8), "created_at": [1]})
    with pytest.raises(GraphError, match="does not fit Int8"):
        disruption_counts(pl.DataFrame({"child": [1], "parent": [1000]}), models, [9])

"""What swaps keep, what they change, and what the null model makes of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import combinations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from mdi_pipeline.disruption.graph import temporal_graph
from mdi_pipeline.disruption.null_model import _slots, null_scores
from mdi_pipeline.disruption.scores import score_models
from mdi_pipeline.disruption.swaps import shuffle

START = datetime(2023, 1, 1, tzinfo=UTC)
AS_OF = datetime(2025, 1, 1, tzinfo=UTC)


def network(seed: int, n_models: int = 120, n_edges: int = 260) -> tuple[pl.DataFrame, pl.DataFrame]:
    random = np.random.default_rng(seed)
    days = np.sort(random.integers(0, 400, n_models))
    child = random.integers(1, n_models, n_edges)
    parent = (child * random.random(n_edges) ** 2).astype(int)
    edges = (
        pl.DataFrame(
            {
                "child_id": [f"m{node}" for node in child],
                "parent_id": [f"m{node}" if node % 9 else f"away{node}" for node in parent],
                "relation": random.choice(["finetune", "adapter"], n_edges),
            }
        )
        .filter(pl.col("child_id") != pl.col("parent_id"))
        .unique(["child_id", "parent_id"], maintain_order=True)
    )
    models = pl.DataFrame(
        {
            "model_id": [f"m{node}" for node in range(n_models)],
            "created_at": [
                None if node % 17 == 0 else START + timedelta(days=int(day)) for node, day in enumerate(days)
            ],
            "pipeline_tag": ["text-generation"] * n_models,
        },
        schema_overrides={"created_at": pl.Datetime("us", "UTC")},
    )
    return models, edges


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_swaps_keep_parents_and_monthly_inflow_and_the_arrow_of_time(seed: int) -> None:
    models, edges = network(seed)
    graph = temporal_graph(edges, models, child="child_id", parent="parent_id", id="model_id", created_at="created_at")
    slots = _slots(graph, edges, models)
    before = list(zip(slots.child.tolist(), slots.parent.tolist(), strict=True))
    id_of = dict(zip(graph.node.tolist(), graph.ids.to_list(), strict=True))
    month = dict(models.select("model_id", pl.col("created_at").dt.truncate("1mo")).iter_rows())
    relation = {(child, parent): kind for child, parent, kind in edges.iter_rows()}
    kinds = [relation[id_of[child], id_of[parent]] for child, parent in before]

    swapped = shuffle(slots, 10, np.random.default_rng(seed))
    after = list(zip(slots.child.tolist(), slots.parent.tolist(), strict=True))

    assert swapped > 0
    assert after != before
    assert len(set(after)) == len(after)
    assert all(child != parent for child, parent in after)

    def inflow(pairs: list[tuple[int, int]]) -> Counter[object]:
        return Counter(
            (parent, month.get(id_of[child]), kind) for (child, parent), kind in zip(pairs, kinds, strict=True)
        )

    assert inflow(after) == inflow(before)
    born = dict(models.select("model_id", "created_at").iter_rows())
    for (child, parent), old in zip(after, before, strict=True):
        if (child, parent) != old and born.get(id_of[parent]):
            assert born[id_of[parent]] < born[id_of[child]]


Edge = tuple[str, str, str]
Network = frozenset[Edge]


def siblings() -> tuple[pl.DataFrame, pl.DataFrame]:
    """Few edges, of every kind that swaps must heed, and children in the window whose index hangs on them."""
    born = dict.fromkeys("pqr", START) | {"late": START + timedelta(days=40)}
    born |= {name: START + timedelta(days=33 + 3 * rank) for rank, name in enumerate("abcde")}
    born |= {name: START + timedelta(days=61 + rank) for rank, name in enumerate("xyz")}
    edges = [
        *[("a", "p", "finetune"), ("b", "q", "finetune"), ("c", "r", "finetune"), ("d", "late", "finetune")],
        *[("d", "p", "merge"), ("e", "p", "merge"), ("e", "away", "merge")],
        *[("x", "a", "finetune"), ("y", "p", "finetune"), ("z", "q", "finetune"), ("z", "b", "merge")],
    ]
    return pl.DataFrame({"model_id": list(born), "created_at": list(born.values())}), pl.DataFrame(
        edges, schema=["child_id", "parent_id", "relation"], orient="row"
    )


def reachable(models: pl.DataFrame, edges: pl.DataFrame) -> list[Network]:
    """Every network that swaps lead to, found by trying all of them on ids."""
    born: dict[str, datetime] = dict(models.select("model_id", "created_at").iter_rows())

    def may_derive(child: str, parent: str, network: Network) -> bool:
        older = parent not in born or born[parent] < born[child]
        return older and not any(edge[:2] == (child, parent) for edge in network)

    def swapped(network: Network) -> Iterator[Network]:
        for one, other in combinations(network, 2):
            (child, parent, kind), (other_child, other_parent, other_kind) = one, other
            if (born[child].month, kind) != (born[other_child].month, other_kind):
                continue
            if may_derive(child, other_parent, network) and may_derive(other_child, parent, network):
                yield network - {one, other} | {(child, other_parent, kind), (other_child, parent, kind)}

    found = {frozenset(edges.iter_rows())}
    fresh = list(found)
    while fresh:
        fresh = list({after for before in fresh for after in swapped(before)} - found)
        found.update(fresh)
    return sorted(found, key=sorted)


def test_every_network_that_swaps_reach_is_as_likely_as_any_other() -> None:
    models, edges = siblings()
    graph = temporal_graph(edges, models, child="child_id", parent="parent_id", id="model_id", created_at="created_at")
    slots = _slots(graph, edges, models)
    id_of = dict(zip(graph.node.tolist(), graph.ids.to_list(), strict=True))
    expected = {frozenset(edge[:2] for edge in network) for network in reachable(models, edges)}
    random = np.random.default_rng(0)
    drawn: Counter[frozenset[tuple[str, str]]] = Counter()
    for _ in range(n_draws := 100 * len(expected)):
        shuffle(slots, 5, random)
        ends = zip(slots.child.tolist(), slots.parent.tolist(), strict=True)
        drawn[frozenset((id_of[child], id_of[parent]) for child, parent in ends)] += 1
    assert set(drawn) == expected
    assert chisquare(list(drawn.values())).pvalue > 0.001
    assert sum(drawn.values()) == n_draws


def test_mean_and_deviation_are_those_over_all_networks() -> None:
    models, edges = siblings()
    tasked = models.with_columns(pipeline_tag=pl.lit("text-generation"))
    networks = [pl.DataFrame(list(network), schema=edges.schema, orient="row") for network in reachable(models, edges)]
    exact = (
        pl.concat(score_models(tasked, network, AS_OF, [90]) for network in networks)
        .filter(status="scored")
        .group_by("model_id")
        .agg(mean=pl.col("mdi").mean(), deviation=pl.col("mdi").std(ddof=0), share=pl.len() / len(networks))
    )
    n_draws = 400
    result = null_scores(models, edges, AS_OF, 90, n_draws=n_draws, n_headline_draws=2, minimum_n=1)
    both = result.scores.join(exact, on="model_id")
    assert both.height == result.scores.height == 4
    assert both["deviation"].max() > 0.2
    for row in both.iter_rows(named=True):
        assert row["null_mean"] == pytest.approx(row["mean"], abs=5 * row["deviation"] / n_draws**0.5 + 1e-9)
        assert row["null_deviation"] == pytest.approx(row["deviation"], rel=0.15, abs=1e-9)
        assert row["n_draws"] / n_draws == pytest.approx(row["share"], abs=2.5 / n_draws**0.5)


def test_observed_values_are_the_scores() -> None:
    models, edges = network(1, 300, 900)
    result = null_scores(models, edges, AS_OF, 90, n_draws=5, n_headline_draws=9, minimum_n=1)
    scored = score_models(models, edges, AS_OF, [90]).filter(status="scored")
    assert result.scores.select("model_id", "mdi").equals(scored.sort("model_id").select("model_id", "mdi"))
    shares = dict(result.headline.filter(population="scored").select("measure", "estimate").iter_rows())
    assert shares == pytest.approx(
        {
            "share_negative": (scored["mdi"] < 0).mean(),
            "share_zero": (scored["mdi"] == 0).mean(),
            "share_positive": (scored["mdi"] > 0).mean(),
        }
    )
    assert result.headline["n_draws"].unique().to_list() == [9]
    assert result.scores["n_draws"].max() == 5


def test_a_seed_makes_the_same_draws_and_another_makes_others() -> None:
    models, edges = network(2)
    first, again, other = (
        null_scores(models, edges, AS_OF, 90, n_draws=4, n_headline_draws=4, minimum_n=1, seed=seed)
        for seed in (7, 7, 8)
    )
    assert first.scores.equals(again.scores)
    assert first.headline.equals(again.headline)
    assert not first.scores.equals(other.scores)


def test_no_spread_no_z() -> None:
    """A lone chain can swap nothing, so every draw is what was observed."""
    models = pl.DataFrame(
        {"model_id": list("abc"), "created_at": [START, START + timedelta(days=40), START + timedelta(days=80)]}
    )
    edges = pl.DataFrame({"child_id": ["b", "c"], "parent_id": ["a", "b"], "relation": ["finetune", "finetune"]})
    result = null_scores(models, edges, AS_OF, 90, n_draws=5, n_headline_draws=5, minimum_n=1)
    assert result.scores.select("model_id", "mdi", "null_mean", "null_deviation", "z").rows() == [
        ("b", 1.0, 1.0, 0.0, None)
    ]
    assert set(result.headline["p_value"]) == {1.0}


def merges() -> tuple[pl.DataFrame, pl.DataFrame]:
    """f derives from p, and all 20 merges that name f name p too; 20 merges of the same month name x and y."""
    children = [f"c{number:02}" for number in range(40)]
    origins = [("f", "p") if number < 20 else ("x", "y") for number in range(40)]
    pairs = [(child, parent) for child, both in zip(children, origins, strict=True) for parent in both]
    edges = pl.DataFrame([("f", "p"), *pairs], schema=["child_id", "parent_id"], orient="row")
    ids = ["p", "x", "y", "f", *children]
    born = [START] * 3 + [START + timedelta(days=31)] + [START + timedelta(days=61)] * 40
    return pl.DataFrame({"model_id": ids, "created_at": born}), edges.with_columns(relation=pl.lit("merge"))


def test_what_chance_would_not_make_stands_out() -> None:
    heard: list[float] = []
    result = null_scores(*merges(), AS_OF, 90, n_draws=10, n_headline_draws=40, minimum_n=10, progress=heard.append)
    row = result.scores.filter(model_id="f").row(0, named=True)
    assert row["mdi"] == -1
    assert row["null_mean"] > -0.9
    assert row["z"] < -3
    assert heard[-1] == 1


def test_models_with_a_small_denominator_get_no_row() -> None:
    result = null_scores(*merges(), AS_OF, 90, n_draws=2, n_headline_draws=2, minimum_n=21)
    assert result.scores.is_empty()
    assert result.headline.height == 6

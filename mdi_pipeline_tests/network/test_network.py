"""The network against definitions written out plainly."""

from datetime import UTC, datetime

import igraph
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdi_pipeline.network.concentration import gini, power_law, top_share
from mdi_pipeline.network.graph import network_tables, read_graph
from mdi_pipeline.network.structure import network_structure
from mdi_pipeline.network.summary import network_summary
from mdi_pipeline.tables.catalogue import TABLES

Pairs = set[tuple[int, int]]

N = 9
PAIRS = st.sets(
    st.tuples(st.integers(0, N - 1), st.integers(0, N - 1)).filter(lambda pair: pair[0] != pair[1]), max_size=16
)


def name(node: int) -> str:
    return f"o/{node}"


def frames(pairs: Pairs) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`models` and `lineage_edges` of a network of N nodes."""
    models = pl.DataFrame(
        {
            "model_id": [name(node) for node in range(N)],
            "created_at": [datetime(2024, 1, 1 + node, tzinfo=UTC) for node in range(N)],
            "in_snapshot": [True] * N,
            "n_parents": [len({parent for child, parent in pairs if child == node}) for node in range(N)],
            "n_children": [len({child for child, parent in pairs if parent == node}) for node in range(N)],
        }
    )
    edges = pl.DataFrame(
        [
            {
                "child_id": name(child),
                "parent_id": name(parent),
                "relation": "finetune",
                "time_reversed": child < parent,
            }
            for child, parent in sorted(pairs)
        ],
        schema={"child_id": pl.String, "parent_id": pl.String, "relation": pl.String, "time_reversed": pl.Boolean},
    )
    return models, edges


def ancestors(node: int, pairs: Pairs) -> set[int]:
    found: set[int] = set()
    waiting = [node]
    while waiting:
        current = waiting.pop()
        above = {parent for child, parent in pairs if child == current} - found
        found |= above
        waiting += above
    return found


def longest_path(node: int, pairs: Pairs) -> int:
    parents = [parent for child, parent in pairs if child == node]
    return 1 + max(longest_path(parent, pairs) for parent in parents) if parents else 0


def is_acyclic(pairs: Pairs) -> bool:
    return all(node not in ancestors(node, pairs) for node in range(N))


@given(pairs=PAIRS)
def test_structure_is_what_the_definitions_say(pairs: Pairs) -> None:
    tables = network_tables(*frames(pairs))
    kept = {(row["child"], row["parent"]) for row in tables.edges.filter(~pl.col("breaks_cycle")).to_dicts()}
    assert is_acyclic(kept)
    assert bool(tables.edges["breaks_cycle"].sum()) == (not is_acyclic(pairs))
    structure = TABLES["network_structure"].conform(network_structure(tables))
    roots = {node for node in range(N) if not any(child == node for child, _ in kept)}
    both_ways = pairs | {(parent, child) for child, parent in pairs}
    for node, row in enumerate(structure.to_dicts()):
        family = ancestors(node, both_ways) | {node}
        own_roots = (ancestors(node, kept) | {node}) & roots
        assert (row["node"], row["model_id"]) == (node, name(node))
        assert (row["component_id"], row["component_size"]) == (min(family), len(family))
        assert row["generation"] == longest_path(node, kept)
        assert row["n_descendants"] == sum(node in ancestors(other, kept) for other in range(N))
        is_single = len(own_roots) == 1 and node not in roots
        assert row["root_id"] == (name(own_roots.pop()) if is_single else None)
    assert structure["pagerank"].sum() == pytest.approx(1)


@given(pairs=PAIRS)
def test_the_summary_fits_its_table_for_any_network(pairs: Pairs) -> None:
    models, edges = frames(pairs)
    tables = network_tables(models, edges)
    summary = TABLES["network_summary"].conform(network_summary(models, edges, network_structure(tables), tables.edges))
    figures = dict(summary.select("measure", "value").iter_rows())
    assert figures["n_edges"] == len(pairs)
    assert figures["n_time_reversed"] == sum(child < parent for child, parent in pairs)
    cyclic = {node for node in range(N) if node in ancestors(node, pairs)}
    assert figures["n_models_in_cycles"] == len(cyclic)


@given(pairs=PAIRS)
def test_pagerank_is_that_of_the_whole_graph(pairs: Pairs) -> None:
    tables = network_tables(*frames(pairs))
    assert network_structure(tables)["pagerank"].to_list() == pytest.approx(read_graph(tables).pagerank(damping=0.85))


def test_pagerank_flows_from_child_to_parent() -> None:
    structure = network_structure(network_tables(*frames({(1, 0), (2, 0), (3, 0)})))
    ranks = dict(structure.select("model_id", "pagerank").iter_rows())
    assert ranks["o/0"] == max(ranks.values())


def test_the_graph_carries_ids_and_times_on_request() -> None:
    tables = network_tables(*frames({(1, 0), (2, 1)}))
    plain, attributed = read_graph(tables), read_graph(tables, attributes=True)
    assert isinstance(plain, igraph.Graph)
    assert plain.vs.attributes() == []
    assert attributed.es[0].tuple == (1, 0)
    assert attributed.vs["name"][:2] == ["o/0", "o/1"]
    assert attributed.vs["created_at"][0] == int(datetime(2024, 1, 1, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("counts", "expected"),
    [([1, 1, 1, 1], 0.0), ([0, 0, 0, 4], 0.75), ([0, 0], None), ([1, 3], 0.25)],
)
def test_gini(counts: list[int], expected: float | None) -> None:
    assert gini(np.array(counts)) == pytest.approx(expected)


@given(counts=st.lists(st.integers(0, 50), min_size=1, max_size=30).filter(any))
def test_gini_is_half_the_mean_difference_over_the_mean(counts: list[int]) -> None:
    differences = [abs(one - other) for one in counts for other in counts]
    expected = sum(differences) / len(counts) ** 2 / (2 * sum(counts) / len(counts))
    assert gini(np.array(counts)) == pytest.approx(expected)


def test_top_share_counts_at_least_one() -> None:
    assert top_share(np.array([6, 2, 1, 1]), 0.01) == pytest.approx(0.6)
    assert top_share(np.zeros(3, dtype=np.int64), 0.01) is None


def test_a_power_law_is_recovered_and_repeatable() -> None:
    uniform = np.random.default_rng(0).random(20_000)
    counts = np.floor(0.5 * (1 - uniform) ** (-1 / 1.5) + 0.5).astype(np.int64)
    fit = power_law(counts)
    assert fit.alpha == pytest.approx(2.5, abs=0.1)
    assert fit == power_law(counts)
    assert power_law(np.arange(10)).alpha is None

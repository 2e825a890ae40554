"""Where each node stands in the network, against the definitions."""

import pytest
from hypothesis import given

from mdi_pipeline.network.graph import network_tables, read_graph
from mdi_pipeline.network.structure import network_structure
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline_tests.network.small_networks import (
    PAIRS,
    N,
    Pairs,
    ancestors,
    frames,
    longest_path,
    name,
    without_cycles,
)


@given(pairs=PAIRS)
def test_structure_is_what_the_definitions_say(pairs: Pairs) -> None:
    tables = network_tables(*frames(pairs))
    kept = without_cycles(tables)
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
def test_pagerank_is_that_of_the_whole_graph(pairs: Pairs) -> None:
    tables = network_tables(*frames(pairs))
    assert network_structure(tables)["pagerank"].to_list() == pytest.approx(read_graph(tables).pagerank(damping=0.85))


def test_pagerank_flows_from_child_to_parent() -> None:
    structure = network_structure(network_tables(*frames({(1, 0), (2, 0), (3, 0)})))
    ranks = dict(structure.select("model_id", "pagerank").iter_rows())
    assert ranks["o/0"] == max(ranks.values())

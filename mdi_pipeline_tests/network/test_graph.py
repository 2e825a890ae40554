"""The network as tables and as a graph."""

from datetime import UTC, datetime

import igraph
from hypothesis import given

from mdi_pipeline.network.graph import network_tables, read_graph
from mdi_pipeline_tests.network.small_networks import PAIRS, Pairs, frames, is_acyclic, without_cycles


@given(pairs=PAIRS)
def test_edges_are_left_out_where_there_are_cycles_and_then_none_remains(pairs: Pairs) -> None:
    tables = network_tables(*frames(pairs))
    assert is_acyclic(without_cycles(tables))
    assert bool(tables.edges["breaks_cycle"].sum()) == (not is_acyclic(pairs))


def test_the_graph_carries_ids_and_times_on_request() -> None:
    tables = network_tables(*frames({(1, 0), (2, 1)}))
    plain, attributed = read_graph(tables), read_graph(tables, attributes=True)
    assert isinstance(plain, igraph.Graph)
    assert plain.vs.attributes() == []
    assert attributed.es[0].tuple == (1, 0)
    assert attributed.vs["name"][:2] == ["o/0", "o/1"]
    assert attributed.vs["created_at"][0] == int(datetime(2024, 1, 1, tzinfo=UTC).timestamp())

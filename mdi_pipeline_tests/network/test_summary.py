"""Figures that sum the network up."""

from hypothesis import given

from mdi_pipeline.network.graph import network_tables
from mdi_pipeline.network.structure import network_structure
from mdi_pipeline.network.summary import network_summary
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline_tests.network.small_networks import PAIRS, N, Pairs, ancestors, frames


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

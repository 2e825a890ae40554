"""From metadata to lineage edges: which model derives from which, by what evidence.

`parse_lineage` finds what models declare and what can be guessed, `mask` measures the guesses, `admit` lets
the good ones into the network, `wide_edges` takes them all; `network_models` makes the nodes that go with
the edges, `counter_growth` says what became of their counters since an earlier crawl, and `lineage_successors`
finds versions that follow each other.
"""

from mdi_pipeline.lineage.gate import admit, admitted_rules, wide_edges
from mdi_pipeline.lineage.growth import Counted, counter_growth
from mdi_pipeline.lineage.masking import mask
from mdi_pipeline.lineage.nodes import in_other_network, network_models
from mdi_pipeline.lineage.parsing import Lineage, parse_lineage
from mdi_pipeline.lineage.successors import lineage_successors

__all__ = [
    "Counted",
    "Lineage",
    "admit",
    "admitted_rules",
    "counter_growth",
    "in_other_network",
    "lineage_successors",
    "mask",
    "network_models",
    "parse_lineage",
    "wide_edges",
]

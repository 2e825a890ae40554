"""From metadata to lineage edges: which model derives from which, by what evidence.

`parse_lineage` finds what models declare and what can be guessed, `mask` measures the guesses, `admit` lets
the good ones into the network, `wide_edges` takes them all; `network_models` makes the nodes that go with
the edges, `counter_growth` says what became of their counters since an earlier crawl, and `lineage_successors`
finds versions that follow each other.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mdi_pipeline.lineage.gate import admit, admitted_rules, wide_edges
    from mdi_pipeline.lineage.growth import Counted, counter_growth
    from mdi_pipeline.lineage.masking import mask
    from mdi_pipeline.lineage.nodes import in_other_network, network_models
    from mdi_pipeline.lineage.parsing import Lineage, parse_lineage
    from mdi_pipeline.lineage.successors import lineage_successors

_MODULES = {
    "Counted": "growth",
    "Lineage": "parsing",
    "admit": "gate",
    "admitted_rules": "gate",
    "counter_growth": "growth",
    "in_other_network": "nodes",
    "lineage_successors": "successors",
    "mask": "masking",
    "network_models": "nodes",
    "parse_lineage": "parsing",
    "wide_edges": "gate",
}
"""Where each public name is defined; imported when it is first asked for, since some take seconds."""

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


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)

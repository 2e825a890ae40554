"""From metadata to lineage edges: which model derives from which, by what evidence.

`parse_lineage` is the whole of it; `network_models` makes the nodes that go with the edges.
"""

from mdi_pipeline.lineage.nodes import network_models
from mdi_pipeline.lineage.parsing import Lineage, parse_lineage

__all__ = ["Lineage", "network_models", "parse_lineage"]

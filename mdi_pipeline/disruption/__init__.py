"""Disruption indices of any temporal graph, and the scores of the Hub's models."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mdi_pipeline.disruption.counts import disruption_counts
    from mdi_pipeline.disruption.errors import GraphError
    from mdi_pipeline.disruption.formulas import indices

# Looked up when first asked for: numba takes seconds to import, and not every command needs it.
_HOME = {"disruption_counts": "counts", "GraphError": "errors", "indices": "formulas"}

__all__ = ["GraphError", "disruption_counts", "indices"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)

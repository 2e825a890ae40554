"""Disruption indices of any temporal graph, and the scores of the Hub's models."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mdi_pipeline.disruption.counts import disruption_counts
    from mdi_pipeline.disruption.errors import FileError, GraphError
    from mdi_pipeline.disruption.formulas import indices
    from mdi_pipeline.disruption.null_model import NullModel, null_scores
    from mdi_pipeline.disruption.run import ScoreRun, score_files, score_graph
    from mdi_pipeline.disruption.score_status import percentile, status
    from mdi_pipeline.disruption.scores import ranked_scores, score_models, unranked_scores

_MODULES = {
    "FileError": "errors",
    "GraphError": "errors",
    "NullModel": "null_model",
    "ScoreRun": "run",
    "disruption_counts": "counts",
    "indices": "formulas",
    "null_scores": "null_model",
    "percentile": "score_status",
    "ranked_scores": "scores",
    "score_files": "run",
    "score_graph": "run",
    "score_models": "scores",
    "status": "score_status",
    "unranked_scores": "scores",
}
"""Where each public name is defined; imported when it is first asked for, since some take seconds."""

__all__ = [
    "FileError",
    "GraphError",
    "NullModel",
    "ScoreRun",
    "disruption_counts",
    "indices",
    "null_scores",
    "percentile",
    "ranked_scores",
    "score_files",
    "score_graph",
    "score_models",
    "status",
    "unranked_scores",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)

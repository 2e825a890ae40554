"""What only several crawls together can say: models that vanished, and standings that changed.

Frames in, frames out: nothing here knows where tables are kept.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mdi_pipeline.history.changes import score_changes
    from mdi_pipeline.history.gone import Gone, earlier_crawls, gone_models
    from mdi_pipeline.history.models import model_history

_MODULES = {
    "Gone": "gone",
    "earlier_crawls": "gone",
    "gone_models": "gone",
    "model_history": "models",
    "score_changes": "changes",
}
"""Where each public name is defined; imported when it is first asked for, since some take seconds."""

__all__ = [
    "Gone",
    "earlier_crawls",
    "gone_models",
    "model_history",
    "score_changes",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)

"""What only several crawls together can say: models that vanished, and standings that changed.

Frames in, frames out: nothing here knows where tables are kept.
"""

from mdi_pipeline.history.changes import score_changes
from mdi_pipeline.history.gone import Gone, earlier_crawls, gone_models
from mdi_pipeline.history.models import model_history

__all__ = ["Gone", "earlier_crawls", "gone_models", "model_history", "score_changes"]

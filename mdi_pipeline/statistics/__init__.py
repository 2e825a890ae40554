"""From scores to what they say: shares, means and medians of the indices, with intervals.

Frames in, frames out: nothing here knows where tables are kept.
"""

from mdi_pipeline.statistics.factors import score_factors
from mdi_pipeline.statistics.summary import score_summary

__all__ = ["score_factors", "score_summary"]

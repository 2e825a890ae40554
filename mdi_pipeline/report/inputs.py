"""What a report is made from."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property

import polars as pl

from mdi_pipeline.tables import TABLES


@dataclass(frozen=True)
class ReportInputs:
    """The tables of one crawl date, each as `mdi_pipeline.tables` declares it.

    `window_days` is the window that the report speaks of, `n_examples` how many models each ranking shows.
    """

    crawl_date: date
    window_days: int
    crawl_manifest: pl.DataFrame
    models: pl.DataFrame
    lineage_edges: pl.DataFrame
    lineage_candidates: pl.DataFrame
    lineage_rejected: pl.DataFrame
    lineage_quality: pl.DataFrame
    network_structure: pl.DataFrame
    network_summary: pl.DataFrame
    disruption_scores: pl.DataFrame
    score_summary: pl.DataFrame
    score_factors: pl.DataFrame
    score_trends: pl.DataFrame
    trend_tests: pl.DataFrame
    window_sensitivity: pl.DataFrame
    score_regression: pl.DataFrame
    robustness: pl.DataFrame
    survivorship: pl.DataFrame
    attention: pl.DataFrame
    attention_gaps: pl.DataFrame
    null_model: pl.DataFrame
    findings: pl.DataFrame
    n_examples: int = 5

    @classmethod
    def tables(cls) -> list[str]:
        """The tables that a report is made from, by name."""
        return [field.name for field in fields(cls) if field.name in TABLES]

    @cached_property
    def scores(self) -> pl.DataFrame:
        """The scores of the report's window."""
        return self.disruption_scores.filter(pl.col("window_days") == self.window_days)

    @cached_property
    def summary(self) -> pl.DataFrame:
        """`score_summary` for the report's window."""
        return self.score_summary.filter(pl.col("window_days") == self.window_days)

    @cached_property
    def factors(self) -> pl.DataFrame:
        """`score_factors` for the report's window."""
        return self.score_factors.filter(pl.col("window_days") == self.window_days)

"""What a report is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property

import polars as pl

from mdi_pipeline.statistics.populations import scored_models
from mdi_pipeline.tables.catalogue import TABLES

NOT_HELD = ("models", "network_structure", "disruption_scores")
"""Tables with a row, or several, for each model."""

_SHOWN = ("model_id", "pipeline_tag", "n_children")
"""What is shown of scored models, beside what tells populations apart."""


@dataclass(frozen=True)
class ReportInputs:
    """The tables of one crawl date, each as `mdi_pipeline.tables` declares it.

    Those with a row for each model are not held: of them no more is read than what is shown. `window_days` is the
    window that the report speaks of, `n_examples` how many models each ranking shows.
    """

    crawl_date: date
    window_days: int
    crawl_manifest: pl.DataFrame
    models: pl.LazyFrame
    lineage_edges: pl.DataFrame
    lineage_candidates: pl.DataFrame
    lineage_rejected: pl.DataFrame
    lineage_quality: pl.DataFrame
    network_structure: pl.LazyFrame
    network_summary: pl.DataFrame
    disruption_scores: pl.LazyFrame
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

    @classmethod
    def scanned(cls, crawl_date: date, window_days: int, tables: Mapping[str, pl.LazyFrame]) -> ReportInputs:
        """The inputs from tables not yet read: those that are held are read now."""
        held = {name: table if name in NOT_HELD else table.collect() for name, table in tables.items()}
        return cls(crawl_date, window_days, **held)  # type: ignore[arg-type]

    @cached_property
    def scored(self) -> pl.DataFrame:
        """The scored models of the report's window, as `populations.scored_models` gives them, with what is shown."""
        return scored_models(self.disruption_scores, self.models, self.window_days, _SHOWN)

    @cached_property
    def statuses(self) -> dict[str, int]:
        """How many models have each status in the report's window."""
        of_window = self.disruption_scores.filter(pl.col("window_days") == self.window_days)
        return dict(of_window.group_by("status").len().collect().iter_rows())

    @cached_property
    def summary(self) -> pl.DataFrame:
        """`score_summary` for the report's window."""
        return self.score_summary.filter(pl.col("window_days") == self.window_days)

    @cached_property
    def factors(self) -> pl.DataFrame:
        """`score_factors` for the report's window."""
        return self.score_factors.filter(pl.col("window_days") == self.window_days)

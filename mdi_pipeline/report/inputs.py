"""What a report is made from: the tables of a crawl date, and the rows of them that it shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Any

import polars as pl

from mdi_pipeline.statistics.populations import scored_models
from mdi_pipeline.tables.catalogue import TABLES

HEADLINE_INDEX = "mdi"
HEADLINE_POPULATIONS = ("built_upon", "scored")
"""The index and the populations that headline, findings and most figures are about."""

NOT_HELD = ("models", "network_structure", "disruption_scores")
"""Tables with a row, or several, for each model."""

_SHOWN = ("model_id", "pipeline_tag", "n_children")
"""What is shown of scored models, beside what tells populations apart."""


@dataclass(frozen=True)
class ReportInputs:
    """The tables of one crawl date, each as `mdi_pipeline.tables` declares it.

    Tables with a row for each model stay lazy, so that only the columns that are shown are read. `window_days` is the
    window of the whole report, `n_examples` how many models each ranking shows,
    `libraries` the libraries that computed the tables, with their versions.
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
    libraries: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def tables(cls) -> list[str]:
        """The tables that a report is made from, by name."""
        return [field.name for field in fields(cls) if field.name in TABLES]

    @classmethod
    def scanned(
        cls,
        crawl_date: date,
        window_days: int,
        tables: Mapping[str, pl.LazyFrame],
        libraries: Mapping[str, str] = MappingProxyType({}),
    ) -> ReportInputs:
        """The inputs from tables not yet read: those that are held are read now."""
        held = {name: table if name in NOT_HELD else table.collect() for name, table in tables.items()}
        return cls(crawl_date, window_days, **held, libraries=libraries)  # type: ignore[arg-type]

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

    @cached_property
    def headline_attention(self) -> pl.DataFrame:
        """`attention` for the headline index and populations in the report's window."""
        return self.attention.filter(
            pl.col("index") == HEADLINE_INDEX,
            pl.col("window_days") == self.window_days,
            pl.col("population").is_in(list(HEADLINE_POPULATIONS)),
        )

    def summary_row(self, population: str, measure: str) -> dict[str, Any] | None:
        """The row of `score_summary` for the headline index; None where the table does not hold it."""
        rows = self.summary.filter(
            pl.col("population") == population, pl.col("index") == HEADLINE_INDEX, pl.col("measure") == measure
        )
        return rows.row(0, named=True) if rows.height else None

    def regression_of(self, population: str) -> pl.DataFrame:
        """The terms of the regression that the report shows for a population, sorted by term and level.

        It drops models of unknown size. Where that estimates nothing, the regression that keeps them is shown, if that
        estimates something.
        """
        fits = self.score_regression.filter(
            pl.col("population") == population,
            pl.col("index") == HEADLINE_INDEX,
            pl.col("window_days") == self.window_days,
            pl.col("outcome") == "disruptive",
        ).sort("term", "level")
        estimated = set(fits.filter(pl.col("estimate").is_not_null())["missing"])
        return fits.filter(pl.col("missing") == ("indicator" if estimated == {"indicator"} else "dropped"))

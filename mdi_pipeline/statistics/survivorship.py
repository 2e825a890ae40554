"""The table `survivorship`: what deletions do to the scores.

A crawl knows survivors only: a model whose derivatives were deleted looks as if nothing had followed it.
"""

from __future__ import annotations

from datetime import datetime

import polars as pl

from mdi_pipeline.statistics.bootstrap import N_DRAWS
from mdi_pipeline.statistics.robustness import focal_models, links_of, measured, scored_anew
from mdi_pipeline.tables.sensitivity import SURVIVORSHIP, UNITED

ALONE = "one crawl: there is no earlier one to unite it with"


def survivorship(
    models: pl.DataFrame,
    edges: pl.DataFrame,
    gone_models: pl.DataFrame,
    gone_edges: pl.DataFrame,
    n_crawls: int,
    as_of: datetime,
    window_days: int,
    *,
    n_draws: int = N_DRAWS,
    seed: int = 0,
) -> pl.DataFrame:
    """The measures of `robustness` in a crawl, and in its union with what `n_crawls` earlier ones held.

    `models` and `edges` are a `models` and a `lineage_edges` table of the same crawl, `as_of` its moment;
    `gone_models` and `gone_edges` what earlier crawls held and this one does not. Columns out: those of the table
    `survivorship`. Without an earlier crawl the union has its rows without estimates, and the reason.
    """
    single = _scored(models, edges, as_of, window_days)
    declared = pl.concat([edges, gone_edges], how="diagonal")
    # What is united with nothing need not be scored: its estimates are left out below.
    union = _scored(_united(models, gone_models, gone_edges), declared, as_of, window_days) if n_crawls else single
    frames = []
    for variant, scored, n_edges in zip(UNITED, (single, union), (edges.height, declared.height), strict=True):
        rows = measured(scored, None if variant == UNITED[0] else single, n_draws, seed)
        frames.append(rows.with_columns(variant=pl.lit(variant), n_edges=pl.lit(n_edges, dtype=pl.Int64)))
    table = pl.concat(frames).with_columns(
        window_days=pl.lit(window_days, dtype=pl.Int32),
        n_crawls=pl.lit(n_crawls, dtype=pl.Int64),
        n_gone=pl.lit(gone_models.height, dtype=pl.Int64),
    )
    return SURVIVORSHIP.conform(_without_union(table) if n_crawls == 0 else _with_reasons(table))


def _scored(models: pl.DataFrame, edges: pl.DataFrame, as_of: datetime, window_days: int) -> pl.DataFrame:
    """The scored models, named by their ids: numbers differ between crawl and union."""
    focal = focal_models(models)
    scored = scored_anew(focal, links_of(focal, edges), as_of, window_days)
    return scored.with_columns(id=focal["model_id"].gather(scored["id"]))


def _united(models: pl.DataFrame, gone_models: pl.DataFrame, gone_edges: pl.DataFrame) -> pl.DataFrame:
    """The models of the crawl and the gone ones, and the parents of those that neither holds, by name only."""
    held = models.join(gone_models, on="model_id", how="anti", maintain_order="left")
    known = pl.concat([gone_models, held], how="diagonal")
    unheard = gone_edges.select(model_id="parent_id").unique().join(known, on="model_id", how="anti")
    stubs = unheard.sort("model_id").with_columns(is_llm=pl.lit(value=False))
    return pl.concat([known, stubs], how="diagonal")


def _with_reasons(table: pl.DataFrame) -> pl.DataFrame:
    nothing = pl.when(pl.col("estimate").is_null()).then(pl.lit("no model, or all alike"))
    return table.with_columns(reason=nothing)


def _without_union(table: pl.DataFrame) -> pl.DataFrame:
    is_union = pl.col("variant") == UNITED[1]
    unknown = [pl.when(~is_union).then(column).alias(column) for column in ("estimate", "low", "high")]
    return _with_reasons(table).with_columns(*unknown, reason=pl.when(is_union).then(pl.lit(ALONE)).otherwise("reason"))

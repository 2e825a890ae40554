"""The table `lineage_quality`: how much the parser finds, and how far its phases agree."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import polars as pl

from mdi_pipeline.lineage import Lineage
from mdi_pipeline.statistics.bootstrap import AuthorBootstrap, exact_bounds, percentile_interval
from mdi_pipeline.tables import TABLES

N_DRAWS = 1_000

ALONE = 1
"""With one author there is nothing to draw from."""


def lineage_quality(lineage: Lineage, models: pl.DataFrame, *, n_draws: int = N_DRAWS, seed: int = 0) -> pl.DataFrame:
    """Measure a parse of the crawl whose models (`model_id`, `author`) are given.

    `coverage`: share of the models with a parent, by each phase alone and in the default network (phase
    null). `unresolved_share`: share of the edges whose parent nothing else knows. `relation_agreement`: of
    the pairs for which two phases both state a relation, the share for which it is the same. Intervals by
    a bootstrap over the children's authors.
    """
    authors = models.select(child_id="model_id", author=pl.coalesce("author", "model_id"))
    observed = pl.concat([_coverage(lineage, authors), _unresolved(lineage), _agreement(lineage)])
    by_author = (
        observed.join(authors, on="child_id")
        .group_by("measure", "phase", "author")
        .agg(hits=pl.col("hit").sum(), n=pl.len())
        .sort("measure", "phase", "author")
    )
    return TABLES["lineage_quality"].conform(_with_intervals(by_author, n_draws, seed))


def _coverage(lineage: Lineage, authors: pl.DataFrame) -> pl.DataFrame:
    """Whether each model has a parent: by each phase that speaks at all, and in the default network."""
    declared = lineage.resolved.filter(pl.col("rule") != "lone_tag").select("child_id", "phase")
    united = lineage.edges.select("child_id", phase=pl.lit(None, dtype=pl.String))
    found = pl.concat([declared, united]).unique().with_columns(hit=True)
    everyone = authors.select("child_id").join(
        pl.concat([found.select("phase"), pl.DataFrame({"phase": [None]}, schema={"phase": pl.String})]).unique(),
        how="cross",
    )
    return everyone.join(found, on=["child_id", "phase"], how="left", nulls_equal=True).select(
        "child_id", "phase", measure=pl.lit("coverage"), hit=pl.col("hit").fill_null(value=False)
    )


def _unresolved(lineage: Lineage) -> pl.DataFrame:
    by_phase = lineage.edges.select("child_id", "phase", hit=pl.col("resolution") == "unresolved")
    united = by_phase.with_columns(phase=pl.lit(None, dtype=pl.String))
    return pl.concat([by_phase, united]).select("child_id", "phase", measure=pl.lit("unresolved_share"), hit="hit")


def _agreement(lineage: Lineage) -> pl.DataFrame:
    stated = (
        lineage.resolved.filter(pl.col("rule") != "lone_tag")
        .drop_nulls("relation")
        .unique(["child_id", "parent_id", "phase"], keep="first", maintain_order=True)
        .select("child_id", "parent_id", "phase", "relation")
    )
    phases = ("hub", "tag", "card")
    pairs = [
        stated.filter(phase=first)
        .join(stated.filter(phase=second), on=["child_id", "parent_id"])
        .select("child_id", phase=pl.lit(f"{first}+{second}"), hit=pl.col("relation") == pl.col("relation_right"))
        for first, second in combinations(phases, 2)
    ]
    return pl.concat(pairs).select("child_id", "phase", measure=pl.lit("relation_agreement"), hit="hit")


def _with_intervals(by_author: pl.DataFrame, n_draws: int, seed: int) -> pl.DataFrame:
    """The share of hits of each measure and phase, with its interval."""
    from scipy.sparse import csr_matrix

    cells = by_author.select("measure", "phase").unique(maintain_order=True).with_row_index("cell")
    placed = by_author.join(cells, on=["measure", "phase"], nulls_equal=True, maintain_order="left")
    rows = np.arange(placed.height)
    membership = csr_matrix((np.ones(placed.height), (rows, placed["cell"].to_numpy())), (placed.height, cells.height))
    bootstrap = AuthorBootstrap(placed["author"], membership, n_draws, seed)
    hits = bootstrap.totals(placed["hits"].cast(pl.Float64).to_numpy())
    n = bootstrap.totals(placed["n"].cast(pl.Float64).to_numpy())
    estimate = hits.sum(axis=0) / n.sum(axis=0)
    n_authors = bootstrap.n_authors(np.ones(placed.height, dtype=np.bool_))
    low, high = percentile_interval(bootstrap.ratios(hits, n))
    exact_low, exact_high = exact_bounds(estimate, n_authors)
    certain = (estimate == 0) | (estimate == 1)
    alone = n_authors <= ALONE
    return cells.select(
        "measure",
        "phase",
        relation=pl.lit(None, dtype=pl.String),
        rule=pl.lit(None, dtype=pl.String),
        estimate=pl.Series(estimate),
        low=pl.Series(np.where(alone, np.nan, np.where(certain, exact_low, low))).fill_nan(None),
        high=pl.Series(np.where(alone, np.nan, np.where(certain, exact_high, high))).fill_nan(None),
        n=pl.Series(n.sum(axis=0).round().astype(np.int64)),
    )

"""The table `robustness`: the scores when part of the network is left out.

The union of all crawls, which shows what deletions do, takes several crawls: `statistics.survivorship`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import numpy as np
import polars as pl

from mdi_pipeline.compute.id_lookup import ends
from mdi_pipeline.disruption.counts import disruption_counts
from mdi_pipeline.disruption.formulas import indices
from mdi_pipeline.disruption.score_status import status
from mdi_pipeline.lineage.authors import author_number
from mdi_pipeline.statistics.agreement import beside_reference, shares_and_agreement
from mdi_pipeline.statistics.bootstrap import N_DRAWS
from mdi_pipeline.statistics.history import order_is_unknown
from mdi_pipeline.tables.findings import SIGNED_INDICES
from mdi_pipeline.tables.sensitivity import ROBUSTNESS

DROPPED_PERCENT = (5, 10, 20)

BOT_COPIES = 1_000
"""An author with so many quantized models runs a script."""

AS_IT_IS = "as_it_is"

KNOWN = ("model_id", "author", "created_at", "is_llm", "relation")
"""What of the models a network is scored anew from, and what groups them."""

LINKED = ("child_id", "parent_id", "relation")
"""What of the edges."""


def robustness(
    models: pl.DataFrame,
    edges: pl.DataFrame,
    as_of: datetime,
    window_days: int,
    *,
    n_draws: int = N_DRAWS,
    seed: int = 0,
) -> pl.DataFrame:
    """Shares of each index in every variant of the network, and how its ranking agrees with the network as it is.

    `models` is a `models`, `edges` a `lineage_edges` table of the same crawl, `as_of` the crawl's moment. A model
    all of whose edges are left out is a root there, and not scored. Columns out: those of the table `robustness`.
    Each of the variants is scored anew.
    """
    focal = focal_models(models)
    links = links_of(focal, edges)
    tied = focal.join(order_is_unknown(models, edges), on="model_id", how="semi").select("id")
    as_it_is = scored_anew(focal, links, as_of, window_days)

    def of_variant(variant: str, scored: pl.DataFrame, n_edges: int) -> pl.DataFrame:
        reference = None if variant == AS_IT_IS else as_it_is
        return measured(scored, reference, n_draws, seed).with_columns(variant=pl.lit(variant), n_edges=pl.lit(n_edges))

    frames = []
    for variant, kept in _kept_edges(links, seed):
        scored = as_it_is if kept.height == links.height else scored_anew(focal, kept, as_of, window_days)
        frames.append(of_variant(variant, scored, kept.height))
    without_ties = as_it_is.join(tied, on="id", how="anti", maintain_order="left")
    frames.append(of_variant("without_ties", without_ties, links.height))
    return ROBUSTNESS.conform(pl.concat(frames).with_columns(window_days=pl.lit(window_days, dtype=pl.Int32)))


def focal_models(models: pl.DataFrame) -> pl.DataFrame:
    """The models by number, in the order of their ids, with what groups them."""
    known = models.select(KNOWN).sort("model_id")
    return known.with_columns(id=pl.int_range(pl.len(), dtype=pl.Int64), cluster=author_number()).drop("author")


def links_of(focal: pl.DataFrame, edges: pl.DataFrame) -> pl.DataFrame:
    """The edges by number, with the author of the child, sorted."""
    linked = ends(edges.select(LINKED), focal["model_id"])
    return linked.select(
        pl.col("child", "parent").cast(pl.Int64), author=focal["cluster"].gather(linked["child"]), relation="relation"
    ).sort("child", "parent")


def _kept_edges(links: pl.DataFrame, seed: int) -> Iterator[tuple[str, pl.DataFrame]]:
    """The edges of each variant that differs by edges."""
    yield AS_IT_IS, links
    place = np.random.default_rng(seed).permutation(links.height)
    for percent in DROPPED_PERCENT:
        yield f"random_edges_{percent:02d}", links.filter(place >= links.height * percent / 100)
    authors = (
        links.group_by("author").agg(n=pl.len(), n_quantized=_copies()).sort(["n", "author"], descending=[True, False])
    )
    before = authors.with_columns(share=(pl.col("n").cum_sum() - pl.col("n")) / links.height)
    for percent in DROPPED_PERCENT:
        largest = before.filter(pl.col("share") < percent / 100)
        yield f"largest_publishers_{percent:02d}", links.join(largest, on="author", how="anti", maintain_order="left")
    bots = authors.filter(pl.col("n_quantized") >= BOT_COPIES)
    yield "without_bots", links.join(bots, on="author", how="anti", maintain_order="left")


def _copies() -> pl.Expr:
    return pl.col("child").filter(pl.col("relation") == "quantized").n_unique()


def scored_anew(focal: pl.DataFrame, links: pl.DataFrame, as_of: datetime, window_days: int) -> pl.DataFrame:
    """The scored models of a network of `focal_models` and `links_of`, by number, with their indices."""
    counts = disruption_counts(links, focal, [window_days]).rename({"window": "window_days"})
    return (
        indices(counts)
        .join(focal.drop("model_id"), on="id", how="left", maintain_order="left")
        .filter(status(as_of) == "scored")
        .select("id", "cluster", "n_i", "n_j", "is_llm", "relation", *SIGNED_INDICES)
    )


def measured(scored: pl.DataFrame, reference: pl.DataFrame | None, n_draws: int, seed: int) -> pl.DataFrame:
    """Shares of each index among the scored models and, where there is a reference, its ranks against it, by `id`."""
    if reference is not None:
        scored = beside_reference(scored, reference.select("id", *SIGNED_INDICES), "id")
    return shares_and_agreement(scored, SIGNED_INDICES, agreement=reference is not None, n_draws=n_draws, seed=seed)

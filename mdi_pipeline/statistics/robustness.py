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
from mdi_pipeline.disruption.standing import status
from mdi_pipeline.lineage.authors import author_number
from mdi_pipeline.statistics.bootstrap import AuthorDraws
from mdi_pipeline.statistics.cells import population_cells
from mdi_pipeline.statistics.estimates import floats, measured_by, several_shares, stacked
from mdi_pipeline.statistics.history import order_is_unknown
from mdi_pipeline.statistics.measures import SHARES
from mdi_pipeline.statistics.rank_correlation import rank_correlations
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
    models: pl.DataFrame, edges: pl.DataFrame, as_of: datetime, window_days: int, *, n_draws: int = 1_000, seed: int = 0
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
    frames = []
    for variant, kept in _kept_edges(links, seed):
        scored = as_it_is if kept.height == links.height else scored_anew(focal, kept, as_of, window_days)
        frames.append(measured(variant, scored, as_it_is, n_draws, seed).with_columns(n_edges=pl.lit(kept.height)))
    without_ties = as_it_is.join(tied, on="id", how="anti", maintain_order="left")
    frames.append(
        measured("without_ties", without_ties, as_it_is, n_draws, seed).with_columns(n_edges=pl.lit(links.height))
    )
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


def measured(variant: str, scored: pl.DataFrame, as_it_is: pl.DataFrame, n_draws: int, seed: int) -> pl.DataFrame:
    """Shares of each index among the scored models of a variant, and its ranks against those as it is, by `id`."""
    paired = scored.join(
        as_it_is.select("id", pl.col(SIGNED_INDICES).name.suffix("_before")), on="id", how="left", maintain_order="left"
    )
    paired, draws = AuthorDraws(paired["cluster"], n_draws, seed).arranged(paired)
    cells = population_cells(paired)
    bootstrap = draws.over(cells.membership)
    compared = {
        (index, measure): (defined, sign(values, 0))
        for index, (values, defined) in measured_by(paired, SIGNED_INDICES).items()
        for measure, sign in SHARES.items()
    }
    found = {key: drawn.estimates for key, drawn in several_shares(bootstrap, compared).items()}
    if variant != AS_IT_IS:
        in_both = paired.with_columns(
            pl.when(pl.col(f"{index}_before").is_not_null()).then(index) for index in SIGNED_INDICES
        )
        ranked = {
            (index, "rank_correlation"): (defined, values, floats(paired[f"{index}_before"]))
            for index, (values, defined) in measured_by(in_both, SIGNED_INDICES).items()
        }
        found |= rank_correlations(bootstrap, cells.names.height, ranked)
    return stacked(found, ["index", "measure"], cells.names.select("population")).with_columns(variant=pl.lit(variant))

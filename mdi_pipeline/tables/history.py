"""Tables that compare crawls: what became of each model, and whose standing changed."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from mdi_pipeline.tables.columns import choice, count, days, hub_id, real, timestamp
from mdi_pipeline.tables.registry import Table
from mdi_pipeline.tables.vocabulary import STATUSES

CHANGES = ("became_disruptive", "ceased_to_be")
"""How a model's standing can change from one crawl to the next; disruptive is scored with `mdi` above 0."""


class ModelHistory(dy.Schema):
    """A model that any crawl held: when it was seen, what its counters did, its index where no deletion counts.

    Where a deleted model's id was taken by another repository, each of them has a row.
    """

    model_id = hub_id("Id of the model.", key=True)
    repository = dy.Int64(
        primary_key=True,
        min=1,
        description="Number of the repository among those that had the id, in the order in which crawls saw them; "
        "1 for nearly all.",
    )
    created_at = timestamp("When the repository was made, as the last crawl that saw it says.", nullable=True)
    first_crawl = dy.Date(description="First crawl that saw it.")
    last_crawl = dy.Date(description="Last crawl that saw it.")
    n_crawls = dy.Int64(min=1, description="Crawls that saw it.")
    vanished = dy.Bool(description="Whether the newest crawl no longer holds it: deleted, renamed or made private.")
    n_absences = count("Crawls between its first and last that did not see it.")
    downloads_first = count("Downloads in the 30 days before the first crawl that saw it.", nullable=True)
    downloads_last = count("Downloads in the 30 days before the last crawl that saw it.", nullable=True)
    likes_first = count("Likes at the first crawl that saw it.", nullable=True)
    likes_last = count("Likes at the last crawl that saw it.", nullable=True)
    window_days = days("Window of the index below.")
    mdi_of_union = real(
        "Model Disruption Index in the union of all crawls, where what was deleted still counts; null where undefined.",
        low=-1,
        high=1,
    )
    status_of_union = choice(STATUSES, "Whether that index counts, as of the newest crawl.")

    @dy.rule()
    def seen_in_order(cls) -> pl.Expr:
        """The first crawl that saw a model is not later than the last."""
        return pl.col("first_crawl") <= pl.col("last_crawl")


MODEL_HISTORY = Table("model_history", ModelHistory, across_dates=True)


class ScoreChanges(dy.Schema):
    """A model and window whose standing is another than in the previous crawl; empty where there is none."""

    model_id = hub_id("Id of the model.", key=True)
    window_days = days("Length of the window.", key=True)
    previous_crawl_date = dy.Date(description="The newest earlier crawl in the lake, which it is compared with.")
    change = choice(CHANGES, "What it became: disruptive is `scored` with an index above 0.")
    mdi_before = real("Index in the previous crawl; null where it was undefined or the model unknown.", low=-1, high=1)
    mdi = real("Index in this crawl; null where it is undefined or the model gone.", low=-1, high=1)
    status_before = choice(
        STATUSES, "Status in the previous crawl; null where it did not know the model.", nullable=True
    )
    status = choice(STATUSES, "Status in this crawl; null where it no longer knows the model.", nullable=True)


SCORE_CHANGES = Table("score_changes", ScoreChanges)

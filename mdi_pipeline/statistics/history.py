"""What had happened around a model before it was made, and what came after its window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from mdi_pipeline.compute.id_lookup import ends
from mdi_pipeline.disruption.times import SECONDS_PER_DAY
from mdi_pipeline.lineage.authors import author_number
from mdi_pipeline.lineage.events import Calendar

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]


def history_before(models: pl.DataFrame, edges: pl.DataFrame, window_days: int) -> pl.DataFrame:
    """What was known of each dated model with a parent when it was made.

    `models` is a `models` table, `edges` a `lineage_edges` table of the same crawl. Columns: `model_id`;
    `parents_inflow`, children that its parents got in the `window_days` before it was made, summed over the
    parents; `author_derivatives`, derivatives that any models of its author had by then. A model without a known
    author is an author of its own. What was made in the same second does not count. 3 M models and edges take a
    few seconds.
    """
    numbered = _numbered(models)
    links = _links(numbered, edges)
    born = links.drop_nulls("child_second")
    of_parent = Calendar(born["parent"].to_numpy(), born["child_second"].to_numpy())
    derived = Calendar(born["parent_author"].to_numpy(), born["child_second"].to_numpy())
    moment = born["child_second"].to_numpy()
    inflow = (
        born.select("child")
        .with_columns(
            parents_inflow=of_parent.count(born["parent"].to_numpy(), moment - window_days * SECONDS_PER_DAY, moment)
        )
        .group_by("child")
        .agg(pl.col("parents_inflow").sum())
        .sort("child")
    )
    children = numbered[inflow["child"]]
    author, second = children["author_number"].to_numpy(), children["second"].to_numpy()
    return children.select("model_id").with_columns(
        inflow["parents_inflow"], author_derivatives=derived.count(author, np.zeros_like(second), second)
    )


class LaterChildren:
    """When the children of each model of a crawl (`models`, `lineage_edges`) were made, for windows of any length."""

    def __init__(self, models: pl.DataFrame, edges: pl.DataFrame) -> None:
        numbered = _numbered(models)
        born = _links(numbered, edges).drop_nulls("child_second")
        self._of_parent = Calendar(born["parent"].to_numpy(), born["child_second"].to_numpy())
        self._second = numbered["second"]

    def after_window(self, numbers: pl.Series, window_days: int) -> pl.Series:
        """How many children of each of some dated models, by their rows in `models`, were made in (t + W, t + 2 W]."""
        closes = self._second.gather(numbers).to_numpy() + window_days * SECONDS_PER_DAY
        end = closes + window_days * SECONDS_PER_DAY + 1
        return pl.Series("later_children", self._of_parent.count(numbers.cast(pl.Int64).to_numpy(), closes + 1, end))


def order_is_unknown(models: pl.DataFrame, edges: pl.DataFrame) -> pl.DataFrame:
    """The models made in the same second as a parent, a child or another child of a parent. Column: `model_id`."""
    numbered = _numbered(models)
    born = _links(numbered, edges).drop_nulls("child_second")
    of_parent = Calendar(born["parent"].to_numpy(), born["child_second"].to_numpy())
    second = numbered.select(parent="number", parent_second="second")
    moment = born["child_second"].to_numpy()
    beside = of_parent.count(born["parent"].to_numpy(), moment, moment + 1) > 1
    tied = born.with_columns(beside=beside).join(second, on="parent", how="left", maintain_order="left")
    at_once = pl.col("child_second") == pl.col("parent_second")
    children = tied.filter(pl.col("beside") | at_once.fill_null(value=False)).select(number="child")
    parents = tied.filter(at_once).select(number="parent")
    return numbered.join(pl.concat([children, parents]), on="number", how="semi").select("model_id")


def _numbered(models: pl.DataFrame) -> pl.DataFrame:
    """Each model's number, its author's number and its second, counted from the earliest."""
    second = pl.col("created_at").dt.epoch("s")
    return models.select(
        "model_id",
        number=pl.int_range(pl.len(), dtype=pl.Int64),
        author_number=author_number(),
        second=second - second.min(),
    )


def _links(numbered: pl.DataFrame, edges: pl.DataFrame) -> pl.DataFrame:
    """The edges by number: child and its second, parent and its author."""
    linked = ends(edges.select("child_id", "parent_id"), numbered["model_id"])
    return linked.select(
        pl.col("child", "parent").cast(pl.Int64),
        child_second=numbered["second"].gather(linked["child"]),
        parent_author=numbered["author_number"].gather(linked["parent"]),
    )

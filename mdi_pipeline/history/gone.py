"""Models that earlier crawls held and a later one no longer does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

import polars as pl

from mdi_pipeline.tables.lineage import LINEAGE_EDGES, MODELS

MAX_CRAWLS = 24
"""Most earlier crawls that are looked into. Of more, those are taken that lie most evenly between first and last:
a model that lived for months stands in several."""


class Gone(NamedTuple):
    """Models and edges as the last of the earlier crawls that held them had them."""

    models: pl.DataFrame
    edges: pl.DataFrame


def earlier_crawls(before: Sequence[date]) -> list[date]:
    """Of earlier crawl dates, oldest first, those that are looked into, newest first."""
    n = min(len(before), MAX_CRAWLS)
    places = {round(step * (len(before) - 1) / max(n - 1, 1)) for step in range(n)}
    return [before[place] for place in sorted(places, reverse=True)]


def gone_models(models: pl.LazyFrame, earlier: Iterable[tuple[pl.LazyFrame, pl.LazyFrame]]) -> Gone:
    """What earlier crawls held and a crawl no longer does.

    `models` is the table `models` of the crawl, `earlier` pairs of `models` and `lineage_edges` of earlier ones, newest
    first. A model known by name only is not held. A renamed model is gone under its old name. Each earlier crawl costs
    a pass over its ids and one over its edges.
    """
    held = models.filter("in_snapshot").select("model_id").collect()
    parts: list[Gone] = []
    for earlier_models, earlier_edges in earlier:
        missing = earlier_models.filter("in_snapshot").join(held.lazy(), on="model_id", how="anti").collect()
        edges = earlier_edges.join(missing.lazy().select(child_id="model_id"), on="child_id", how="semi").collect()
        parts.append(Gone(missing, edges))
        held = pl.concat([held, missing.select("model_id")])
    nothing = Gone(MODELS.empty(), LINEAGE_EDGES.empty())
    return Gone(
        pl.concat([nothing.models, *(part.models for part in parts)], how="diagonal"),
        pl.concat([nothing.edges, *(part.edges for part in parts)], how="diagonal"),
    )

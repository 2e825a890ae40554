"""The wide network: what follows where all that any phase or rule found counts as lineage.

Its tables are computed on the way to the findings and not kept: `wide_edges` makes them from what is kept.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from mdi_pipeline.orchestration.partition import Partition

_KNOWN = (
    "model_id",
    "author",
    "created_at",
    "n_parameters",
    "pipeline_tag",
    "is_llm",
    "in_snapshot",
    "author_models_before",
)
"""What of the models themselves, whatever their edges, findings rest on."""


@dataclass(frozen=True)
class Network:
    """The tables of one network that findings rest on."""

    models: pl.DataFrame | pl.LazyFrame
    edges: pl.DataFrame
    scores: pl.DataFrame | pl.LazyFrame
    summary: pl.DataFrame
    regression: pl.DataFrame


def default_network(partition: Partition) -> Network:
    """The network as it lies in the lake."""
    return Network(
        models=partition.scan("models"),
        edges=partition.read("lineage_edges", ["child_id", "parent_id"]),
        scores=partition.scan("disruption_scores"),
        summary=partition.read("network_summary"),
        regression=partition.read("score_regression"),
    )


def wide_network(partition: Partition) -> Network:
    """The network with every candidate in it."""
    from mdi_pipeline.disruption.scores import unranked_scores
    from mdi_pipeline.lineage.gate import wide_edges
    from mdi_pipeline.lineage.nodes import in_other_network
    from mdi_pipeline.network.summary import children_summary
    from mdi_pipeline.statistics.populations import scored_models
    from mdi_pipeline.statistics.regression import KNOWN, score_regression
    from mdi_pipeline.tables.disruption import WINDOWS_DAYS
    from mdi_pipeline.tables.vocabulary import INDICES

    window = partition.settings.window_days
    edges = wide_edges(partition.read("lineage_edges"), partition.read("lineage_candidates"))
    models = in_other_network(partition.read("models", _KNOWN), edges)
    as_of = partition.read("crawl_manifest")["as_of"].item()
    # Without an edge nothing derives: the rows of the others then say which windows there are.
    scores = unranked_scores(models, edges, as_of, sorted({*WINDOWS_DAYS, window}), derived_only=not edges.is_empty())
    scores = scores.select("model_id", "window_days", "status", "n_i", "n_j", "n_k", "n_j5", *INDICES)
    scored = scored_models(scores, models, window, KNOWN)
    return Network(
        models=models,
        edges=edges,
        scores=scores,
        summary=children_summary(models),
        regression=score_regression(scored, models, edges, window, outcomes=("disruptive",)),
    )

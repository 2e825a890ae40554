"""The wide network: what follows where all that any phase or rule found counts as lineage.

Its tables are computed on the way to the findings and not kept: `wide_edges` makes them from what is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from mdi_pipeline.orchestration.inputs import Inputs


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


def default_network(inputs: Inputs) -> Network:
    """The network as it lies in the lake."""
    return Network(
        models=inputs.scan("models"),
        edges=inputs.read("lineage_edges", ["child_id", "parent_id"]),
        scores=inputs.scan("disruption_scores"),
        summary=inputs.read("network_summary"),
        regression=inputs.read("score_regression"),
    )


def wide_network(inputs: Inputs) -> Network:
    """The network with every candidate in it."""
    from mdi_pipeline.disruption.scores import unranked_scores
    from mdi_pipeline.lineage.gate import wide_edges
    from mdi_pipeline.lineage.nodes import in_other_network
    from mdi_pipeline.network.summary import children_summary
    from mdi_pipeline.statistics.populations import scored_models
    from mdi_pipeline.statistics.regression import KNOWN, score_regression
    from mdi_pipeline.tables.disruption import WINDOWS_DAYS
    from mdi_pipeline.tables.vocabulary import INDICES

    window = inputs.settings.window_days
    edges = wide_edges(inputs.read("lineage_edges"), inputs.read("lineage_candidates"))
    models = in_other_network(inputs.read("models", _KNOWN), edges)
    as_of = inputs.as_of
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

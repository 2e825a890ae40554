"""What follows from the scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import polars as pl

from mdi_pipeline.orchestration.step import Step
from mdi_pipeline.orchestration.steps.scored import scored
from mdi_pipeline.orchestration.steps.wide import Network, default_network, wide_network
from mdi_pipeline.tables.findings import DEFAULT_PHASES, WIDE_PHASES

if TYPE_CHECKING:
    from mdi_pipeline.orchestration.inputs import Inputs
    from mdi_pipeline.orchestration.step import Frames, Made, Number


def _summary(inputs: Inputs) -> Made:
    from mdi_pipeline.statistics.summary import score_summary

    return {"score_summary": score_summary(scored(inputs), inputs.settings.window_days)}


def _factors(inputs: Inputs) -> Made:
    from mdi_pipeline.statistics.factors import score_factors

    return {"score_factors": score_factors(scored(inputs), inputs.settings.window_days)}


def _trends(inputs: Inputs) -> Made:
    from mdi_pipeline.statistics.trends import score_trends, trend_tests

    window = inputs.settings.window_days
    as_of = inputs.as_of
    return {
        "score_trends": score_trends(scored(inputs), as_of, window),
        "trend_tests": trend_tests(scored(inputs), as_of, window),
    }


def _windows(inputs: Inputs) -> Made:
    from mdi_pipeline.statistics.windows import window_sensitivity

    scores, models = inputs.scan("disruption_scores"), inputs.scan("models")
    return {"window_sensitivity": window_sensitivity(scores, models, inputs.settings.window_days)}


def _regression(inputs: Inputs) -> Made:
    from mdi_pipeline.statistics.regression import score_regression

    models, edges = inputs.scan("models"), inputs.read("lineage_edges", ["child_id", "parent_id"])
    return {"score_regression": score_regression(scored(inputs), models, edges, inputs.settings.window_days)}


def _robustness(inputs: Inputs) -> Made:
    from mdi_pipeline.statistics.robustness import KNOWN, LINKED, robustness

    models, edges = inputs.read("models", KNOWN), inputs.read("lineage_edges", LINKED)
    as_of = inputs.as_of
    return {"robustness": robustness(models, edges, as_of, inputs.settings.window_days)}


def _attention(inputs: Inputs) -> Made:
    from mdi_pipeline.statistics.attention import attention, attention_gaps

    models, window = inputs.scan("models"), inputs.settings.window_days
    return {
        "attention": attention(scored(inputs), models, window),
        "attention_gaps": attention_gaps(scored(inputs), models, window),
    }


def _findings(inputs: Inputs) -> Made:
    """The findings in the default network and in the wide one."""
    from mdi_pipeline.compute.parallel import side_by_side
    from mdi_pipeline.statistics.findings import findings

    as_of = inputs.as_of

    def found_in(named: tuple[str, Callable[[Inputs], Network]]) -> pl.DataFrame:
        phases, network_of = named
        one = network_of(inputs)
        return findings(one.scores, one.models, one.edges, one.summary, one.regression, as_of, phases=phases)

    networks = {DEFAULT_PHASES: default_network, WIDE_PHASES: wide_network}
    return {"findings": pl.concat(side_by_side(found_in, networks.items()))}


def _findings_numbers(frames: Frames) -> Mapping[str, Number]:
    """How many claims hold, do not hold and are undecided, over all choices."""
    return dict(frames["findings"]["verdict"].value_counts(sort=True).iter_rows())


def _summary_numbers(frames: Frames) -> Mapping[str, Number]:
    """The headline: shares of the index in the two main populations."""
    headline = frames["score_summary"].filter(
        pl.col("index") == "mdi", pl.col("population").is_in(["scored", "built_upon"]), pl.col("estimate").is_not_null()
    )
    return {
        f"{population}: {measure}": estimate
        for population, measure, estimate in headline.select("population", "measure", "estimate").iter_rows()
    }


ATTENTION = Step(
    name="attention",
    group="statistics",
    reads=("disruption_scores", "models"),
    writes=("attention", "attention_gaps"),
    settings=("window_days",),
    compute=_attention,
)

STEPS = (
    Step(
        name="score_summary",
        group="statistics",
        reads=("disruption_scores", "models"),
        writes=("score_summary",),
        settings=("window_days",),
        compute=_summary,
        numbers={"score_summary": _summary_numbers},
    ),
    Step(
        name="score_factors",
        group="statistics",
        reads=("disruption_scores", "models"),
        writes=("score_factors",),
        settings=("window_days",),
        compute=_factors,
    ),
    Step(
        name="score_trends",
        group="statistics",
        reads=("disruption_scores", "models", "crawl_manifest"),
        writes=("score_trends", "trend_tests"),
        settings=("window_days",),
        compute=_trends,
    ),
    Step(
        name="window_sensitivity",
        group="statistics",
        reads=("disruption_scores", "models"),
        writes=("window_sensitivity",),
        settings=("window_days",),
        compute=_windows,
    ),
    Step(
        name="score_regression",
        group="statistics",
        reads=("disruption_scores", "models", "lineage_edges"),
        writes=("score_regression",),
        settings=("window_days",),
        compute=_regression,
    ),
    Step(
        name="robustness",
        group="statistics",
        reads=("models", "lineage_edges", "crawl_manifest"),
        writes=("robustness",),
        settings=("window_days",),
        compute=_robustness,
    ),
    ATTENTION,
    Step(
        name="findings",
        group="statistics",
        reads=(
            "disruption_scores",
            "models",
            "lineage_edges",
            "lineage_candidates",
            "network_summary",
            "score_regression",
            "crawl_manifest",
        ),
        writes=("findings",),
        settings=("window_days",),
        compute=_findings,
        numbers={"findings": _findings_numbers},
    ),
)

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from mdi_pipeline.disruption.null_model import null_scores
from mdi_pipeline.history.gone import gone_models
from mdi_pipeline.report.inputs import ReportInputs
from mdi_pipeline.statistics.attention import attention, attention_gaps
from mdi_pipeline.statistics.factors import score_factors
from mdi_pipeline.statistics.findings import findings
from mdi_pipeline.statistics.populations import scored_models
from mdi_pipeline.statistics.regression import score_regression
from mdi_pipeline.statistics.robustness import robustness
from mdi_pipeline.statistics.summary import score_summary
from mdi_pipeline.statistics.survivorship import survivorship
from mdi_pipeline.statistics.trends import score_trends, trend_tests
from mdi_pipeline.statistics.windows import window_sensitivity
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline_tests.made_up import AS_OF, made_up_crawl


def inputs_of(tables: dict[str, pl.DataFrame], window_days: int = 90) -> ReportInputs:
    scored = tables["disruption_scores"], tables["models"], window_days
    counted = scored_models(*scored)
    edges = tables["lineage_edges"]
    regression = score_regression(counted, scored[1], edges, window_days)
    made = dict(
        score_summary=score_summary(counted, window_days, n_draws=50),
        score_factors=score_factors(counted, window_days, n_draws=50),
        score_trends=score_trends(counted, AS_OF, window_days, n_draws=50),
        trend_tests=trend_tests(counted, AS_OF, window_days, n_draws=50),
        window_sensitivity=window_sensitivity(*scored, n_draws=50),
        score_regression=regression,
        survivorship=survivorship(
            scored[1], edges, *gone_models(scored[1].lazy(), []), 0, AS_OF, window_days, n_draws=50
        ),
        attention=attention(counted, scored[1], window_days, n_draws=50),
        attention_gaps=attention_gaps(counted, scored[1], window_days),
        robustness=robustness(scored[1], edges, AS_OF, window_days, n_draws=50),
        null_model=null_scores(scored[1], edges, AS_OF, window_days, n_draws=2, n_headline_draws=20).headline,
        findings=_findings(tables, regression),
        **tables,
    )
    return ReportInputs.scanned(date(2026, 10, 28), window_days, {name: table.lazy() for name, table in made.items()})


def _findings(tables: dict[str, pl.DataFrame], regression: pl.DataFrame) -> pl.DataFrame:
    scores, models, edges = (tables[name] for name in ("disruption_scores", "models", "lineage_edges"))
    if scores.is_empty():
        return TABLES["findings"].empty()
    return findings(scores, models, edges, tables["network_summary"], regression, AS_OF, n_draws=50)


@pytest.fixture(scope="session")
def inputs() -> ReportInputs:
    return inputs_of(made_up_crawl(500, seed=1))


def estimated(inputs: ReportInputs) -> ReportInputs:
    """The same crawl as if its regressions had been estimated."""
    terms = inputs.score_regression.with_columns(
        estimate=pl.lit(2.0), low=pl.lit(0.0001), high=pl.lit(4.0), reason=pl.lit(None, dtype=pl.String)
    )
    return replace(inputs, score_regression=terms)


def estimated_with_unknown_sizes(inputs: ReportInputs) -> ReportInputs:
    """The same crawl as if only the regressions that keep models of unknown size had been estimated."""
    kept = estimated(inputs).score_regression.filter(missing="indicator")
    return replace(inputs, score_regression=pl.concat([kept, inputs.score_regression.filter(missing="dropped")]))


def united(inputs: ReportInputs) -> ReportInputs:
    """The same crawl as if three earlier ones had held 41 models that are gone."""
    single = inputs.survivorship.filter(variant="single_crawl")
    union = single.with_columns(
        variant=pl.lit("union_of_crawls"), n_crawls=pl.lit(3, dtype=pl.Int64), n_gone=pl.lit(41, dtype=pl.Int64)
    )
    return replace(inputs, survivorship=pl.concat([single, union]))


def _empty() -> ReportInputs:
    return inputs_of({name: TABLES[name].empty() for name in made_up_crawl(10)})


EMPTYISH: dict[str, Callable[[], ReportInputs]] = {
    "nothing at all": _empty,
    "no closed window": lambda: inputs_of(made_up_crawl(200, seed=2), window_days=30),
    "only open windows": lambda: inputs_of(_still_open(made_up_crawl(200, seed=2))),
    "ten models": lambda: inputs_of(made_up_crawl(10, seed=2)),
    "no language model": lambda: inputs_of(_without_llm(made_up_crawl(300, seed=3))),
    "one author": lambda: inputs_of(_by_one_author(made_up_crawl(300, seed=3))),
}
"""Crawls about which little or nothing can be said."""


def _still_open(tables: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    open_ones = pl.col("status").is_in(["scored", "undefined"])
    status = pl.when(open_ones).then(pl.lit("censored")).otherwise(pl.col("status"))
    return tables | {"disruption_scores": tables["disruption_scores"].with_columns(status=status)}


def _without_llm(tables: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    return tables | {"models": tables["models"].with_columns(is_llm=False)}


def _by_one_author(tables: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    return tables | {"models": tables["models"].with_columns(author=pl.lit("one"))}

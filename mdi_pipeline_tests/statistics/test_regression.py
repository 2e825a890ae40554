"""Regressions: planted effects come back, and what cannot be estimated says so."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from mdi_pipeline.statistics.design import design
from mdi_pipeline.statistics.fitting import Undecided, differences, odds_ratios
from mdi_pipeline.statistics.regression import score_regression
from mdi_pipeline.tables import TABLES
from mdi_pipeline_tests.made_up import made_up_crawl

Crawl = dict[str, pl.DataFrame]


@pytest.fixture(autouse=True)
def _no_warning_escapes() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def planted(crawl: Crawl, seed: int, size: float, finetune: float) -> pl.DataFrame:
    """A table of scores whose signs follow known log odds."""
    rng = np.random.default_rng(seed)
    known = crawl["disruption_scores"].join(crawl["models"], on="model_id", how="left", maintain_order="left")
    tenfold = known["lineage_parameters"].log(10).fill_null(9).to_numpy() - 9
    odds = -1 + size * tenfold + finetune * (known["relation"] == "finetune").fill_null(value=False).to_numpy()
    disruptive = rng.random(known.height) < 1 / (1 + np.exp(-odds))
    scored = pl.col("mdi").is_not_null()
    return crawl["disruption_scores"].with_columns(mdi=pl.when(scored).then(pl.Series(np.where(disruptive, 0.5, -0.5))))


@pytest.fixture(scope="module")
def sized() -> Crawl:
    """A crawl whose models have sizes, and finetunes of one or several parents."""
    crawl = made_up_crawl(2_500, seed=5)
    rng = np.random.default_rng(99)
    sizes = (10 ** rng.uniform(8, 11, crawl["models"].height)).astype(np.int64)
    known = rng.random(crawl["models"].height) < 0.9
    return {
        **crawl,
        "models": crawl["models"].with_columns(lineage_parameters=pl.when(pl.Series(known)).then(pl.Series(sizes))),
    }


def regress(crawl: Crawl, scores: pl.DataFrame | None = None) -> pl.DataFrame:
    table = crawl["disruption_scores"] if scores is None else scores
    return score_regression(table, crawl["models"], crawl["lineage_edges"], 90)


def term(table: pl.DataFrame, name: str, level: str, **choice: str) -> dict[str, object]:
    chosen = {"population": "scored", "outcome": "disruptive", "missing": "indicator", **choice}
    return table.filter(term=name, level=level, **chosen).row(0, named=True)


def test_planted_effects_come_back(sized: Crawl) -> None:
    table = regress(sized, planted(sized, 0, size=1.0, finetune=1.5))
    for missing in ("dropped", "indicator"):
        size = term(table, "parameters", "each tenfold", missing=missing)
        assert size["low"] < np.exp(1.0) < size["high"]  # type: ignore[operator]
        assert size["low"] > 1  # type: ignore[operator]
        for relation in ("adapter", "quantized"):
            row = term(table, "relation", relation, missing=missing)
            assert row["reference"] == "finetune"
            assert row["low"] < np.exp(-1.5) < row["high"]  # type: ignore[operator]
            assert row["high"] < 1  # type: ignore[operator]
    linear = term(table, "parameters", "each tenfold", outcome="index")
    assert linear["low"] > 0  # type: ignore[operator]


@pytest.mark.slow
def test_without_effects_few_are_claimed(sized: Crawl) -> None:
    claimed = 0
    for seed in range(30):
        row = term(regress(sized, planted(sized, seed, size=0, finetune=0)), "parameters", "each tenfold")
        claimed += row["low"] > 1 or row["high"] < 1  # type: ignore[operator]
    assert claimed <= 4


def test_models_without_a_known_size_are_counted_and_dropped(sized: Crawl) -> None:
    table = regress(sized, planted(sized, 0, size=0, finetune=0))
    scored = sized["disruption_scores"].filter(status="scored").join(sized["models"], on="model_id")
    unknown = scored["lineage_parameters"].null_count()
    assert unknown > 10
    assert term(table, "parameters", "each tenfold", outcome="index")["n_parameters_unknown"] == unknown
    kept = term(table, "parameters", "each tenfold", outcome="index", missing="indicator")
    dropped = term(table, "parameters", "each tenfold", outcome="index", missing="dropped")
    assert (kept["n"], dropped["n"]) == (scored.height, scored.height - unknown)


def test_a_level_without_events_is_left_out_and_the_rest_estimated(sized: Crawl) -> None:
    scores = planted(sized, 0, size=1.0, finetune=0)
    adapters = sized["models"].filter(relation="adapter")["model_id"]
    never = pl.col("mdi").is_not_null() & pl.col("model_id").is_in(adapters.implode())
    table = regress(sized, scores.with_columns(mdi=pl.when(never).then(-0.5).otherwise("mdi")))
    adapter = term(table, "relation", "adapter")
    assert adapter["estimate"] is None
    assert str(adapter["reason"]).startswith("no disruptive model among")
    assert term(table, "parameters", "each tenfold")["low"] > 1  # type: ignore[operator]


def test_too_little_is_undecided(sized: Crawl) -> None:
    empty = score_regression(
        TABLES["disruption_scores"].empty(), TABLES["models"].empty(), TABLES["lineage_edges"].empty(), 90
    )
    ten = sized["disruption_scores"].filter(status="scored").head(10)
    one_author = sized["models"].with_columns(author=pl.lit("one"))
    alone = score_regression(sized["disruption_scores"], one_author, sized["lineage_edges"], 90)
    for table in (empty, regress(sized, ten), alone):
        assert table.height > 0
        assert table["estimate"].null_count() == table.height
        assert table["reason"].null_count() == 0


def _matrix(rng: np.random.Generator, n: int = 400) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    return np.column_stack([np.ones(n), rng.normal(size=(n, 2))]), rng.integers(0, 100, n)


def test_separation_is_undecided() -> None:
    matrix, clusters = _matrix(np.random.default_rng(0))
    with pytest.raises(Undecided, match=r"separation|statsmodels"):
        odds_ratios(matrix, matrix[:, 1] > 0.2, clusters)
    nearly = matrix[:, 1] > 2.6
    matrix[:, 2] = nearly
    with pytest.raises(Undecided):
        odds_ratios(matrix, nearly & (np.arange(400) % 2 == 0), clusters)


def test_an_index_that_does_not_vary_is_undecided() -> None:
    matrix, clusters = _matrix(np.random.default_rng(0))
    with pytest.raises(Undecided, match="same index"):
        differences(matrix, np.full(400, -1.0), clusters)


def test_errors_are_clustered_by_author() -> None:
    """Each author's models twice over are no more knowledge."""
    rng = np.random.default_rng(3)
    matrix, clusters = _matrix(rng)
    events = rng.random(400) < 1 / (1 + np.exp(-matrix[:, 1]))
    once, twice = (
        odds_ratios(np.tile(matrix, (copies, 1)), np.tile(events, copies), np.tile(clusters, copies))
        for copies in (4, 8)
    )
    assert twice.estimate == pytest.approx(once.estimate)
    assert twice.high - twice.low == pytest.approx(once.high - once.low, rel=0.01)


def test_terms_that_others_imply_are_left_out() -> None:
    n = 60
    models = pl.DataFrame(
        {
            "lineage_parameters": np.geomspace(1e8, 1e11, n),
            "parents": ["1"] * n,
            "parents_inflow": [2**i % 97 for i in range(n)],
            "author_models_before": [i * i % 89 for i in range(n)],
            "author_derivatives": [i * 7 % 83 for i in range(n)],
            "relation": ["finetune", "merge"] * (n // 2),
            "task": ["text", "image"] * (n // 2),
            "quarter": ["2025-Q1"] * n,
            "cluster": [f"a{i}" for i in range(n)],
            "event": [i % 3 == 0 for i in range(n)],
        }
    )
    made = design(models, need_events=True)
    reasons = {gone.column.term: gone.reason for gone in made.left_out}
    assert "parents" not in {column.term for column in made.columns}
    assert sum(reason == "it follows from the other terms" for reason in reasons.values()) == 1
    assert np.linalg.matrix_rank(made.matrix) == made.matrix.shape[1] == len(made.columns) + 1

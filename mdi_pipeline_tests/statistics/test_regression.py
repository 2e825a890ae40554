"""Regressions: planted effects come back, and what cannot be estimated says so."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from itertools import product

import numpy as np
import polars as pl
import pytest
import statsmodels.api
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mdi_pipeline.statistics.design import design
from mdi_pipeline.statistics.fitting import Undecided, differences, odds_ratios
from mdi_pipeline.statistics.populations import scored_models
from mdi_pipeline.statistics.regression import score_regression
from mdi_pipeline.statistics.separation import told_by_levels
from mdi_pipeline.tables.catalogue import TABLES
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
    return score_regression(scored_models(table, crawl["models"], 90), crawl["models"], crawl["lineage_edges"], 90)


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


def tied(n: int, seed: int) -> pl.DataFrame:
    """Models of which nearly all with two parents are merges, and those that are not never disruptive."""
    rng = np.random.default_rng(seed)
    merge = rng.random(n) < 0.2
    two = merge | (rng.random(n) < 0.02)
    size = 10 ** rng.uniform(8, 11, n)
    chance = 1 / (1 + np.exp(0.5 - (np.log10(size) - 9) + merge))
    return pl.DataFrame(
        {
            "lineage_parameters": size,
            "parents": np.where(two, "2", "1"),
            "parents_inflow": rng.integers(0, 50, n),
            "author_models_before": rng.integers(0, 50, n),
            "author_derivatives": rng.integers(0, 50, n),
            "relation": np.where(merge, "merge", "finetune"),
            "task": rng.choice(["text", "image"], n),
            "quarter": ["2025-Q1"] * n,
            "cluster": np.arange(n),
            "event": (rng.random(n) < chance) & (merge == two),
        }
    )


def test_what_several_terms_tell_together_leaves_the_rest_estimated() -> None:
    models = tied(3_000, 0)
    told = models.filter((pl.col("parents") == "2") & (pl.col("relation") != "merge"))
    made = design(models, need_events=True)
    assert made.models.height == models.height - told.height
    gone = [each for each in made.left_out if each.column.term in {"parents", "relation"}]
    assert len(gone) == 1
    assert gone[0].reason.endswith(f"are left out: {told.height}")
    assert {column.term for column in made.together} | {gone[0].column.term} == {"parents", "relation"}
    events, clusters = made.models["event"].to_numpy(), made.models["cluster"].to_numpy()
    found = dict(zip(made.columns, odds_ratios(made.matrix, events, clusters).estimate, strict=True))
    of_size = next(estimate for column, estimate in found.items() if column.term == "parameters")
    assert np.log(of_size) == pytest.approx(1, abs=0.3)


def test_a_level_that_goes_with_others_is_said_too() -> None:
    """All adapters are images, of which each is disruptive, or of the quarter in which nothing is."""
    models = tied(600, 2).with_columns(pl.int_range(pl.len()).alias("i"))
    image, early = pl.col("i") < 60, pl.col("i").is_between(60, 119)
    models = models.with_columns(
        task=pl.when(image).then(pl.lit("image")).otherwise(pl.lit("text")),
        quarter=pl.when(early).then(pl.lit("2024-Q1")).otherwise(pl.lit("2025-Q1")),
        event=pl.when(image).then(True).when(early).then(False).otherwise("event"),
        relation=pl.when(pl.col("i") < 120).then(pl.lit("adapter")).otherwise("relation"),
    )
    made = design(models, need_events=True)
    gone = {(each.column.term, each.column.level): each for each in made.left_out}
    assert gone["relation", "adapter"].n == 120
    assert gone["relation", "adapter"].n_events == 60
    told = {(each.column.term, each.column.level) for each in made.left_out}
    fitted = {(column.term, column.level) for column in made.columns}
    assert not told & fitted
    assert {("task", "image"), ("quarter", "2024-Q1")} <= told


def test_leaving_out_what_is_told_changes_no_other_estimate() -> None:
    """With one more model, which gives the likelihood a maximum and counts next to nothing, they are the same."""
    models = tied(3_000, 1)
    made = design(models, need_events=True)
    found = odds_ratios(made.matrix, made.models["event"].to_numpy(), made.models["cluster"].to_numpy())
    rare = models.filter((pl.col("parents") == "2") & (pl.col("relation") != "merge")).head(1)
    kept = design(pl.concat([models, rare.with_columns(event=True)]), need_events=True)
    weights = np.append(np.ones(models.height), 1e-9)
    fit = statsmodels.api.GLM(
        kept.models["event"].to_numpy().astype(float),
        kept.matrix,
        family=statsmodels.api.families.Binomial(),
        freq_weights=weights,
    ).fit(maxiter=200)
    by_column = dict(zip(kept.columns, np.asarray(fit.params)[1:], strict=True))
    estimated = [(column, estimate) for column, estimate in zip(made.columns, np.log(found.estimate), strict=True)]
    assert len(estimated) > len(made.together) > 0
    for column, estimate in estimated:
        if column not in made.together:
            assert by_column[column] == pytest.approx(estimate, abs=1e-3)


@given(st.integers(0, 10**6), st.integers(3, 60), st.sampled_from([0.03, 0.3, 0.9]))
def test_just_what_some_direction_of_the_levels_moves_without_end_is_told(seed: int, n: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    models = pl.DataFrame(
        {
            "relation": rng.choice(["finetune", "merge", "adapter"], n),
            "parents": rng.choice(["1", "2"], n),
            "event": rng.random(n) < share,
        }
    )
    terms = ["relation", "parents"]
    told = told_by_levels(models, terms)
    levels = models.select(terms).to_dummies().to_numpy()
    directions = np.array(list(product(range(-2, 3), repeat=levels.shape[1])))
    moved = levels @ directions.T * np.where(models["event"].to_numpy(), 1, -1)[:, np.newaxis]
    never_away = (moved >= 0).all(axis=0)
    assert told.to_list() == (moved[:, never_away] > 0).any(axis=1).tolist()


def test_too_little_is_undecided(sized: Crawl) -> None:
    empty = score_regression(
        scored_models(TABLES["disruption_scores"].empty(), TABLES["models"].empty(), 90),
        TABLES["models"].empty(),
        TABLES["lineage_edges"].empty(),
        90,
    )
    ten = sized["disruption_scores"].filter(status="scored").head(10)
    one_author = sized["models"].with_columns(author=pl.lit("one"))
    alone = score_regression(
        scored_models(sized["disruption_scores"], one_author, 90), one_author, sized["lineage_edges"], 90
    )
    for table in (empty, regress(sized, ten), alone):
        assert table.height > 0
        assert table["estimate"].null_count() == table.height
        assert table["reason"].null_count() == 0


def _matrix(rng: np.random.Generator, n: int = 400) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    return np.column_stack([np.ones(n), rng.normal(size=(n, 2))]), rng.integers(0, 100, n)


def test_separation_is_undecided() -> None:
    matrix, clusters = _matrix(np.random.default_rng(0))
    with pytest.raises(Undecided, match="separation"):
        odds_ratios(matrix, matrix[:, 1] > 0.2, clusters)
    nearly = matrix[:, 1] > 2.6
    matrix[:, 2] = nearly
    with pytest.raises(Undecided):
        odds_ratios(matrix, nearly & (np.arange(400) % 2 == 0), clusters)


def test_a_term_that_hardly_varies_is_undecided_and_the_others_are_not() -> None:
    rng = np.random.default_rng(1)
    matrix, clusters = _matrix(rng, 4_000)
    events = rng.random(4_000) < 1 / (1 + np.exp(5 - matrix[:, 1]))
    matrix[:, 2] *= 0.001
    found = odds_ratios(matrix, events, clusters)
    assert np.log(found.estimate[0]) == pytest.approx(1, abs=0.5)
    assert found.low[0] < found.estimate[0] < found.high[0]
    for nothing in (found.estimate, found.low, found.high):
        assert np.isnan(nothing).tolist() == [False, True]


def test_fits_side_by_side_do_not_hang_on_the_filters_of_warnings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process has one list of them: what one thread sets there, another one's end takes back."""
    rng = np.random.default_rng(0)
    matrix, clusters = _matrix(rng)
    events = rng.random(400) < 1 / (1 + np.exp(-matrix[:, 1]))
    with monkeypatch.context() as patched:
        patched.setattr(warnings, "catch_warnings", None)
        assert odds_ratios(matrix, events, clusters).estimate.size == 2
        assert differences(matrix, matrix[:, 1] + rng.normal(size=400), clusters).estimate.size == 2
        with pytest.raises(Undecided, match="separation"):
            odds_ratios(matrix, matrix[:, 1] > 0.2, clusters)


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

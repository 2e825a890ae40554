"""Scores against networks with swapped parents."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from mdi_pipeline.disruption.null_model import null_scores
from mdi_pipeline.disruption.scores import score_models
from mdi_pipeline_tests.disruption.swapped_networks import START, network, reachable, siblings

AS_OF = datetime(2025, 1, 1, tzinfo=UTC)


def test_mean_and_deviation_are_those_over_all_networks() -> None:
    models, edges = siblings()
    tasked = models.with_columns(pipeline_tag=pl.lit("text-generation"))
    networks = [pl.DataFrame(list(network), schema=edges.schema, orient="row") for network in reachable(models, edges)]
    exact = (
        pl.concat(score_models(tasked, network, AS_OF, [90]) for network in networks)
        .filter(status="scored")
        .group_by("model_id")
        .agg(mean=pl.col("mdi").mean(), deviation=pl.col("mdi").std(ddof=0), share=pl.len() / len(networks))
    )
    n_draws = 400
    result = null_scores(models, edges, AS_OF, 90, n_draws=n_draws, n_headline_draws=2, minimum_n=1)
    both = result.scores.join(exact, on="model_id")
    assert both.height == result.scores.height == 4
    assert both["deviation"].max() > 0.2
    for row in both.iter_rows(named=True):
        assert row["null_mean"] == pytest.approx(row["mean"], abs=5 * row["deviation"] / n_draws**0.5 + 1e-9)
        assert row["null_deviation"] == pytest.approx(row["deviation"], rel=0.15, abs=1e-9)
        assert row["n_draws"] / n_draws == pytest.approx(row["share"], abs=2.5 / n_draws**0.5)


def test_observed_values_are_the_scores() -> None:
    models, edges = network(1, 300, 900)
    result = null_scores(models, edges, AS_OF, 90, n_draws=5, n_headline_draws=9, minimum_n=1)
    scored = score_models(models, edges, AS_OF, [90]).filter(status="scored")
    assert result.scores.select("model_id", "mdi").equals(scored.sort("model_id").select("model_id", "mdi"))
    shares = dict(result.headline.filter(population="scored").select("measure", "estimate").iter_rows())
    assert shares == pytest.approx(
        {
            "share_negative": (scored["mdi"] < 0).mean(),
            "share_zero": (scored["mdi"] == 0).mean(),
            "share_positive": (scored["mdi"] > 0).mean(),
        }
    )
    assert result.headline["n_draws"].unique().to_list() == [9]
    assert result.scores["n_draws"].max() == 5


def test_a_seed_makes_the_same_draws_and_another_makes_others() -> None:
    models, edges = network(2)
    first, again, other = (
        null_scores(models, edges, AS_OF, 90, n_draws=4, n_headline_draws=4, minimum_n=1, seed=seed)
        for seed in (7, 7, 8)
    )
    assert first.scores.equals(again.scores)
    assert first.headline.equals(again.headline)
    assert not first.scores.equals(other.scores)


def test_no_spread_no_z() -> None:
    """A lone chain can swap nothing, so every draw is what was observed."""
    models = pl.DataFrame(
        {"model_id": list("abc"), "created_at": [START, START + timedelta(days=40), START + timedelta(days=80)]}
    )
    edges = pl.DataFrame({"child_id": ["b", "c"], "parent_id": ["a", "b"], "relation": ["finetune", "finetune"]})
    result = null_scores(models, edges, AS_OF, 90, n_draws=5, n_headline_draws=5, minimum_n=1)
    assert result.scores.select("model_id", "mdi", "null_mean", "null_deviation", "z").rows() == [
        ("b", 1.0, 1.0, 0.0, None)
    ]
    assert set(result.headline["p_value"]) == {1.0}


def merges() -> tuple[pl.DataFrame, pl.DataFrame]:
    """f derives from p, and all 20 merges that name f name p too; 20 merges of the same month name x and y."""
    children = [f"c{number:02}" for number in range(40)]
    origins = [("f", "p") if number < 20 else ("x", "y") for number in range(40)]
    pairs = [(child, parent) for child, both in zip(children, origins, strict=True) for parent in both]
    edges = pl.DataFrame([("f", "p"), *pairs], schema=["child_id", "parent_id"], orient="row")
    ids = ["p", "x", "y", "f", *children]
    born = [START] * 3 + [START + timedelta(days=31)] + [START + timedelta(days=61)] * 40
    return pl.DataFrame({"model_id": ids, "created_at": born}), edges.with_columns(relation=pl.lit("merge"))


def test_what_chance_would_not_make_stands_out() -> None:
    heard: list[float] = []
    result = null_scores(*merges(), AS_OF, 90, n_draws=10, n_headline_draws=40, minimum_n=10, progress=heard.append)
    row = result.scores.filter(model_id="f").row(0, named=True)
    assert row["mdi"] == -1
    assert row["null_mean"] > -0.9
    assert row["z"] < -3
    assert heard[-1] == 1


def test_models_with_a_small_denominator_get_no_row() -> None:
    result = null_scores(*merges(), AS_OF, 90, n_draws=2, n_headline_draws=2, minimum_n=21)
    assert result.scores.is_empty()
    assert result.headline.height == 6

"""What models say of themselves beyond their lineage: architecture, benchmarks, habits of the author, growth."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from mdi_pipeline.lineage.growth import Counted, counter_growth
from mdi_pipeline.lineage.nodes import network_models
from mdi_pipeline.lineage.parsing import parse_lineage
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline_tests.lineage.crawls import crawl, model

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def nodes(snapshots: pl.LazyFrame, growth: pl.DataFrame | None = None) -> pl.DataFrame:
    return TABLES["models"].conform(network_models(snapshots, parse_lineage(snapshots).edges, growth))


@pytest.mark.parametrize(
    ("said", "architecture"),
    [
        ({"model_type": "qwen3", "gguf_architecture": "llama", "tags": ["bert"]}, "qwen3"),
        ({"gguf_architecture": "llama", "tags": ["bert"]}, "llama"),
        ({"tags": ["transformers", "en", "qwen3_5_moe", "llama"]}, "qwen3_5_moe"),
        ({"tags": ["diffusers", "diffusers:FluxPipeline", "t5"]}, "FluxPipeline"),
        ({"tags": ["text-generation", "conversational", None]}, None),
        ({}, None),
    ],
)
def test_the_configuration_speaks_before_weights_and_tags(said: dict[str, object], architecture: str | None) -> None:
    assert nodes(crawl(model("a/a", **said)))["architecture"].item() == architecture


def test_benchmark_results_are_counted() -> None:
    result = {"dataset": "gsm8k", "metric": "acc", "value": 0.5}
    found = nodes(
        crawl(
            model("a/one", benchmarks=[result, result]),
            model("a/two"),
            model("a/tagged", tags=["model-index"]),
            model("a/other", tags=["en"]),
        )
    )
    assert found.select("model_id", "n_benchmarks", "reports_benchmarks").rows() == [
        ("a/one", 2, True),
        ("a/other", None, False),
        ("a/tagged", None, True),
        ("a/two", None, False),
    ]


def test_the_main_parent_has_most_children_and_the_first_id_on_a_tie() -> None:
    found = nodes(
        crawl(
            model("x/merge", card_base_models=["a/few", "b/many", "c/many"]),
            model("y/other", card_base_models=["c/many", "b/many"]),
        )
    )
    assert dict(found.select("model_id", "main_parent").drop_nulls().rows()) == {
        "x/merge": "b/many",
        "y/other": "b/many",
    }


def test_habits_stand_beside_dated_models_and_not_beside_stubs() -> None:
    found = nodes(
        crawl(
            model("a/1", NOON, author="a", tags=["base_model:o/o", "base_model:quantized:o/o"]),
            model("a/2", NOON + timedelta(days=1), author="a"),
            model("a/3", author="a"),
        )
    )
    assert found.select("model_id", "author_models_before", "author_quantized_before").rows() == [
        ("a/1", 0, 0),
        ("a/2", 1, 1),
        ("a/3", None, None),
        ("o/o", None, None),
    ]


def test_growth_is_what_was_added_since_both_crawls_read_it() -> None:
    before = crawl(
        model("a/kept", NOON, downloads=10, likes=5, last_modified=NOON),
        model("a/gone", NOON, likes=1),
        model("a/unknown", NOON, likes=None),
    )
    now = crawl(
        model("a/kept", NOON, downloads=7, likes=9, last_modified=NOON),
        model("a/new", NOON, likes=3),
        model("a/unknown", NOON, likes=2),
    )
    growth = counter_growth(Counted(now), Counted(before))
    columns = ["model_id", "downloads_change", "likes_change"]
    assert nodes(now, growth).select(columns).rows() == [
        ("a/kept", -3, 4),
        ("a/new", None, None),
        ("a/unknown", None, None),
    ]
    assert nodes(now)["likes_change"].null_count() == 3
    assert nodes(now, counter_growth(Counted(now), None))["likes_change"].null_count() == 3


@pytest.mark.parametrize("carried", ["now", "before"])
def test_a_model_that_was_carried_over_has_no_growth(carried: str) -> None:
    snapshots = crawl(model("a/old", NOON, likes=5, last_modified=NOON))
    later = NOON + timedelta(seconds=1)
    now, before = (Counted(snapshots, later if carried == which else NOON) for which in ("now", "before"))
    assert counter_growth(now, before).is_empty()
    assert counter_growth(Counted(snapshots, NOON), Counted(snapshots))["likes_change"].to_list() == [0]

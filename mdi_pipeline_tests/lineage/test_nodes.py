"""The nodes: models, stubs, sizes carried down."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from mdi_pipeline.lineage.nodes import in_other_network, network_models
from mdi_pipeline.lineage.parsing import parse_lineage
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline.tables.vocabulary import HUB_FLOOR, RELATIONS
from mdi_pipeline_tests.lineage.crawls import crawl, model

BORN = datetime(2026, 1, 1, 12, tzinfo=UTC)


def nodes(*models: dict[str, object]) -> pl.DataFrame:
    snapshots = crawl(*models)
    return TABLES["models"].conform(network_models(snapshots, parse_lineage(snapshots).edges))


def test_a_parent_outside_the_crawl_becomes_a_stub() -> None:
    found = nodes(model("a/child", card_base_models=["o/base"], author="a"))
    stub = found.filter(model_id="o/base").row(0, named=True)
    assert (stub["in_snapshot"], stub["author"], stub["created_at"], stub["n_children"]) == (False, "o", None, 1)


def test_children_and_parents_are_counted() -> None:
    found = nodes(
        model("a/merge", card_base_models=["o/one", "o/two"]),
        model("a/copy", card_base_models=["o/one"]),
        model("o/one"),
    )
    assert found.select("model_id", "n_parents", "n_children").rows() == [
        ("a/copy", 1, 0),
        ("a/merge", 2, 0),
        ("o/one", 0, 2),
        ("o/two", 0, 1),
    ]


@pytest.mark.parametrize(
    ("tags", "relation"),
    [
        (
            ["base_model:a/a", "base_model:adapter:a/a", "base_model:b/b", "base_model:adapter:b/b", "base_model:c/c"],
            "adapter",
        ),
        (["base_model:a/a", "base_model:adapter:a/a", "base_model:b/b", "base_model:merge:b/b"], "merge"),
        (["base_model:a/a", "base_model:finetune:a/a"], "finetune"),
    ],
)
def test_the_relation_is_the_most_frequent_and_merge_on_a_tie(tags: list[str], relation: str) -> None:
    assert nodes(model("x/child", tags=tags)).filter(model_id="x/child")["relation"].item() == relation


def test_a_creation_time_at_the_floor_is_marked() -> None:
    found = nodes(model("a/at", HUB_FLOOR), model("a/after", HUB_FLOOR + timedelta(seconds=1)), model("a/unknown"))
    assert found.select("model_id", "created_at_floored").rows() == [
        ("a/after", False),
        ("a/at", True),
        ("a/unknown", False),
    ]


def test_adapters_and_quantized_copies_have_the_size_of_what_they_derive_from() -> None:
    found = nodes(
        model("o/base", n_parameters=7_000_000_000),
        model("a/tuned", n_parameters=6_900_000_000, card_base_models=["o/base"]),
        model("a/adapter", n_parameters=40_000_000, card_base_models=["a/tuned"], tags=["lora"]),
        model("a/packed", n_parameters=1_000_000_000, card_base_models=["a/adapter"], tags=["gguf"]),
        model("a/orphan", n_parameters=1_000_000_000, card_base_models=["o/unknown"], tags=["gguf"]),
    )
    sizes = dict(found.select("model_id", "lineage_parameters").iter_rows())
    assert sizes["a/adapter"] == sizes["a/packed"] == sizes["a/tuned"] == 6_900_000_000
    assert sizes["a/orphan"] is None
    assert found.filter(model_id="a/packed")["size_class"].item() == "3-10B"


def test_copies_of_each_other_end() -> None:
    found = nodes(
        model("a/a", n_parameters=1, card_base_models=["b/b"], tags=["gguf"]),
        model("b/b", n_parameters=1, card_base_models=["a/a"], tags=["gguf"]),
    )
    assert found["lineage_parameters"].to_list() == [None, None]


@pytest.mark.parametrize(
    ("parameters", "size"),
    [(1, "<1B"), (10**9, "1-3B"), (3 * 10**9 - 1, "1-3B"), (30 * 10**9, "30-100B"), (10**11, ">=100B")],
)
def test_a_bound_belongs_to_the_class_above(parameters: int, size: str) -> None:
    assert nodes(model("a/a", n_parameters=parameters))["size_class"].item() == size


@pytest.mark.parametrize(
    ("fields", "is_llm"),
    [
        ({"pipeline_tag": "text-generation"}, True),
        ({"pipeline_tag": "text-to-image", "tags": ["conversational"]}, False),
        ({"tags": ["conversational"]}, True),
        ({"tags": ["gguf"]}, False),
        ({}, False),
    ],
)
def test_language_models_are_known_by_task_then_tags(fields: dict[str, object], is_llm: bool) -> None:
    created_at = datetime(2025, 1, 1, tzinfo=UTC)
    assert nodes(model("a/a", created_at, **fields))["is_llm"].item() is is_llm


IDS = [f"{owner}/{number}" for owner in "abc" for number in range(4)]
BEYOND_EDGES = ("model_id", "author", "created_at", "n_parameters", "is_llm", "in_snapshot", "author_models_before")
made = st.builds(
    lambda minute, author, n_parameters, task: {
        "created_at": None if minute is None else HUB_FLOOR + timedelta(minutes=minute),
        "author": author,
        "n_parameters": n_parameters,
        "pipeline_tag": task,
    },
    st.none() | st.integers(1, 4),
    st.sampled_from(["a", "b", None]),
    st.none() | st.integers(1, 10**11),
    st.sampled_from(["text-generation", "fill-mask", None]),
)
edges_between = st.dictionaries(
    st.tuples(st.sampled_from(IDS), st.sampled_from(IDS)).filter(lambda pair: pair[0] != pair[1]),
    st.sampled_from(RELATIONS),
    max_size=12,
)


@given(st.dictionaries(st.sampled_from(IDS), made, min_size=1), edges_between, edges_between)
def test_models_in_another_network_are_as_if_the_crawl_had_had_its_edges(
    models: dict[str, dict[str, object]],
    its_own: dict[tuple[str, str], str],
    others: dict[tuple[str, str], str],
) -> None:
    """What is taken over from the table does not hang on edges; what does is made anew."""
    snapshots = crawl(*({"model_id": model_id, **said} for model_id, said in models.items()))
    own_edges, other_edges = (
        pl.DataFrame(
            [(*pair, relation) for pair, relation in sorted(edges.items()) if pair[0] in models],
            schema={"child_id": pl.String, "parent_id": pl.String, "relation": pl.String},
            orient="row",
        )
        for edges in (its_own, others)
    )
    table = TABLES["models"].conform(network_models(snapshots, own_edges))
    found = in_other_network(table.select(BEYOND_EDGES), other_edges)
    assert {"relation", "n_parents", "n_children", "lineage_parameters", "size_class"} < set(found.columns)
    expected = TABLES["models"].conform(network_models(snapshots, other_edges))
    assert_frame_equal(found, expected.select(found.columns), check_dtypes=False)


def test_benchmark_results_are_counted() -> None:
    result = {"dataset": "gsm8k", "metric": "acc", "value": 0.5}
    found = nodes(
        model("a/one", benchmarks=[result, result]),
        model("a/two"),
        model("a/tagged", tags=["model-index"]),
        model("a/other", tags=["en"]),
    )
    assert found.select("model_id", "n_benchmarks", "reports_benchmarks").rows() == [
        ("a/one", 2, True),
        ("a/other", None, False),
        ("a/tagged", None, True),
        ("a/two", None, False),
    ]


def test_the_main_parent_has_most_children_and_the_first_id_on_a_tie() -> None:
    found = nodes(
        model("x/merge", card_base_models=["a/few", "b/many", "c/many"]),
        model("y/other", card_base_models=["c/many", "b/many"]),
    )
    assert dict(found.select("model_id", "main_parent").drop_nulls().rows()) == {
        "x/merge": "b/many",
        "y/other": "b/many",
    }


def test_habits_stand_beside_dated_models_and_not_beside_stubs() -> None:
    found = nodes(
        model("a/1", BORN, author="a", tags=["base_model:o/o", "base_model:quantized:o/o"]),
        model("a/2", BORN + timedelta(days=1), author="a"),
        model("a/3", author="a"),
    )
    assert found.select("model_id", "author_models_before", "author_quantized_before").rows() == [
        ("a/1", 0, 0),
        ("a/2", 1, 1),
        ("a/3", None, None),
        ("o/o", None, None),
    ]

"""The nodes that go with the edges: every model of the crawl, and every parent known by name only."""

from __future__ import annotations

import numpy as np
import polars as pl

from mdi_pipeline.compute.id_lookup import ends
from mdi_pipeline.lineage.architectures import architecture
from mdi_pipeline.lineage.growth import Counted, counter_growth
from mdi_pipeline.lineage.habits import author_habits
from mdi_pipeline.lineage.parameters import lineage_parameters, size_class
from mdi_pipeline.tables.vocabulary import HUB_FLOOR

LANGUAGE_TASKS = ("text-generation", "text2text-generation")
LANGUAGE_TAGS = ("text-generation", "text-generation-inference", "conversational")
"""What speaks for a language model where the repository states no task."""


BENCHMARK_TAG = "model-index"
"""What the Hub tags a repository with that reports results."""


_FLAGS = ("is_llm", "reports_benchmarks", "created_at_floored")
"""What is known of a stub too: that none of it is so."""


def network_models(snapshots: pl.LazyFrame, edges: pl.DataFrame, growth: pl.DataFrame | None = None) -> pl.DataFrame:
    """The table `models` for a crawl (`model_snapshots`) and its `lineage_edges`.

    `growth` is what `counter_growth` gives; without it no counter has a change. Stubs (parents that the crawl
    lacks) have an id, an owner and children, and nothing else.
    """
    described = snapshots.select(
        "model_id",
        "author",
        "created_at",
        "n_parameters",
        "pipeline_tag",
        "library_name",
        "downloads",
        "downloads_all_time",
        "likes",
        n_benchmarks=pl.col("benchmarks").list.len().cast(pl.Int64),
        reports_benchmarks=_reports_benchmarks(),
        architecture=architecture(),
        created_at_floored=(pl.col("created_at") <= HUB_FLOOR).fill_null(value=False),
        is_llm=_is_llm(),
    ).collect()
    change = counter_growth(Counted(snapshots), None) if growth is None else growth
    nodes, numbered = _nodes(described.join(change, on="model_id", how="left", maintain_order="left"), edges)
    return (
        nodes.join(_main_parent_of(numbered, nodes["n_children"]), on="number", how="left", maintain_order="left")
        .with_columns(main_parent=pl.lit(nodes["model_id"]).gather(pl.col("main_parent")))
        .hstack(author_habits(nodes))
        .drop("number")
    )


def in_other_network(models: pl.DataFrame, edges: pl.DataFrame) -> pl.DataFrame:
    """Models of a crawl, and the stubs, as other `lineage_edges` than those of its table `models` make them.

    Of the table's columns `models` has `model_id`, `author`, `created_at`, `n_parameters`, `in_snapshot` and any others
    that do not hang on edges: they come along. Made anew are `relation`, `n_parents`, `n_children`,
    `lineage_parameters` and `size_class`.
    """
    nodes, _ = _nodes(models.filter("in_snapshot").drop("in_snapshot"), edges)
    return nodes.drop("number")


def _nodes(described: pl.DataFrame, edges: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The models of a crawl and their parents by number with what their edges say, and the edges by number."""
    parents = edges.select(model_id=pl.col("parent_id").unique())
    stubs = parents.join(described, on="model_id", how="anti").with_columns(
        author=pl.when(pl.col("model_id").str.contains("/", literal=True)).then(
            pl.col("model_id").str.split("/").list.first()
        ),
        **{flag: pl.lit(value=False) for flag in _FLAGS if flag in described.columns},
        in_snapshot=pl.lit(value=False),
    )
    known = described.with_columns(in_snapshot=pl.lit(value=True))
    models = pl.concat([known, stubs], how="diagonal").sort("model_id").with_row_index("number")
    numbered = ends(edges, models["model_id"]).select("child", "parent", "relation")
    nodes = (
        models.join(_relation_of(numbered), on="number", how="left", maintain_order="left")
        .with_columns(
            n_parents=_times_named(numbered["child"], models.height),
            n_children=_times_named(numbered["parent"], models.height),
        )
        .pipe(lineage_parameters, numbered)
        .with_columns(size_class=size_class("lineage_parameters"))
    )
    return nodes, numbered


def _times_named(numbers: pl.Series, n_models: int) -> pl.Series:
    """How often each model is named, by number."""
    return pl.Series(np.bincount(numbers.to_numpy(), minlength=n_models))


def _is_llm() -> pl.Expr:
    by_tags = pl.col("tags").list.eval(pl.element().is_in(LANGUAGE_TAGS)).list.any()
    by_task = pl.col("pipeline_tag").is_in(LANGUAGE_TASKS)
    return pl.when(pl.col("pipeline_tag").is_null()).then(by_tags).otherwise(by_task).fill_null(value=False)


def _reports_benchmarks() -> pl.Expr:
    return (
        (pl.col("benchmarks").list.len() > 0)
        .fill_null(pl.col("tags").list.contains(BENCHMARK_TAG))
        .fill_null(value=False)
    )


def _relation_of(edges: pl.DataFrame) -> pl.DataFrame:
    """The relation that most of each child's edges carry, merge first on a tie."""
    return (
        edges.group_by("child", "relation")
        .agg(n=pl.len())
        .sort("child", "n", pl.col("relation") == "merge", "relation", descending=[False, True, True, False])
        .group_by(number="child", maintain_order=True)
        .agg(pl.col("relation").first())
    )


def _main_parent_of(edges: pl.DataFrame, n_children: pl.Series) -> pl.DataFrame:
    """Of each child's parents the one with most children, the first by id on a tie."""
    return (
        edges.select("child", "parent", n_children=n_children.gather(edges["parent"]))
        .sort("n_children", "parent", descending=[True, False])
        .group_by(number="child")
        .agg(main_parent=pl.col("parent").first())
    )

"""How a child derives from its parents where no source says so."""

from __future__ import annotations

import polars as pl

ADAPTER_TAGS = ("peft", "lora", "adapter")
QUANTIZATION_TAGS = ("gguf", "gptq", "awq", "exl2", "exl3", "bitsandbytes")
QUANTIZATION_LIBRARIES = ("gguf", "gptq", "awq", "exllamav2", "bitsandbytes")
BITS_TAG = r"^\d+-?bit$"
"""What an MLX repository carries when it is quantized; without it, it is a conversion."""


def stated_relations(declarations: pl.DataFrame) -> pl.DataFrame:
    """The relation that each child is said to have to its parents: `child`, `child_relation`, `stated_by`.

    `declarations` (`child`, `declared_parent`, `relation`, `strength`: 0 for the strongest phase) are those that make
    the network. The relation is the child's: the Hub keeps one for a repository. Of what several phases state, the
    strongest counts, whose strength is `stated_by`; of several relations that it states, the one of most parents, merge
    first on a tie. Also a parent that can't be used (a local path, the child itself) states it.
    """
    return (
        declarations.drop_nulls("relation")
        .filter(pl.col("strength") == pl.col("strength").min().over("child"))
        .group_by("child", "strength", "relation")
        .agg(n=pl.col("declared_parent").n_unique())
        .sort("child", "n", pl.col("relation") == "merge", "relation", descending=[False, True, True, False])
        .group_by("child", maintain_order=True)
        .agg(child_relation=pl.col("relation").first(), stated_by=pl.col("strength").first())
    )


def with_relations(edges: pl.DataFrame, stated: pl.DataFrame, snapshots: pl.LazyFrame) -> pl.DataFrame:
    """Give each edge (`child`, `relation`, `strength`, `phase`) its relation, and mark which were declared.

    `stated` is what `stated_relations` gives; `strength` is that of the phase that states an edge's own relation, null
    where none does. An edge keeps what the child's strongest phase states of it; every other parent of such a child
    has the child's relation. Where nothing states one: two parents or more: merge. Else by the child's signals: adapter
    before quantized. Else finetune. The tags `merge` and `mergekit` prove nothing: more of their bearers are quantized
    copies than merges. Adds `relation_declared`, drops `strength`.
    """
    is_guess = pl.col("phase").is_in(["config", "name"])
    its_own = (pl.col("strength") <= pl.col("stated_by")).fill_null(pl.col("stated_by").is_null())
    declared = edges.join(stated, on="child", how="left", maintain_order="left").with_columns(
        relation=pl.when(is_guess | its_own).then("relation").otherwise("child_relation")
    )
    undeclared = declared.filter(pl.col("relation").is_null()).select(pl.col("child").unique())
    signals = (
        snapshots.join(undeclared.lazy(), on="child", how="semi")
        .select("child", is_adapter=_is_adapter(), is_quantized=_is_quantized())
        .collect()
    )
    inferred = (
        pl.when(pl.len().over("child") > 1)
        .then(pl.lit("merge"))
        .when("is_adapter")
        .then(pl.lit("adapter"))
        .when("is_quantized")
        .then(pl.lit("quantized"))
        .otherwise(pl.lit("finetune"))
    )
    return (
        declared.join(signals, on="child", how="left", maintain_order="left")
        .with_columns(
            relation=pl.coalesce("relation", inferred),
            relation_declared=pl.col("relation").is_not_null() & ~is_guess,
        )
        .drop("is_adapter", "is_quantized", "child_relation", "stated_by", "strength")
    )


def _has_tag(names: tuple[str, ...]) -> pl.Expr:
    return pl.col("tags").list.eval(pl.element().str.to_lowercase().is_in(names)).list.any().fill_null(value=False)


def _is_adapter() -> pl.Expr:
    return _has_tag(ADAPTER_TAGS) | (pl.col("library_name") == "peft").fill_null(value=False)


def _is_quantized() -> pl.Expr:
    has_bits = pl.col("tags").list.eval(pl.element().str.contains(BITS_TAG)).list.any().fill_null(value=False)
    by_library = pl.col("library_name").is_in(QUANTIZATION_LIBRARIES).fill_null(value=False)
    return _has_tag(QUANTIZATION_TAGS) | (_has_tag(("mlx",)) & has_bits) | by_library

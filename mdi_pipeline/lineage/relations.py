"""How a child derives from its parents where no source says so."""

from __future__ import annotations

import polars as pl

ADAPTER_TAGS = ("peft", "lora", "adapter")
QUANTIZATION_TAGS = ("gguf", "gptq", "awq", "exl2", "exl3", "bitsandbytes")
QUANTIZATION_LIBRARIES = ("gguf", "gptq", "awq", "exllamav2", "bitsandbytes")
BITS_TAG = r"^\d+-?bit$"
"""What an MLX repository carries when it is quantized; without it, it is a conversion."""


def with_relations(edges: pl.DataFrame, snapshots: pl.LazyFrame) -> pl.DataFrame:
    """Fill the null relations of edges (`child`, `relation`, `phase`) and mark which were declared.

    Two parents or more: merge. Else by the child's signals: adapter before quantized. Else finetune. The
    tags `merge` and `mergekit` prove nothing: more of their bearers are quantized copies than merges.
    Adds `relation_declared`.
    """
    undeclared = edges.filter(pl.col("relation").is_null()).select(pl.col("child").unique())
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
        edges.join(signals, on="child", how="left")
        .with_columns(
            relation=pl.coalesce("relation", inferred),
            relation_declared=pl.col("relation").is_not_null() & ~pl.col("phase").is_in(["config", "name"]),
        )
        .drop("is_adapter", "is_quantized")
    )


def _has_tag(names: tuple[str, ...]) -> pl.Expr:
    return pl.col("tags").list.eval(pl.element().str.to_lowercase().is_in(names)).list.any().fill_null(value=False)


def _is_adapter() -> pl.Expr:
    return _has_tag(ADAPTER_TAGS) | (pl.col("library_name") == "peft").fill_null(value=False)


def _is_quantized() -> pl.Expr:
    has_bits = pl.col("tags").list.eval(pl.element().str.contains(BITS_TAG)).list.any().fill_null(value=False)
    by_library = pl.col("library_name").is_in(QUANTIZATION_LIBRARIES).fill_null(value=False)
    return _has_tag(QUANTIZATION_TAGS) | (_has_tag(("mlx",)) & has_bits) | by_library

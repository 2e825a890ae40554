"""What the metadata declares: a frame of (child, parent as written, relation as written), a phase each.

Every function takes canonical records (`model_snapshots`), each with its number (`child`), and returns declarations
with the columns of `DECLARATION_SCHEMA`; nothing is resolved, cleaned or dropped here but what is null.
"""

from __future__ import annotations

import polars as pl

from mdi_pipeline.tables.vocabulary import RELATIONS

DECLARATION_SCHEMA: dict[str, pl.DataType] = {
    "child": pl.UInt32(),
    "declared_parent": pl.String(),
    "relation": pl.String(),
    "phase": pl.String(),
    "rule": pl.String(),
}
"""`relation` is null where the source states none that the Hub knows."""

TAG_PREFIX = "base_model:"
TYPED_TAG = rf"^(?i)({'|'.join(RELATIONS)}):(.*)$"

RELATION_ALONE = rf"^[\[(]?\s*[\"']?({'|'.join(RELATIONS)})[\"']?\s*[\])]?$"
"""A relation, also as the text of a list of one: YAML writes `[quantized]`, and a list comes as its text."""


def hub_declarations(snapshots: pl.LazyFrame) -> pl.LazyFrame:
    """The parents that the Hub itself resolved (`baseModels`)."""
    return _one_a_parent(snapshots, "base_models", "base_model_relation", phase="hub", rule="base_models")


def card_declarations(snapshots: pl.LazyFrame) -> pl.LazyFrame:
    """The parents that the model card names."""
    return _one_a_parent(snapshots, "card_base_models", "card_base_model_relation", phase="card", rule="card")


def config_declarations(snapshots: pl.LazyFrame) -> pl.LazyFrame:
    """The parents that the configuration of an adapter names."""
    return snapshots.select(
        "child",
        declared_parent=pl.col("config_base_model").str.strip_chars(),
        relation=pl.lit("adapter"),
        phase=pl.lit("config"),
        rule=pl.lit("peft_config"),
    ).drop_nulls("declared_parent")


def tag_declarations(snapshots: pl.LazyFrame) -> pl.LazyFrame:
    """The parents in the Hub's tags, `base_model:<id>` and `base_model:<relation>:<id>`.

    A typed tag is believed only where the plain one stands beside it: tools write lone typed tags, and
    half of them hold local paths. The lone ones come out under the rule `lone_tag`. Of several types for
    one parent the first in the Hub's order counts.
    """
    tags = (
        snapshots.select("child", tag="tags")
        .explode("tag", empty_as_null=False, keep_nulls=False)
        .filter(pl.col("tag").str.starts_with(TAG_PREFIX))
        .with_columns(named=pl.col("tag").str.slice(len(TAG_PREFIX)))
        .select(
            "child",
            relation=pl.col("named").str.extract(TYPED_TAG, 1).str.to_lowercase(),
            declared_parent=pl.coalesce(pl.col("named").str.extract(TYPED_TAG, 2), "named").str.strip_chars(),
        )
    )
    return (
        tags.group_by("child", "declared_parent", maintain_order=True)
        .agg(
            relation=pl.col("relation").first(ignore_nulls=True),
            is_plain=pl.col("relation").is_null().any(),
        )
        .select(
            "child",
            "declared_parent",
            "relation",
            phase=pl.lit("tag"),
            rule=pl.when("is_plain").then(pl.lit("tag")).otherwise(pl.lit("lone_tag")),
        )
    )


def _one_a_parent(snapshots: pl.LazyFrame, parents: str, relation: str, *, phase: str, rule: str) -> pl.LazyFrame:
    return (
        snapshots.select("child", parents, relation)
        .explode(parents, empty_as_null=False, keep_nulls=False)
        .drop_nulls(parents)
        .select(
            "child",
            declared_parent=pl.col(parents).str.strip_chars(),
            relation=pl.col(relation).str.strip_chars().str.to_lowercase().str.extract(RELATION_ALONE, 1),
            phase=pl.lit(phase),
            rule=pl.lit(rule),
        )
        .unique(["child", "declared_parent"], keep="first", maintain_order=True)
    )

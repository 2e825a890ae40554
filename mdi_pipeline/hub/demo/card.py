"""Model cards and configurations as JSON text, with the odd shapes that people write."""

from __future__ import annotations

import polars as pl

ODD_CARDS = ('{"name": "some/model"}', "42", "[null]", '[["some/model"]]')
"""What a few cards hold in place of a model's id."""

STATES_RELATION = 7
"""One declared card in so many repeats the relation."""

LISTS_SINGLE_PARENT = 5
"""One card with a single parent in so many writes it as a list all the same."""


def card_text() -> pl.Expr:
    """`cardData` from `index`, `declaration`, `card_parents`, `relation`, `license`, `has_card`; null for none."""
    index, parents = pl.col("index"), pl.col("card_parents")
    listed = pl.lit('["') + parents.list.join('", "') + pl.lit('"]')
    single = pl.lit('"') + parents.list.first() + pl.lit('"')
    odd = pl.lit(pl.Series(ODD_CARDS)).implode().list.get(index % len(ODD_CARDS))
    as_list = (parents.list.len() > 1) | (index % LISTS_SINGLE_PARENT == 0)
    parent = (
        pl.when(pl.col("declaration") == "odd_card")
        .then(odd)
        .when(parents.list.len() > 0)
        .then(pl.when(as_list).then(listed).otherwise(single))
    )
    relation = pl.when((index % STATES_RELATION == 0) & parent.is_not_null()).then(
        pl.lit('"') + pl.col("relation") + pl.lit('"')
    )
    entries = pl.concat_str(
        pl.lit('"base_model": ') + parent,
        pl.lit('"base_model_relation": ') + relation,
        pl.lit('"license": "') + pl.col("license") + pl.lit('"'),
        separator=", ",
        ignore_nulls=True,
    )
    return pl.when(pl.col("has_card") | parent.is_not_null()).then(pl.lit("{") + entries + pl.lit("}"))


def config_text() -> pl.Expr:
    """`config` from `architecture`, `model_type`, `adapter_base`, `has_config`; null without one."""
    plain = (
        pl.lit('{"architectures": ["') + pl.col("architecture") + pl.lit('"], "model_type": "')
        + pl.col("model_type") + pl.lit('"}')
    )  # fmt: skip
    peft = pl.lit('{"peft": {"base_model_name_or_path": "') + pl.col("adapter_base") + pl.lit('"}}')
    return pl.when(pl.col("adapter_base").is_not_null()).then(peft).when("has_config").then(plain)

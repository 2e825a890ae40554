"""Model cards and configurations as JSON text, with the odd shapes that people write."""

from __future__ import annotations

import polars as pl

ODD_CARDS = ('{"name": "some/model"}', "42", "[null]", '[["some/model"]]')
"""What a few cards hold in place of a model's id."""

STATES_RELATION = 7
"""One declared card in so many repeats the relation."""

LISTS_SINGLE_PARENT = 5
"""One card with a single parent in so many writes it as a list all the same."""


def base_model_text() -> pl.Expr:
    """`base_model` of the card from `index` and `card_parents`, as JSON; null where the card names no parent."""
    index, parents = pl.col("index"), pl.col("card_parents")
    listed = pl.lit('["') + parents.list.join('", "') + pl.lit('"]')
    single = pl.lit('"') + parents.list.first() + pl.lit('"')
    as_list = (parents.list.len() > 1) | (index % LISTS_SINGLE_PARENT == 0)
    return pl.when(as_list & (parents.list.len() > 0)).then(listed).otherwise(single)


def odd_base_model_text() -> pl.Expr:
    """`base_model` of a card of no known shape, from `index`."""
    return (pl.col("index") % len(ODD_CARDS)).replace_strict(dict(enumerate(ODD_CARDS)), return_dtype=pl.String)


def card_text() -> pl.Expr:
    """`cardData` from `index`, `base_model`, `relation`, `license`, `has_card`; null without a card."""
    has_parent = pl.col("base_model").is_not_null()
    states_relation = has_parent & (pl.col("index") % STATES_RELATION == 0)
    entries = pl.concat_str(
        pl.lit('"base_model": ') + pl.col("base_model"),
        pl.when(states_relation).then(pl.lit('"base_model_relation": "') + pl.col("relation") + pl.lit('"')),
        pl.lit('"license": "') + pl.col("license") + pl.lit('"'),
        separator=", ",
        ignore_nulls=True,
    )
    return pl.when(pl.col("has_card") | has_parent).then(pl.lit("{") + entries + pl.lit("}"))


def config_text() -> pl.Expr:
    """`config` from `architecture`, `model_type`, `adapter_base`, `has_config`; null without one."""
    plain = (
        pl.lit('{"architectures": ["') + pl.col("architecture") + pl.lit('"], "model_type": "')
        + pl.col("model_type") + pl.lit('"}')
    )  # fmt: skip
    peft = pl.lit('{"peft": {"base_model_name_or_path": "') + pl.col("adapter_base") + pl.lit('"}}')
    return pl.when(pl.col("adapter_base").is_not_null()).then(peft).when("has_config").then(plain)

"""Former names of models: a table of the Hub's first ones, and those that a crawl gives away itself.

A renamed repository keeps answering to its former name, and cards keep naming it so, while the Hub's own
tags carry the present name. Where a child's card names just one parent that its tags lack, and its tags
just one that its card lacks, the two are one model.
"""

from __future__ import annotations

import polars as pl

_OWNERS_OF_BARE_NAMES = {
    "albert": ("albert-base-v1", "albert-base-v2", "albert-large-v2", "albert-xlarge-v2", "albert-xxlarge-v2"),
    "distilbert": (
        "distilbert-base-cased",
        "distilbert-base-cased-distilled-squad",
        "distilbert-base-multilingual-cased",
        "distilbert-base-uncased",
        "distilbert-base-uncased-distilled-squad",
        "distilbert-base-uncased-finetuned-sst-2-english",
        "distilgpt2",
        "distilroberta-base",
    ),
    "FacebookAI": (
        "roberta-base",
        "roberta-large",
        "roberta-large-mnli",
        "xlm-mlm-en-2048",
        "xlm-roberta-base",
        "xlm-roberta-large",
    ),
    "google-bert": (
        "bert-base-cased",
        "bert-base-chinese",
        "bert-base-german-cased",
        "bert-base-multilingual-cased",
        "bert-base-multilingual-uncased",
        "bert-base-uncased",
        "bert-large-cased",
        "bert-large-uncased",
        "bert-large-uncased-whole-word-masking",
        "bert-large-uncased-whole-word-masking-finetuned-squad",
    ),
    "google-t5": ("t5-11b", "t5-3b", "t5-base", "t5-large", "t5-small"),
    "almanach": ("camembert-base",),
    "openai-community": ("gpt2", "gpt2-large", "gpt2-medium", "gpt2-xl", "openai-gpt"),
    "Salesforce": ("ctrl",),
    "transfo-xl": ("transfo-xl-wt103",),
    "xlnet": ("xlnet-base-cased", "xlnet-large-cased"),
}
"""Owners to which the Hub's first models moved when bare names were given up."""

FIRST_MODELS: dict[str, str] = {
    name: f"{owner}/{name}" for owner, names in _OWNERS_OF_BARE_NAMES.items() for name in names
}


def renames(declarations: pl.DataFrame) -> pl.DataFrame:
    """Former names and the present ones: `former_id`, `present_id`, each former id once.

    `declarations` are those of the phases hub, tag and card, `spelling` the number of `declared_parent`. Where two
    children disagree about a former name it is left out. The first models come in from a table where the crawl says
    nothing of them.
    """
    believed = declarations.filter(pl.col("rule") != "lone_tag").select("child", "spelling", "declared_parent", "phase")
    pair = ["child", "spelling"]
    by_card = believed.filter(pl.col("phase") == "card").drop("phase")
    by_hub = believed.filter(pl.col("phase").is_in(["hub", "tag"])).drop("phase")
    only_card = _single(by_card.join(by_hub, on=pair, how="anti"), "former_id")
    only_hub = _single(by_hub.join(by_card, on=pair, how="anti").unique(pair), "present_id")
    learned = (
        only_card.join(only_hub, on="child")
        .group_by("former_id")
        .agg(pl.col("present_id").unique())
        .filter(pl.col("present_id").list.len() == 1)
        .with_columns(pl.col("present_id").list.first())
        .filter(pl.col("former_id") != pl.col("present_id"))
    )
    table = pl.DataFrame({"former_id": list(FIRST_MODELS), "present_id": list(FIRST_MODELS.values())})
    return pl.concat([learned, table.join(learned, on="former_id", how="anti")]).sort("former_id")


def _single(left_over: pl.DataFrame, name: str) -> pl.DataFrame:
    """The children with just one parent left over, and that parent."""
    return (
        left_over.group_by("child")
        .agg(pl.len().alias("n"), pl.col("declared_parent").first().alias(name))
        .filter(pl.col("n") == 1)
        .drop("n")
    )

"""Former names of models: a table of the Hub's first ones, and those that a crawl gives away itself.

A renamed repository keeps answering to its former name, and cards keep naming it so, while the Hub's own
tags carry the present name. Where a child's card names just one parent that its tags lack, and its tags
just one that its card lacks, the two are one model, even if another one has taken the former name since.
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

    `declarations` are those of the phases hub, tag and card. Where two children disagree about a former name it is left
    out. The first models come in from a table where the crawl says nothing of them.
    """
    spelled = declarations.select(
        *("child", "phase", "rule", "declared_parent"),
        lower=pl.col("declared_parent").str.to_lowercase(),
    ).with_columns(is_itself=pl.col("lower") == declarations["child_id"].str.to_lowercase())
    learned = (
        pl.concat([_one_for_one(spelled, "lower", *phases) for phases in _FORMER_AND_PRESENT])
        .select(former_id="declared_parent", present_id="declared_parent_present")
        .group_by("former_id")
        .agg(pl.col("present_id").unique())
        .filter(pl.col("present_id").list.len() == 1)
        .with_columns(pl.col("present_id").list.first())
    )
    table = pl.DataFrame({"former_id": list(FIRST_MODELS), "present_id": list(FIRST_MODELS.values())})
    return pl.concat([learned, table.join(learned, on="former_id", how="anti")]).sort("former_id")


def under_one_name(resolved: pl.DataFrame, created_at: pl.Series) -> pl.DataFrame:
    """Resolved declarations, with what names a parent by its former name meaning the present one (`alias`).

    `created_at` has the time of each model of the crawl, by its number. A model that is younger than the child, named
    by the card or the configuration alone, has taken over a former name: where the crawl gives away whose (`present`,
    `present_id`), that one is meant. Of two names that a child's phases then give one parent, the stronger phase's
    counts, whichever models have them now. Drops those two columns.
    """
    renamed = _with_meant(resolved, _taken_over(resolved, created_at)).drop("present", "present_id")
    for former, present in _FORMER_AND_PRESENT:
        with_loops = renamed.with_columns(is_itself=pl.col("parent") == pl.col("child"))
        twice = _one_for_one(with_loops, "parent", former, present)
        meant = twice.select("child", "phase", "parent", meant="parent_present", meant_id="parent_id_present")
        renamed = _with_meant(renamed, meant)
    return renamed


_FORMER_AND_PRESENT = ((["tag"], ["hub"]), (["card"], ["hub", "tag"]))
"""Phases that may use a former name, and stronger ones that know the present one."""


def _one_for_one(declarations: pl.DataFrame, parent: str, former: list[str], present: list[str]) -> pl.DataFrame:
    """The one parent that some phases of a child have alone, beside the one that stronger phases have alone.

    Parents are equal where the column `parent` is. `is_itself` marks where the child names itself, which is no former
    name of another; but what it calls by a former name may be itself. The columns of the stronger phases' one end
    in `_present`.
    """
    pair = ["child", parent]
    believed = declarations.filter(pl.col("rule") != "lone_tag")
    by_former, by_present = (
        believed.filter(pl.col("phase").is_in(phases)).unique(pair, keep="first", maintain_order=True)
        for phases in (former, present)
    )
    by_former = by_former.filter(~pl.col("is_itself"))
    only_former, only_present = (
        these.join(others, on=pair, how="anti", maintain_order="left").filter(pl.len().over("child") == 1)
        for these, others in ((by_former, by_present), (by_present, by_former))
    )
    return only_former.join(only_present, on="child", suffix="_present")


def _with_meant(resolved: pl.DataFrame, meant: pl.DataFrame) -> pl.DataFrame:
    """Declarations that mean another parent (`meant`, `meant_id`) than was resolved, by child, phase and parent."""
    return (
        resolved.join(meant, on=["child", "phase", "parent"], how="left", maintain_order="left")
        .with_columns(
            resolution=pl.when(pl.col("meant").is_null()).then("resolution").otherwise(pl.lit("alias")),
            parent=pl.coalesce("meant", "parent"),
            parent_id=pl.coalesce("meant_id", "parent_id"),
        )
        .drop("meant", "meant_id")
    )


def _taken_over(resolved: pl.DataFrame, created_at: pl.Series) -> pl.DataFrame:
    """Declarations by the card or the configuration alone that name a model younger than the child by a former name."""
    by_name = resolved.filter(pl.col("phase").is_in(["card", "config"]), pl.col("present") != pl.col("parent"))
    by_hub = resolved.filter(pl.col("phase").is_in(["hub", "tag"]), pl.col("rule") != "lone_tag")
    alone = by_name.join(by_hub, on=["child", "parent"], how="anti")
    in_crawl = alone.select(pl.when(pl.col(end) < created_at.len()).then(end) for end in ("child", "parent", "present"))
    born, parent_born, present_born = (created_at.gather(numbers) for numbers in in_crawl)
    is_taken = (parent_born > born) & ~(present_born > born).fill_null(value=False)
    taken = alone.filter(is_taken.fill_null(value=False))
    return taken.select("child", "phase", "parent", meant="present", meant_id="present_id").unique()

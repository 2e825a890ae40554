"""Local paths that are written like ids: `outputs/checkpoint-500` is a folder on some machine, and no model."""

from __future__ import annotations

import polars as pl

from mdi_pipeline.lineage.identifiers import looks_like_a_checkpoint, looks_like_a_folder


def local_paths(declarations: pl.DataFrame, crawled: pl.DataFrame) -> pl.Series:
    """The spellings (their numbers) of `declarations` that are local paths, though they could be ids.

    `declarations` have `child`, `spelling`, `declared_parent` and `phase`; `crawled` has `model_id` and `author` of
    each model of the crawl, in order of its number. What the crawl holds or the Hub itself resolved (phase hub) is a
    model, whatever its name, and so is what has an owner that the crawl knows. Else what begins like a folder of
    training scripts is a path, and so is what ends like something that they save, if it is a bare name or models of
    several owners name it.
    """
    looks = looks_like_a_folder("declared_parent") | looks_like_a_checkpoint("declared_parent")
    spelled = (
        declarations.select("spelling", "declared_parent")
        .unique("spelling")
        .filter(looks)
        .select("spelling", "declared_parent", lower=pl.col("declared_parent").str.to_lowercase())
    )
    if spelled.is_empty():
        return spelled["spelling"]
    owner = pl.col("lower").str.split("/").list.first()
    ids = crawled.select(lower=pl.col("model_id").str.to_lowercase())
    naming = declarations.join(spelled, on="spelling", how="semi")
    its_author = pl.coalesce("author", pl.col("model_id").str.split("/").list.first())
    authors = crawled[naming["child"]].select(author=its_author)
    named = (
        naming.hstack(authors)
        .group_by("spelling")
        .agg(is_shared=pl.col("author").n_unique() > 1, by_hub=(pl.col("phase") == "hub").any())
    )
    is_bare = ~pl.col("declared_parent").str.contains("/", literal=True)
    return (
        spelled.join(ids, on="lower", how="anti")
        .with_columns(owner=owner)
        .join(ids.select(owner=owner).unique(), on="owner", how="anti")
        .join(named, on="spelling")
        .filter(~pl.col("by_hub"), looks_like_a_folder("declared_parent") | is_bare | pl.col("is_shared"))["spelling"]
    )

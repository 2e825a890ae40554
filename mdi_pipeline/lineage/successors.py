"""Versions that follow each other: the same owner's `-v2` after `-v1`. A signal, and no derivation."""

from __future__ import annotations

import polars as pl

from mdi_pipeline.lineage.stems import plain_name

VERSION = r"-v(\d+(?:\.\d+){0,2})(?:-|$)"
"""A version is a word of its own, `-v2` or `-v1.5`, anywhere in the name but at its beginning."""

FIRST = "1"
"""The version of a model whose name has none, where later ones have."""


def lineage_successors(snapshots: pl.LazyFrame, edges: pl.DataFrame) -> pl.DataFrame:
    """Each model of a crawl that is the later version of another: the table `lineage_successors`.

    A family is an owner's models whose names differ by one word for the version alone, the packaging and all
    other words the same; a model of that name without a version counts as version 1 where there is no other.
    Within a family each version follows the next lower one, unless that is younger. `edges` say which
    successors also declare their predecessor. Linear but for sorting.
    """
    versioned = _versioned(snapshots)
    follows = pl.struct("owner", "family") == pl.struct("owner", "family").shift()
    previous = pl.col("model_id", "version", "created_at", "numbers").shift().name.prefix("previous_")
    return (
        versioned.sort("owner", "family", "numbers")
        .with_columns(previous, follows=follows)
        .filter(
            "follows",
            pl.col("numbers") != pl.col("previous_numbers"),
            ~(pl.col("previous_created_at") > pl.col("created_at")).fill_null(value=False),
        )
        .join(
            edges.select(model_id="child_id", previous_model_id="parent_id", declares_it=pl.lit(value=True)),
            on=["model_id", "previous_model_id"],
            how="left",
        )
        .select(
            "family",
            "version",
            "previous_version",
            successor_id="model_id",
            predecessor_id="previous_model_id",
            declares_it=pl.col("declares_it").fill_null(value=False),
        )
        .sort("successor_id")
    )


def _versioned(snapshots: pl.LazyFrame) -> pl.DataFrame:
    """Models of families in which some name has a version; of equal versions one, that with a written one first."""
    name = plain_name(pl.col("model_id"))
    models = (
        snapshots.select(
            "model_id",
            "created_at",
            owner=pl.col("model_id").str.extract(r"^([^/]+)/", 1).str.to_lowercase(),
            name=name,
            version=name.str.extract(VERSION, 1),
        )
        .drop_nulls("owner")
        .collect()
    )
    with_version = models.drop_nulls("version").with_columns(
        family=pl.col("name").str.replace(r"-v\d+(?:\.\d+){0,2}(-|$)", "${1}")
    )
    families = with_version.select("owner", "family").unique()
    first = (
        models.filter(pl.col("version").is_null())
        .join(families, left_on=["owner", "name"], right_on=["owner", "family"], how="semi")
        .with_columns(family="name", version=pl.lit(FIRST))
    )
    numbers = pl.col("version").str.split(".").cast(pl.List(pl.Int64), strict=False)
    return (
        pl.concat([with_version.sort("model_id"), first])
        .with_columns(numbers=numbers)
        .filter(pl.col("numbers").list.eval(pl.element().is_not_null()).list.all())
        .unique(["owner", "family", "numbers"], keep="first", maintain_order=True)
    )

"""What inference would say of parents that are known: the measurement that the gate and the tables rest on.

The parents that models declare are hidden, half of the authors at a time, and guessed by the weaker
phases with what the other half declares. So no guess leans on what its own author says elsewhere, and what
is measured is a little less than what the parser knows when it runs in earnest.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import polars as pl

from mdi_pipeline.compute.parallel import side_by_side
from mdi_pipeline.lineage.names import name_guesses
from mdi_pipeline.lineage.parsing import Lineage, declared_edges

MAX_GENERATIONS = 50
"""Lineages end long before; a cycle never would."""


@dataclass(frozen=True)
class Masked:
    """Models whose declared parents were hidden, and what was guessed of them.

    `children`: `child`, `child_id`, `author`, `decides` (whether the author is of the half that rules are tuned and
    admitted by; the other half is reported), `relation` as declared, `parent_in_crawl` (any of them).
    `guesses`, at most one a child and phase, the ids also as numbers (`child`, `parent`): `child_id`, `phase`,
    `relation`, `rule`, `parent_id`, `is_right`
    (it is one of the declared parents), `in_family` (it is one, or an ancestor or a descendant of one).
    """

    children: pl.DataFrame
    guesses: pl.DataFrame


def decides(author: pl.Series) -> pl.Series:
    """Whether an author is of the half that rules are tuned and admitted by: by a checksum of the name.

    The same author is of the same half in every crawl.
    """
    return pl.Series(author.name, [zlib.crc32(name.encode()) % 2 == 0 for name in author], dtype=pl.Boolean)


def mask(lineage: Lineage) -> Masked:
    """Hide the declared parents of a crawl and guess them, given its parse."""
    edges = declared_edges(lineage)
    children = _children(lineage.models, edges)
    by_name = side_by_side(lambda half: _by_name(lineage.models, edges, children, half), (True, False))
    guesses = pl.concat([_by_configuration(lineage, children), *by_name]).sort("child_id", "phase")
    return Masked(children, guesses.with_columns(is_right=_is_right(guesses, edges)).pipe(_with_family, edges))


def _children(models: pl.DataFrame, edges: pl.DataFrame) -> pl.DataFrame:
    children = (
        edges.with_columns(in_crawl=models["in_crawl"].gather(edges["parent"]))
        .sort("child", "parent_id")
        .group_by("child", maintain_order=True)
        .agg(pl.col("child_id", "relation").first(), parent_in_crawl=pl.col("in_crawl").any())
        .with_columns(author=pl.lit(models["author"]).gather(pl.col("child")).fill_null(pl.col("child_id")))
    )
    halves = children.select(pl.col("author").unique())
    return children.join(halves.with_columns(decides=decides(halves["author"])), on="author").sort("child_id")


def _by_configuration(lineage: Lineage, children: pl.DataFrame) -> pl.DataFrame:
    return (
        lineage.resolved.filter(pl.col("phase") == "config")
        .join(children, on="child", how="semi")
        .select("child", "child_id", "parent", "parent_id", "relation", "rule", "phase")
    )


def _by_name(models: pl.DataFrame, edges: pl.DataFrame, children: pl.DataFrame, half: bool) -> pl.DataFrame:
    """The guesses for one half of the authors, with what the other half declares."""
    hidden = children.filter(pl.col("decides") == half)
    shown = edges.join(hidden, on="child", how="anti")
    guessed = name_guesses(models, shown, edges["child"].unique(), hidden["child"])
    return guessed.with_columns(phase=pl.lit("name"))


def _is_right(guesses: pl.DataFrame, edges: pl.DataFrame) -> pl.Series:
    declared = edges.select("child", "parent", is_right=pl.lit(value=True))
    joined = guesses.join(declared, on=["child", "parent"], how="left", maintain_order="left")
    return joined["is_right"].fill_null(value=False)


def _with_family(guesses: pl.DataFrame, edges: pl.DataFrame) -> pl.DataFrame:
    """Mark the guesses from which a declared parent is reached by going up, or that are reached from one."""
    wrong = guesses.filter(~pl.col("is_right"))
    asked = wrong.join(edges.select("child", declared="parent"), on="child").select(
        "child", "phase", guess="parent", declared="declared"
    )
    upwards = asked.rename({"guess": "start", "declared": "goal"})
    downwards = asked.rename({"declared": "start", "guess": "goal"})
    met = pl.concat([_reached(upwards, edges), _reached(downwards, edges)]).unique()
    return guesses.join(met.with_columns(in_family=True), on=["child", "phase"], how="left").with_columns(
        in_family=pl.col("is_right") | pl.col("in_family").fill_null(value=False)
    )


def _reached(asked: pl.DataFrame, edges: pl.DataFrame) -> pl.DataFrame:
    """The children (`child`, `phase`) whose `goal` is an ancestor of their `start`."""
    up = edges.select(at="child", above="parent")
    met = []
    walking = asked.select("child", "phase", "goal", at="start").unique()
    for _ in range(MAX_GENERATIONS):
        walking = walking.join(up, on="at").select("child", "phase", "goal", at="above").unique()
        if walking.is_empty():
            break
        met.append(walking.filter(pl.col("at") == pl.col("goal")).select("child", "phase"))
        walking = walking.filter(pl.col("at") != pl.col("goal"))
    return pl.concat([walking.select("child", "phase").clear(), *met])

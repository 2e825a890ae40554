"""The table `lineage_quality`: how much the parser finds, and how far its phases agree."""

from __future__ import annotations

from itertools import combinations

import polars as pl

from mdi_pipeline.lineage import Lineage
from mdi_pipeline.statistics.author_shares import N_DRAWS, author_shares, counted, numbered
from mdi_pipeline.tables import TABLES
from mdi_pipeline.tables.columns import PHASES


def lineage_quality(lineage: Lineage, models: pl.DataFrame, *, n_draws: int = N_DRAWS, seed: int = 0) -> pl.DataFrame:
    """Measure a parse of the crawl whose models (`model_id`, `author`) are given.

    `coverage`: share of the models with a parent, by each phase alone and in the default network (phase
    null). `unresolved_share`: share of the edges whose parent nothing else knows. `relation_agreement`: of
    the pairs for which two phases both state a relation, the share for which it is the same. Intervals by
    a bootstrap over the children's authors.
    """
    by = ["measure", "phase"]
    named = models.select(child_id="model_id", author=pl.coalesce("author", "model_id"))
    authors = named.join(numbered(named["author"]), on="author").select("child_id", author="number")
    of_edges = pl.concat([_unresolved(lineage), _agreement(lineage)]).join(authors, on="child_id")
    counts = pl.concat([_coverage(lineage, authors), counted(of_edges, by)], how="diagonal_relaxed")
    shares = author_shares(counts, by, n_draws=n_draws, seed=seed)
    nothing = pl.lit(None, dtype=pl.String)
    return TABLES["lineage_quality"].conform(shares.with_columns(relation=nothing, rule=nothing))


def lineage_agreement(lineage: Lineage, right_guesses: pl.DataFrame) -> pl.DataFrame:
    """Which relations two phases state of one edge, counted: the table `lineage_agreement`.

    `right_guesses` (`child_id`, `parent_id`, `phase`, `relation`) are those that inference made of hidden
    parents and that are true: there too two phases speak of one edge.
    """
    stated = pl.concat([_stated(lineage), right_guesses.select("child_id", "parent_id", "phase", "relation")])
    other = stated.rename({"phase": "other_phase", "relation": "other_relation"})
    strength = {phase: place for place, phase in enumerate(PHASES)}
    is_stronger = pl.col("phase").replace_strict(strength) < pl.col("other_phase").replace_strict(strength)
    counted = (
        stated.join(other, on=["child_id", "parent_id"])
        .filter(is_stronger)
        .group_by("phase", "other_phase", "relation", "other_relation")
        .agg(n=pl.len())
    )
    return TABLES["lineage_agreement"].conform(counted)


def _coverage(lineage: Lineage, authors: pl.DataFrame) -> pl.DataFrame:
    """How many models of each author have a parent: by each phase that speaks at all, and in the default network."""
    declared = lineage.resolved.filter(pl.col("rule") != "lone_tag").select("child_id", "phase")
    united = lineage.edges.select("child_id", phase=pl.lit(None, dtype=pl.String))
    found = pl.concat([declared, united]).unique().join(authors, on="child_id")
    phases = pl.concat([found["phase"], pl.Series("phase", [None], dtype=pl.String)]).unique()
    everyone = authors.group_by("author").agg(n=pl.len()).join(phases.to_frame(), how="cross")
    hits = found.group_by("author", "phase").agg(hits=pl.len())
    return everyone.join(hits, on=["author", "phase"], how="left", nulls_equal=True).select(
        "phase", "author", "n", measure=pl.lit("coverage"), hits=pl.col("hits").fill_null(0)
    )


def _unresolved(lineage: Lineage) -> pl.DataFrame:
    by_phase = lineage.edges.select("child_id", "phase", hit=pl.col("resolution") == "unresolved")
    united = by_phase.with_columns(phase=pl.lit(None, dtype=pl.String))
    return pl.concat([by_phase, united]).select("child_id", "phase", measure=pl.lit("unresolved_share"), hit="hit")


def _agreement(lineage: Lineage) -> pl.DataFrame:
    stated = _stated(lineage)
    phases = ("hub", "tag", "card")
    pairs = [
        stated.filter(phase=first)
        .join(stated.filter(phase=second), on=["child_id", "parent_id"])
        .select("child_id", phase=pl.lit(f"{first}+{second}"), hit=pl.col("relation") == pl.col("relation_right"))
        for first, second in combinations(phases, 2)
    ]
    return pl.concat(pairs).select("child_id", "phase", measure=pl.lit("relation_agreement"), hit="hit")


def _stated(lineage: Lineage) -> pl.DataFrame:
    """The relations that the declaring phases state, one row for each edge and phase."""
    return (
        lineage.resolved.filter(pl.col("phase").is_in(["hub", "tag", "card"]), pl.col("rule") != "lone_tag")
        .drop_nulls("relation")
        .unique(["child_id", "parent_id", "phase"], keep="first", maintain_order=True)
        .select("child_id", "parent_id", "phase", "relation")
    )

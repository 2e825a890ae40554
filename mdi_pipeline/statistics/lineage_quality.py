"""The table `lineage_quality`: how much the parser finds, and how far its phases agree."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import polars as pl

from mdi_pipeline.lineage.parsing import DECLARATION, Lineage
from mdi_pipeline.statistics.author_shares import author_shares, counted
from mdi_pipeline.statistics.bootstrap import N_DRAWS
from mdi_pipeline.tables.lineage import LINEAGE_AGREEMENT, LINEAGE_QUALITY
from mdi_pipeline.tables.vocabulary import PHASES

UNITED = "united"
"""Stands for the default network where a phase is named."""


def lineage_quality(lineage: Lineage, *, n_draws: int = N_DRAWS, seed: int = 0) -> pl.DataFrame:
    """Measure a parse of a crawl.

    `coverage`: share of the models with a parent, by each phase alone and in the default network (phase
    null). `unresolved_share`: share of the edges whose parent nothing else knows. `relation_agreement`: of
    the pairs for which two phases both state a relation, the share for which it is the same. Intervals by
    a bootstrap over the children's authors.
    """
    by = ["measure", "phase"]
    # Models of the crawl stand first, each at the place that is its number.
    authors = lineage.models.filter("in_crawl").select(pl.coalesce("author", "model_id").rank("dense")).to_series()
    of_edges = pl.concat([_unresolved(lineage), _agreement(lineage.stated)])
    by_child = counted(of_edges.with_columns(author=authors.gather(of_edges["child"])), by)
    counts = pl.concat([_coverage(lineage, authors), by_child], how="diagonal_relaxed")
    shares = author_shares(counts, by, n_draws=n_draws, seed=seed)
    nothing = pl.lit(None, dtype=pl.String)
    return LINEAGE_QUALITY.conform(shares.with_columns(relation=nothing, rule=nothing))


def lineage_agreement(lineage: Lineage, right_guesses: pl.DataFrame) -> pl.DataFrame:
    """Which relations two phases state of one edge, counted: the table `lineage_agreement`.

    `right_guesses` (`child`, `parent`, `phase`, `relation`) are those that inference made of hidden
    parents and that are true: there too two phases speak of one edge.
    """
    stated = pl.concat([lineage.stated, right_guesses.select("child", "parent", "phase", "relation")])
    counted = [
        _both(stated, first, second)
        .group_by("relation", "other_relation")
        .agg(n=pl.len())
        .with_columns(phase=pl.lit(first), other_phase=pl.lit(second))
        for first, second in combinations(PHASES, 2)
    ]
    return LINEAGE_AGREEMENT.conform(pl.concat(counted))


def _coverage(lineage: Lineage, authors: pl.Series) -> pl.DataFrame:
    """How many models of each author have a parent: by each phase that speaks at all, and in the default network."""
    declared = lineage.resolved.filter(pl.col("rule") != "lone_tag").partition_by("phase", as_dict=True)
    found = {phase: rows["child"] for (phase,), rows in declared.items()} | {UNITED: lineage.edges["child"]}
    has_parent = {phase: np.zeros(authors.len(), np.bool_) for phase in found}
    for phase, children in found.items():
        has_parent[phase][children.to_numpy()] = True
    by_author = pl.DataFrame({"author": authors, **has_parent}).group_by("author").agg(pl.col(*found).sum(), n=pl.len())
    return by_author.unpivot(index=["author", "n"], variable_name="phase", value_name="hits").with_columns(
        pl.col("phase").replace(UNITED, None), measure=pl.lit("coverage")
    )


def _unresolved(lineage: Lineage) -> pl.DataFrame:
    by_phase = lineage.edges.select("child", "phase", hit=pl.col("resolution") == "unresolved")
    united = by_phase.with_columns(phase=pl.lit(None, dtype=pl.String))
    return pl.concat([by_phase, united]).select("child", "phase", measure=pl.lit("unresolved_share"), hit="hit")


def _agreement(stated: pl.DataFrame) -> pl.DataFrame:
    pairs = [
        _both(stated, first, second).select(
            "child", phase=pl.lit(f"{first}+{second}"), hit=pl.col("relation") == pl.col("other_relation")
        )
        for first, second in combinations(DECLARATION, 2)
    ]
    return pl.concat(pairs).select("child", "phase", measure=pl.lit("relation_agreement"), hit="hit")


def _both(stated: pl.DataFrame, phase: str, other_phase: str) -> pl.DataFrame:
    """The edges whose relation two phases state: `child`, `relation`, `other_relation`."""
    by_phase, by_other = (stated.filter(phase=one).drop("phase") for one in (phase, other_phase))
    return by_phase.join(by_other.rename({"relation": "other_relation"}), on=["child", "parent"])

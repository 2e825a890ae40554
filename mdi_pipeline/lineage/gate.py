"""Which rules of inference are good enough for the default network: by measurement, crawl by crawl."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from mdi_pipeline.lineage.parsing import INFERENCE, Lineage
from mdi_pipeline.tables.vocabulary import MIN_PRECISION, PHASES

MIN_AUTHORS = 50
"""With fewer clusters than some 50 a bootstrap over them claims more than it knows (Cameron, Gelbach & Miller
2008), and the rule counts as not measured."""

RULE = ("phase", "relation", "rule")


def admitted_rules(
    quality: pl.DataFrame, phases: Sequence[str] = PHASES, min_precision: float = MIN_PRECISION
) -> pl.DataFrame:
    """The rules (`phase`, `relation`, `rule`) of some phases whose precision is at least so high, surely.

    Reads the rows `gate_precision` of `lineage_quality`, the precision among the half of the authors that
    decides; what the table reports as `precision` is of the other half, so it is no part of the choice.
    A rule that the crawl is too small to measure is not admitted.
    """
    return (
        quality.filter(
            pl.col("measure") == "gate_precision",
            pl.col("phase").is_in(list(phases)),
            pl.col("n_authors") >= MIN_AUTHORS,
            pl.col("low") >= min_precision,
        )
        .select(RULE)
        .sort(RULE)
    )


def admit(lineage: Lineage, rules: pl.DataFrame) -> Lineage:
    """Let what some rules (`phase`, `relation`, `rule`) found into the network.

    A child that has a parent is left as it is. Where two phases speak for one child, the stronger counts,
    and what the other says stays a candidate.
    """
    strength = pl.col("phase").replace_strict(PHASES, range(len(PHASES)), return_dtype=pl.Int8)
    speaking = (
        lineage.candidates.filter(pl.col("phase").is_in(INFERENCE))
        .join(rules, on=RULE, how="semi")
        .join(lineage.edges, on="child", how="anti")
        .filter(strength == strength.min().over("child"))
    )
    moved = speaking.select(lineage.edges.columns)
    return replace(
        lineage,
        edges=pl.concat([lineage.edges, moved]).sort("child_id", "parent_id"),
        candidates=lineage.candidates.join(moved, on=["child", "parent"], how="anti"),
    )


def wide_edges(edges: pl.DataFrame, candidates: pl.DataFrame) -> pl.DataFrame:
    """The wide network: the tables `lineage_edges` and `lineage_candidates` together, each pair once.

    Of several candidates for one pair the strongest phase counts. Columns as `lineage_edges`.
    """
    strength = pl.col("phase").replace_strict(PHASES, range(len(PHASES)), return_dtype=pl.Int8)
    best = candidates.sort("child_id", "parent_id", strength, "rule").unique(
        ["child_id", "parent_id"], keep="first", maintain_order=True
    )
    beyond = best.join(edges, on=["child_id", "parent_id"], how="anti").select(edges.columns)
    return pl.concat([edges, beyond]).sort("child_id", "parent_id")

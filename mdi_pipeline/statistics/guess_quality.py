"""How good the guesses are: precision, recall and precision in the family, of parents that were hidden."""

from __future__ import annotations

import polars as pl

from mdi_pipeline.lineage.masking import Masked
from mdi_pipeline.statistics.author_shares import author_shares, counted
from mdi_pipeline.statistics.bootstrap import N_DRAWS
from mdi_pipeline.tables.lineage import LINEAGE_QUALITY

KEY = ["measure", "phase", "relation", "rule"]

NOTHING = pl.lit(None, dtype=pl.String)


def guess_quality(masked: Masked, *, n_draws: int = N_DRAWS, seed: int = 0) -> pl.DataFrame:
    """The rows of `lineage_quality` that measure inference.

    `precision` and `precision_in_family`: of all guesses, also where the true parent is not in the crawl,
    by phase, relation (as guessed) and rule, and by phase alone; of the authors that do not decide.
    `gate_precision`: the same precision of the authors that do, by phase, relation and rule: rules are
    admitted by it. `recall`: of the models with a parent in the crawl, those whose parent was guessed, by
    phase and by phase and relation (as declared).
    """
    children = masked.children.select(
        "child_id", "decides", "parent_in_crawl", author=pl.col("author").rank("dense"), declared="relation"
    )
    guesses = masked.guesses.join(children, on="child_id").sort("child_id", "phase")
    deciding, reported = guesses.filter("decides"), guesses.filter(~pl.col("decides"))
    observed = pl.concat(
        [
            _hits(reported, "precision", "is_right"),
            _hits(reported, "precision_in_family", "in_family"),
            _hits(deciding, "gate_precision", "is_right").filter(pl.col("rule").is_not_null()),
            _recall(children.filter(~pl.col("decides"), "parent_in_crawl"), reported),
        ]
    )
    return LINEAGE_QUALITY.conform(author_shares(counted(observed, KEY), KEY, n_draws=n_draws, seed=seed))


def _hits(guesses: pl.DataFrame, measure: str, hit: str) -> pl.DataFrame:
    by_rule = guesses.select("author", "phase", "relation", "rule", measure=pl.lit(measure), hit=hit)
    return pl.concat([by_rule, by_rule.with_columns(relation=NOTHING, rule=NOTHING)])


def _recall(children: pl.DataFrame, guesses: pl.DataFrame) -> pl.DataFrame:
    found = guesses.filter("is_right").select("child_id", "phase", hit=pl.lit(value=True))
    asked = children.join(guesses.select(pl.col("phase").unique()), how="cross")
    by_relation = asked.join(found, on=["child_id", "phase"], how="left").select(
        "author",
        "phase",
        relation="declared",
        rule=NOTHING,
        measure=pl.lit("recall"),
        hit=pl.col("hit").fill_null(value=False),
    )
    return pl.concat([by_relation, by_relation.with_columns(relation=NOTHING)])

"""What must be true of a partition beyond its schema, and what follows where it is not.

Keys, types and invariants of the registry are enforced before a partition lands. The checks here look at
a table as a whole, or beside another one. A blocking check that fails stops what follows.
Dagster's concept: https://docs.dagster.io/guides/test/asset-checks
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import dagster as dg
import polars as pl

from mdi_pipeline.compute.id_lookup import ends
from mdi_pipeline.lineage.gate import admitted_rules
from mdi_pipeline.orchestration.partition import Partition
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline.tables.registry import TableInvalid

Frames = Mapping[str, pl.DataFrame]
"""The tables of a step, as they lie in the lake."""

MIN_SIZE_AGAINST_LAST = 0.95
"""A crawl that lost more than this against the last one is not complete: deletions are a fraction of it."""

COVERAGE_BOUNDS = (0.05, 0.95)
"""Share of models with a parent outside which parsing has broken; the Hub has 0.3, curated crawls 0.55."""

MAX_STUB_SHARE = 0.5
"""Above this share of stubs most of the lineage lies outside the crawl."""

MAX_UNRESOLVED_SHARE = 0.25
"""Above this share of unresolved parents the ids no longer mean what the parser thinks."""

ROUNDING = 1e-9
"""What adding three shares may be off by."""


@dataclass(frozen=True)
class Outcome:
    """Whether a check passed, in one line, with the numbers it looked at."""

    passed: bool
    line: str
    numbers: Mapping[str, float | int]


@dataclass(frozen=True)
class Check:
    """A check of one table. `blocking`: what follows would be wrong where it fails."""

    name: str
    table: str
    question: str
    blocking: bool
    judge: Callable[[Partition, Frames], Outcome]

    def spec(self, asset: str, partitions: dg.PartitionsDefinition[str] | None) -> dg.AssetCheckSpec:
        """The check as Dagster declares it, recorded for each partition (a preview in Dagster 1.13)."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", dg.PreviewWarning)
            return dg.AssetCheckSpec(
                self.name, asset=asset, description=self.question, blocking=self.blocking, partitions_def=partitions
            )

    def result(self, asset: str, outcome: Outcome) -> dg.AssetCheckResult:
        """An outcome as Dagster records it."""
        return dg.AssetCheckResult(
            asset_key=asset,
            check_name=self.name,
            passed=outcome.passed,
            description=outcome.line,
            severity=dg.AssetCheckSeverity.ERROR if self.blocking else dg.AssetCheckSeverity.WARN,
            metadata=dict(outcome.numbers),
        )


def checks_of(tables: Sequence[str]) -> list[Check]:
    """The checks of some tables: that each is valid as it lies in the lake, and its own."""
    return [
        *(_valid(table) for table in tables if table in TABLES),
        *(check for check in CHECKS if check.table in tables),
    ]


def _valid(table: str) -> Check:
    def judge(_: Partition, frames: Frames) -> Outcome:
        try:
            n_rows = TABLES[table].conform(frames[table]).height
        except TableInvalid as error:
            return Outcome(passed=False, line=str(error), numbers={})
        return Outcome(passed=True, line=f"{n_rows:,} rows", numbers={"rows": n_rows})

    question = f"Does {table} as it lies in the lake have its columns, unique keys and invariants?"
    return Check(f"{table}_valid", table, question, blocking=True, judge=judge)


def _complete(_: Partition, frames: Frames) -> Outcome:
    manifest = frames["crawl_manifest"].row(0, named=True)
    line = "the source gave all it had" if manifest["complete"] else "the crawl ended before its source did"
    return Outcome(manifest["complete"], line, {"models": manifest["n_models"]})


def _size_against_last(partition: Partition, frames: Frames) -> Outcome:
    now = frames["model_snapshots"].height
    last_date = partition.lake.previous("model_snapshots", partition.crawl_date)
    if last_date is None:
        return Outcome(passed=True, line=f"{now:,} models; no earlier crawl to compare with", numbers={"models": now})
    last = partition.lake.n_rows("model_snapshots", last_date)
    share = now / last if last else 1.0
    return Outcome(
        share >= MIN_SIZE_AGAINST_LAST,
        f"{now:,} models, {share:.1%} of the {last:,} of {last_date}; at least {MIN_SIZE_AGAINST_LAST:.0%} wanted",
        {"models": now, "last": last, "share": share},
    )


def _coverage(_: Partition, frames: Frames) -> Outcome:
    n_parents = frames["models"].select("in_snapshot", "n_parents").filter("in_snapshot")["n_parents"]
    share = float((n_parents > 0).sum() / max(n_parents.len(), 1))
    low, high = COVERAGE_BOUNDS
    return Outcome(
        low <= share <= high,
        f"{share:.1%} of the models have a parent; {low:.0%} to {high:.0%} wanted",
        {"share": share},
    )


def _stub_share(_: Partition, frames: Frames) -> Outcome:
    share = float((~frames["models"]["in_snapshot"]).sum() / max(frames["models"].height, 1))
    return Outcome(
        share <= MAX_STUB_SHARE,
        f"{share:.1%} of the nodes are known by name only; at most {MAX_STUB_SHARE:.0%} wanted",
        {"share": share},
    )


def _unresolved_share(_: Partition, frames: Frames) -> Outcome:
    edges = frames["lineage_edges"]
    share = float((edges["resolution"] == "unresolved").sum() / max(edges.height, 1))
    return Outcome(
        share <= MAX_UNRESOLVED_SHARE,
        f"{share:.1%} of the edges lead to a parent that nothing else knows; at most {MAX_UNRESOLVED_SHARE:.0%} wanted",
        {"share": share},
    )


def _masked_precision(partition: Partition, frames: Frames) -> Outcome:
    """Of the rules that were admitted on one half of the authors, the precision on the other half."""
    wanted = partition.settings.min_precision
    quality = frames["lineage_quality"]
    rules = admitted_rules(quality, partition.settings.phases, wanted)
    reported = quality.filter(measure="precision").join(rules, on=["phase", "relation", "rule"], how="semi")
    n = int(reported["n"].sum())
    if n == 0:
        return Outcome(True, f"{rules.height} rules admitted, no guess to measure them by", {"rules": rules.height})
    precision = float((reported["estimate"] * reported["n"]).sum() / n)
    return Outcome(
        precision >= wanted,
        f"{precision:.1%} of {n:,} guesses right by {rules.height} admitted rules, among authors that did not decide "
        f"about them; at least {wanted:.0%} wanted",
        {"rules": rules.height, "precision": precision, "guesses": n},
    )


def _counts_agree(partition: Partition, frames: Frames) -> Outcome:
    """All n_i + n_j together are the edges whose child was made within its parent's window: a count by another way."""
    counted = frames["disruption_scores"].group_by("window_days").agg(counted=(pl.col("n_i") + pl.col("n_j")).sum())
    born = partition.read("models", ["model_id", "created_at"]).with_columns(pl.col("created_at").dt.truncate("1s"))
    edges = ends(partition.read("lineage_edges", ["child_id", "parent_id"]), born["model_id"])
    child_born, parent_born = (born["created_at"].gather(edges[end]) for end in ("child", "parent"))
    ages = child_born - parent_born
    windows = counted["window_days"].to_list()
    within = {days: int(((ages > timedelta()) & (ages <= timedelta(days=days))).sum()) for days in windows}
    wrong = [days for days, n in counted.iter_rows() if within[days] != n]
    line = f"children in windows of {wrong} days do not agree with the edges" if wrong else "all agree with the edges"
    return Outcome(not wrong, line, {f"children_{days}_days": n for days, n in sorted(within.items())})


def _shares_sum_to_one(_: Partition, frames: Frames) -> Outcome:
    sums = (
        frames["score_summary"]
        .filter(pl.col("measure").is_in(["share_negative", "share_zero", "share_positive"]))
        .group_by("population", "index", "window_days")
        .agg(pl.col("estimate").sum(), n=pl.col("n").max())
        .filter(pl.col("n") > 0)
    )
    wrong = sums.filter((pl.col("estimate") - 1).abs() > ROUNDING)
    return Outcome(wrong.is_empty(), f"{wrong.height} of {sums.height} groups do not", {"groups": sums.height})


CHECKS = (
    Check("crawl_complete", "crawl_manifest", "Did the crawl end where its source did?", True, _complete),
    Check(
        "size_against_last_crawl",
        "model_snapshots",
        "Does the crawl hold nearly as many models as the last one, or more?",
        True,
        _size_against_last,
    ),
    Check("parse_coverage", "models", "Does a plausible share of the models have a parent?", False, _coverage),
    Check("stub_share", "models", "Are most nodes models of the crawl?", False, _stub_share),
    Check("unresolved_share", "lineage_edges", "Are most parents known?", False, _unresolved_share),
    Check("masked_precision", "lineage_quality", "Are inferred parents right?", True, _masked_precision),
    Check("counts_agree_with_edges", "disruption_scores", "Do the counts agree with the network?", True, _counts_agree),
    Check(
        "shares_sum_to_one", "score_summary", "Do negative, zero and positive make up all?", True, _shares_sum_to_one
    ),
)
"""Every check but the one of validity, which each table has."""

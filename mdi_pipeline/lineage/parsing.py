"""From canonical records to lineage edges, and to all that makes none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from mdi_pipeline.lineage.declarations import (
    card_declarations,
    config_declarations,
    hub_declarations,
    tag_declarations,
)
from mdi_pipeline.lineage.identifiers import why_no_id
from mdi_pipeline.lineage.relations import with_relations
from mdi_pipeline.lineage.renames import renames
from mdi_pipeline.lineage.resolution import resolve
from mdi_pipeline.tables.columns import PHASES

DEFAULT_PHASES = ("hub", "tag", "card")
"""The phases of the default network: what the Hub and the models' authors declare."""

LONE_TAG = "lone_tag"


@dataclass(frozen=True)
class Lineage:
    """What a crawl says of lineage.

    `edges`, `candidates` and `rejected` are the tables `lineage_edges`, `lineage_candidates` and
    `lineage_rejected`. `resolved` holds every declaration that names another model, before phases are
    united: `child_id`, `parent_id`, `relation` (null where not stated), `phase`, `rule`, `resolution`,
    `declared_parent`.
    """

    edges: pl.DataFrame
    candidates: pl.DataFrame
    rejected: pl.DataFrame
    resolved: pl.DataFrame


def parse_lineage(snapshots: pl.LazyFrame, phases: Sequence[str] = DEFAULT_PHASES) -> Lineage:
    """Parse the lineage of a crawl (`model_snapshots`); `phases` make the default network.

    Declarations of the phases are united, edge by edge, each edge under its strongest phase; its relation
    is the strongest one stated, else inferred. What left-out phases and lone tags say of other edges
    becomes candidates. Nothing is lost: a declaration is an edge, a candidate, or rejected with a reason.
    Time and memory are linear in the number of models and declarations.
    """
    declarations = _declarations(snapshots)
    judged = declarations.with_columns(reason=why_no_id("declared_parent"))
    named = judged.filter(pl.col("reason").is_null()).drop("reason")
    crawl_ids = snapshots.select("model_id").collect()["model_id"]
    meanings = resolve(named["declared_parent"], crawl_ids, named, renames(named))
    all_resolved = named.join(meanings, on="declared_parent", how="left")
    is_loop = pl.col("child_id") == pl.col("parent_id")
    resolved = all_resolved.filter(~is_loop)
    in_network = pl.col("phase").is_in(phases) & (pl.col("rule") != LONE_TAG)
    created_at = snapshots.select("model_id", "created_at").collect()
    united = _unite(resolved.filter(in_network), by=["child_id", "parent_id"])
    edges = _with_time_reversed(with_relations(united, snapshots), created_at)
    left_out = resolved.filter(~in_network).join(edges, on=["child_id", "parent_id"], how="anti")
    candidates = _unite(_for_orphans_if_inferred(left_out, edges), by=["child_id", "parent_id", "phase", "rule"])
    return Lineage(
        edges=edges,
        candidates=_with_time_reversed(with_relations(candidates, snapshots), created_at),
        rejected=_rejected(judged, all_resolved.filter(is_loop)),
        resolved=resolved,
    )


def _declarations(snapshots: pl.LazyFrame) -> pl.DataFrame:
    parsers = (hub_declarations, tag_declarations, card_declarations, config_declarations)
    return pl.concat(pl.collect_all([parser(snapshots) for parser in parsers]))


def _unite(resolved: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """One row for each `by`: the strongest phase's, with the strongest relation that is stated."""
    strength = pl.col("phase").replace_strict(PHASES, range(len(PHASES)), return_dtype=pl.Int8)
    others = [name for name in ("phase", "rule", "resolution", "declared_parent") if name not in by]
    return (
        resolved.with_columns(strength=strength)
        .sort("child_id", "parent_id", "strength", "declared_parent", "rule")
        .group_by(by, maintain_order=True)
        .agg(pl.col("relation").drop_nulls().first(), *(pl.col(name).first() for name in others))
    )


def _for_orphans_if_inferred(left_out: pl.DataFrame, edges: pl.DataFrame) -> pl.DataFrame:
    """Inference speaks only for children that still have no parent."""
    inferred = left_out.filter(pl.col("phase").is_in(["config", "name"]))
    return pl.concat(
        [
            left_out.filter(~pl.col("phase").is_in(["config", "name"])),
            inferred.join(edges, on="child_id", how="anti"),
        ]
    )


def _with_time_reversed(edges: pl.DataFrame, created_at: pl.DataFrame) -> pl.DataFrame:
    """Mark the edges whose child is older than the parent."""
    return (
        edges.join(created_at.rename({"model_id": "child_id", "created_at": "born"}), on="child_id", how="left")
        .join(created_at.rename({"model_id": "parent_id", "created_at": "parent_born"}), on="parent_id", how="left")
        .with_columns(time_reversed=(pl.col("born") < pl.col("parent_born")).fill_null(value=False))
        .drop("born", "parent_born")
    )


def _rejected(judged: pl.DataFrame, loops: pl.DataFrame) -> pl.DataFrame:
    columns = ["child_id", "declared_parent", "phase", "reason"]
    no_ids = judged.filter(pl.col("reason").is_not_null()).select(columns)
    return pl.concat([no_ids, loops.with_columns(reason=pl.lit("self_loop")).select(columns)]).unique()

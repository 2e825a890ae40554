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
from mdi_pipeline.lineage.names import name_guesses, named
from mdi_pipeline.lineage.relations import with_relations
from mdi_pipeline.lineage.renames import renames
from mdi_pipeline.lineage.resolution import resolve
from mdi_pipeline.tables.columns import PHASES

DECLARATION = ("hub", "tag", "card")
"""The phases by which the Hub and the models' authors declare parents."""

INFERENCE = ("config", "name")
"""The phases by which parents are guessed that nobody declares."""

LONE_TAG = "lone_tag"


@dataclass(frozen=True)
class Lineage:
    """What a crawl says of lineage.

    `edges`, `candidates` and `rejected` are the tables `lineage_edges`, `lineage_candidates` and
    `lineage_rejected`. `resolved` holds every declaration that names another model, before phases are
    united: `child_id`, `parent_id`, `relation` (null where not stated), `phase`, `rule`, `resolution`,
    `declared_parent`; and the guesses by name. `models` are those of the crawl with what their names say, as
    `names.named` gives it.
    """

    edges: pl.DataFrame
    candidates: pl.DataFrame
    rejected: pl.DataFrame
    resolved: pl.DataFrame
    models: pl.DataFrame


def parse_lineage(snapshots: pl.LazyFrame, phases: Sequence[str] = DECLARATION) -> Lineage:
    """Parse the lineage of a crawl (`model_snapshots`); of `phases`, those that declare make the network.

    Declarations of the phases are united, edge by edge, each edge under its strongest phase; its relation
    is the strongest one stated, else inferred. What left-out phases and lone tags say of other edges
    becomes candidates, and so does what `config` and `name` say of models without a parent: `gate.admit`
    lets in what has been measured. Nothing is lost: a declaration is an edge, a candidate, or rejected with
    a reason. Time and memory are linear in the number of models and declarations.
    """
    declarations = _declarations(snapshots)
    judged = declarations.with_columns(reason=why_no_id("declared_parent"))
    usable = judged.filter(pl.col("reason").is_null()).drop("reason")
    models = named(snapshots.select("model_id", "author", "created_at").collect())
    meanings = resolve(usable["declared_parent"], models["model_id"], usable, renames(usable))
    all_resolved = usable.join(meanings, on="declared_parent", how="left")
    is_loop = pl.col("child_id") == pl.col("parent_id")
    written = all_resolved.filter(~is_loop)
    in_network = pl.col("phase").is_in([phase for phase in phases if phase in DECLARATION]) & _is_believed()
    united = _unite(written.filter(in_network), by=["child_id", "parent_id"])
    edges = _with_time_reversed(with_relations(united, snapshots), models)
    resolved = pl.concat([written, _guesses(models, written, edges).select(written.columns)])
    left_out = resolved.filter(~in_network).join(edges, on=["child_id", "parent_id"], how="anti")
    is_outranked = pl.col("phase").is_in(INFERENCE) & pl.col("child_id").is_in(edges["child_id"].unique().implode())
    candidates = _unite(left_out.filter(~is_outranked), by=["child_id", "parent_id", "phase", "rule"])
    return Lineage(
        edges=edges,
        candidates=_with_time_reversed(with_relations(candidates, snapshots), models),
        rejected=_rejected(judged, all_resolved.filter(is_loop), left_out.filter(is_outranked)),
        resolved=resolved,
        models=models,
    )


def declared_edges(lineage: Lineage) -> pl.DataFrame:
    """Every parent that models declare, whichever phases make the network: `child_id`, `parent_id`, `relation`."""
    return (
        pl.concat([lineage.edges, lineage.candidates], how="diagonal")
        .filter(pl.col("phase").is_in(DECLARATION) & _is_believed())
        .unique(["child_id", "parent_id"], keep="first", maintain_order=True)
        .select("child_id", "parent_id", "relation")
    )


def _is_believed() -> pl.Expr:
    return pl.col("rule") != LONE_TAG


def _guesses(models: pl.DataFrame, written: pl.DataFrame, edges: pl.DataFrame) -> pl.DataFrame:
    """What names say of the models that have no parent, as resolved declarations."""
    declared = written.filter(pl.col("phase").is_in(DECLARATION) & _is_believed())
    pairs = declared.select("child_id", "parent_id").unique()
    orphans = models.join(edges, left_on="model_id", right_on="child_id", how="anti")["model_id"]
    return name_guesses(models, pairs, declared["child_id"].unique(), orphans).with_columns(
        phase=pl.lit("name"), resolution=pl.lit("exact"), declared_parent="parent_id"
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


def _with_time_reversed(edges: pl.DataFrame, models: pl.DataFrame) -> pl.DataFrame:
    """Mark the edges whose child is older than the parent."""
    created_at = models.select("model_id", "created_at")
    return (
        edges.join(created_at.rename({"model_id": "child_id", "created_at": "born"}), on="child_id", how="left")
        .join(created_at.rename({"model_id": "parent_id", "created_at": "parent_born"}), on="parent_id", how="left")
        .with_columns(time_reversed=(pl.col("born") < pl.col("parent_born")).fill_null(value=False))
        .drop("born", "parent_born")
    )


def _rejected(judged: pl.DataFrame, loops: pl.DataFrame, outranked: pl.DataFrame) -> pl.DataFrame:
    reasons = [
        judged.filter(pl.col("reason").is_not_null()),
        loops.with_columns(reason=pl.lit("self_loop")),
        outranked.with_columns(reason=pl.lit("outranked")),
    ]
    return pl.concat([rows.select("child_id", "declared_parent", "phase", "reason") for rows in reasons]).unique()

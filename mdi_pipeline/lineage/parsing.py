"""From canonical records to lineage edges, and to all that makes none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from mdi_pipeline.lineage.declarations import (
    card_declarations,
    config_declarations,
    hub_declarations,
    tag_declarations,
)
from mdi_pipeline.lineage.identifiers import ids_in_text, why_no_id
from mdi_pipeline.lineage.local_paths import local_paths
from mdi_pipeline.lineage.names import name_guesses, named
from mdi_pipeline.lineage.relations import stated_relations, with_relations
from mdi_pipeline.lineage.renames import renames, under_one_name
from mdi_pipeline.lineage.resolution import resolve
from mdi_pipeline.tables.vocabulary import PHASES, RESOLUTIONS

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
    `declared_parent`; and the guesses by name. `models` are those of the crawl and the parents that it lacks, with
    what their names say, as `names.named` gives it. Edges, candidates and what is resolved also have the numbers
    `child` and `parent`, places in `models`: whatever is joined is joined by them, ids cost several times as much.
    """

    edges: pl.DataFrame
    candidates: pl.DataFrame
    rejected: pl.DataFrame
    resolved: pl.DataFrame
    models: pl.DataFrame

    @cached_property
    def stated(self) -> pl.DataFrame:
        """The relations that the declaring phases state: `child`, `parent`, `phase`, `relation`, each edge once."""
        return (
            self.resolved.filter(pl.col("phase").is_in(DECLARATION), _is_believed())
            .drop_nulls("relation")
            .unique(["child", "parent", "phase"], keep="first", maintain_order=True)
            .select("child", "parent", "phase", "relation")
        )


def parse_lineage(snapshots: pl.LazyFrame, phases: Sequence[str] = DECLARATION) -> Lineage:
    """Parse the lineage of a crawl (`model_snapshots`); of `phases`, those that declare make the network.

    Declarations of the phases are united, edge by edge, each edge under its strongest phase; its relation
    is the child's, as the strongest phase states it, else inferred. What left-out phases and lone tags say of
    other edges becomes candidates, and so does what `config` and `name` say of models without a parent:
    `gate.admit` lets in what has been measured. Nothing is lost: a declaration is an edge, a candidate, or
    rejected with a reason. Time and memory are linear in the number of models and declarations.
    """
    snapshots = _in_order(snapshots).with_row_index("child")
    crawled = snapshots.select("model_id", "author", "created_at", in_crawl=pl.lit(value=True)).collect()
    judged = _judged(_declarations(snapshots), crawled)
    usable = judged.filter(pl.col("reason").is_null()).drop("reason")
    meanings = resolve(
        usable.select("spelling", "declared_parent").unique("spelling"),
        crawled["model_id"],
        usable,
        renames(usable.filter(pl.col("listed_in").is_null())),
    )
    meant = usable.join(meanings.drop("declared_parent"), on="spelling", how="left", maintain_order="left")
    known = under_one_name(_without_unknown_lists(meant), crawled["created_at"])
    all_resolved, beyond = _numbered(known, crawled)
    models = named(pl.concat([crawled, beyond]))
    is_loop = pl.col("child") == pl.col("parent")
    written = all_resolved.filter(~is_loop)
    in_network = pl.col("phase").is_in([phase for phase in phases if phase in DECLARATION]) & _is_believed()
    united = _unite(written.filter(in_network), by=["child", "parent"])
    believed = judged.filter(pl.col("phase").is_in(DECLARATION) & _is_believed()).with_columns(strength=_strength())
    stated = stated_relations(believed.filter(in_network))
    edges = _with_time_reversed(with_relations(united, stated, snapshots), models)
    resolved = pl.concat([written, _guesses(models, written, edges).select(written.columns)])
    left_out = resolved.filter(~in_network).join(edges, on=["child", "parent"], how="anti")
    is_outranked = pl.col("phase").is_in(INFERENCE) & pl.col("child").is_in(edges["child"].unique().implode())
    candidates = _unite(left_out.filter(~is_outranked), by=["child", "parent", "phase", "rule"])
    return Lineage(
        edges=edges,
        candidates=_with_time_reversed(with_relations(candidates, stated_relations(believed), snapshots), models),
        rejected=_rejected(judged, all_resolved.filter(is_loop), left_out.filter(is_outranked)),
        resolved=resolved,
        models=models,
    )


def declared_edges(lineage: Lineage) -> pl.DataFrame:
    """Every parent that models declare, whichever phases make the network: `child`, `parent`, their ids, `relation`."""
    return (
        pl.concat([lineage.edges, lineage.candidates], how="diagonal")
        .filter(pl.col("phase").is_in(DECLARATION) & _is_believed())
        .unique(["child", "parent"], keep="first", maintain_order=True)
        .select("child", "child_id", "parent", "parent_id", "relation")
    )


def _is_believed() -> pl.Expr:
    return pl.col("rule") != LONE_TAG


def _guesses(models: pl.DataFrame, written: pl.DataFrame, edges: pl.DataFrame) -> pl.DataFrame:
    """What names say of the models that have no parent, as resolved declarations."""
    declared = written.filter(pl.col("phase").is_in(DECLARATION) & _is_believed()).select("child", "parent")
    orphans = models.filter("in_crawl").join(edges, left_on="number", right_on="child", how="anti")["number"]
    return name_guesses(models, declared, declared["child"].unique(), orphans).with_columns(
        phase=pl.lit("name"),
        resolution=pl.lit("exact"),
        declared_parent="parent_id",
        spelling=pl.lit(None, dtype=pl.UInt32),
    )


def _in_order(snapshots: pl.LazyFrame) -> pl.LazyFrame:
    """The models by id, as the lake has them already: numbers hang on no order of the source."""
    is_sorted = snapshots.select("model_id").collect()["model_id"].is_sorted()
    return snapshots if is_sorted else snapshots.sort("model_id")


def _declarations(snapshots: pl.LazyFrame) -> pl.DataFrame:
    parsers = (hub_declarations, tag_declarations, card_declarations, config_declarations)
    return pl.concat(pl.collect_all([parser(snapshots) for parser in parsers]))


def _judged(declarations: pl.DataFrame, crawled: pl.DataFrame) -> pl.DataFrame:
    """Number what is declared (`spelling`, in order of the text), say where it is no id, and add the `child_id`.

    The ids of a list in a text come as further declarations, `listed_in` that text. A few hundred thousand spellings
    are all that three million declarations have.
    """
    texts = declarations.select(pl.col("declared_parent").unique()).with_columns(reason=why_no_id("declared_parent"))
    lists = texts.filter(pl.col("reason") == "list_in_text").select(
        "declared_parent", listed=ids_in_text("declared_parent")
    )
    from_lists = declarations.join(lists.explode("listed"), on="declared_parent", maintain_order="left").rename(
        {"declared_parent": "listed_in", "listed": "declared_parent"}
    )
    every = pl.concat([declarations, from_lists], how="diagonal")
    spellings = every.select(pl.col("declared_parent").unique().sort()).with_row_index("spelling")
    judged = spellings.with_columns(reason=why_no_id("declared_parent"))
    numbered = every.with_columns(child_id=crawled["model_id"].gather(every["child"])).join(
        judged, on="declared_parent", how="left", maintain_order="left"
    )
    paths = local_paths(numbered.filter(pl.col("reason").is_null()), crawled)
    is_path = pl.col("reason").is_null() & pl.col("spelling").is_in(paths.implode())
    return numbered.with_columns(reason=pl.when(is_path).then(pl.lit("local_path")).otherwise("reason")).filter(
        pl.col("listed_in").is_null() | pl.col("reason").is_null()
    )


def _without_unknown_lists(meant: pl.DataFrame) -> pl.DataFrame:
    """Declarations without those from a list in a text of which an id is unknown: then it may be no list."""
    listed = meant.filter(pl.col("listed_in").is_not_null())
    unknown = listed.filter(pl.col("resolution") == "unresolved")
    return meant.join(unknown, on=["child", "phase", "listed_in"], how="anti", maintain_order="left").drop("listed_in")


def _numbered(resolved: pl.DataFrame, crawled: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Resolved declarations with their parents' places in the models, and the parents that the crawl lacks.

    Parents that no declaration means in the end have no place.
    """
    is_beyond = pl.col("parent") >= crawled.height
    beyond = resolved.filter(is_beyond).select("parent", model_id="parent_id").unique("parent").sort("parent")
    places = beyond.select("parent", place=pl.int_range(pl.len(), dtype=pl.UInt32) + crawled.height)
    nothing = [pl.lit(None, dtype=crawled.schema[name]).alias(name) for name in ("author", "created_at")]
    return (
        resolved.join(places, on="parent", how="left", maintain_order="left")
        .with_columns(parent=pl.coalesce("place", "parent"))
        .drop("place"),
        beyond.select("model_id", *nothing, in_crawl=pl.lit(value=False)),
    )


def _unite(resolved: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """One row for each `by`: the strongest phase's, the surest resolution's before any spelling's.

    Its relation is the strongest that is stated, by a phase of that `strength`; both null where none is.
    """
    certainty = pl.col("resolution").replace_strict(RESOLUTIONS, range(len(RESOLUTIONS)), return_dtype=pl.Int8)
    others = [name for name in resolved.columns if name not in (*by, "relation", "spelling")]
    return (
        resolved.with_columns(strength=_strength(), certainty=certainty)
        .sort("child", "parent", "strength", "certainty", "spelling", "rule")
        .group_by(by)
        .agg(
            pl.col("relation").first(ignore_nulls=True),
            *(pl.col(name).first() for name in others),
            strength=pl.col("strength").filter(pl.col("relation").is_not_null()).first(),
        )
        .sort("child", "parent_id", "phase", "rule")
    )


def _strength() -> pl.Expr:
    """The place of the phase among all, 0 for the strongest."""
    return pl.col("phase").replace_strict(PHASES, range(len(PHASES)), return_dtype=pl.Int8)


def _with_time_reversed(edges: pl.DataFrame, models: pl.DataFrame) -> pl.DataFrame:
    """Mark the edges whose child is older than the parent."""
    born, parent_born = (models["created_at"].gather(edges[end]) for end in ("child", "parent"))
    return edges.with_columns(time_reversed=(born < parent_born).fill_null(value=False))


def _rejected(judged: pl.DataFrame, loops: pl.DataFrame, outranked: pl.DataFrame) -> pl.DataFrame:
    reasons = [
        judged.filter(pl.col("reason").is_not_null()),
        loops.with_columns(reason=pl.lit("self_loop")),
        outranked.with_columns(reason=pl.lit("outranked")),
    ]
    return pl.concat([rows.select("child_id", "declared_parent", "phase", "reason") for rows in reasons]).unique()

"""Canonical records: one shape of metadata, whatever shape the source gave it in.

The Hub's listing comes as JSON (fields of any shape, any may be missing) and as Parquet (the public archive: structs,
or JSON text where it once was a struct). Both are read as cells (`fields.Cell`), and cells become the columns of
`model_snapshots` through one SQL query, so that the two can never disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from mdi_pipeline.hub import fields
from mdi_pipeline.hub.columns import cells_of_columns
from mdi_pipeline.hub.database import ArrowTable, column_types, connect, fetched
from mdi_pipeline.hub.fields import COUNTS, STRUCTURES, Cell
from mdi_pipeline.hub.required_fields import REQUIRED
from mdi_pipeline.hub.source import UNREAD_FIELD_SCHEMA, Reading
from mdi_pipeline.tables.hub import MODEL_SNAPSHOTS

CANONICAL_SCHEMA: dict[str, pl.DataType] = {column.name: column.dtype for column in MODEL_SNAPSHOTS.columns}
"""Columns and types of canonical records: those of the table `model_snapshots`."""

EARLIEST = "2000-01-01"
"""A time before this day is impossible: there was no Hub."""

LATEST = "2100-01-01"
"""A time from this day on is a mistake in the source."""

RECORD_EXCERPT = 500
"""Characters of an unreadable record that are kept aside."""

MAX_BAD_RECORDS_KEPT = 1_000
"""Bad records that are kept aside, the first ones; all are counted. A file of nothing else would fill the memory."""

CARD_PARENT = "cardData.base_model"

_MOMENTS = ("createdAt", "lastModified")
_TEXTS = {
    "_id": fields.text_of,
    "author": fields.text_of,
    "pipeline_tag": fields.text_of,
    "library_name": fields.text_of,
    "gated": fields.word_of,
    "baseModels.relation": fields.one_text_of,
    "cardData.base_model_relation": fields.one_text_of,
    "config.peft.base_model_name_or_path": fields.text_of,
    "config.model_type": fields.text_of,
    "gguf.architecture": fields.text_of,
}
_PARTS: Mapping[str, tuple[str, ...]] = {
    # structure: what is read of it, by the path in it
    "baseModels": ("models", "relation"),
    "cardData": ("base_model", "base_model_relation", "model-index"),
    "safetensors": ("parameters", "total"),
    "gguf": ("total", "architecture"),
    "config": ("peft.base_model_name_or_path", "model_type"),
}
_TOTALS = ("safetensors.total", "gguf.total")
_LISTS = {"tags": fields.texts_in, CARD_PARENT: fields.texts_in, "baseModels.models": fields.ids_in}


@dataclass(frozen=True)
class ParsedListing:
    """A listing as canonical records, and what else was found while it was read."""

    records: pl.DataFrame
    reading: Reading


def canonical_query(cells: str) -> str:
    """SQL that turns cells into canonical records.

    `cells` is SQL text of a relation with `line_number`, `problem` (why there is no record; null where there is
    one), `excerpt` (the record's beginning), and for each of `FIELDS` the columns `<field> text` and `<field> kind`.
    Besides the columns of `model_snapshots` the result has `line_number`, `reason` (why the record cannot be read;
    null where it can), `record` (its beginning, where it cannot), `unread` (field and shape of each value that
    cannot be read) and for each field of `REQUIRED` whether it is there and could be read.
    """
    layers = _Layers(cells)
    layers.add({_name(field, "moment"): fields.moment_of(_cell(field)) for field in _MOMENTS})
    layers.add({_name(field, "whole"): fields.whole_number_of(_cell(field)) for field in COUNTS})
    layers.add({_name(field, "json"): fields.structure_of(_cell(field)) for field in STRUCTURES})
    layers.add({_name(field, "json kind"): _json_kind(field) for field in STRUCTURES})
    layers.add({_name(structure, end): sql for structure in _PARTS for end, sql in _parts_of(structure).items()})
    layers.add(
        {
            _name(f"{structure}.{part}", end): f"{_column(structure, f'{end}s')}[{place}]"
            for structure, parts in _PARTS.items()
            for place, part in enumerate(parts, start=1)
            for end in ("text", "kind")
        }
    )
    layers.add({_name(field, "whole"): fields.whole_number_of(_cell(field)) for field in _TOTALS})
    layers.add({_name(field, "list"): _list_of(field) for field in _LISTS})
    layers.add({_name(field, "value"): sql for field, sql in _values().items()})
    layers.add({"reason": _reason(), "unread": f"CASE WHEN problem IS NULL THEN {_unread()} END"})
    selected = {
        **_canonical_columns(),
        "line_number": "line_number",
        "reason": "reason",
        "record": "CASE WHEN reason IS NOT NULL THEN excerpt END",
        "unread": "unread",
        **{_had(field): _is_there(field) for group in REQUIRED for field in group},
    }
    chosen = ", ".join(f'{expression} AS "{name}"' for name, expression in selected.items())
    return f"SELECT {chosen} FROM {layers.relation}"


def canonical_records(listing: pl.DataFrame) -> ParsedListing:
    """A listing that is held as a frame, columns named as the Hub names them."""
    with connect() as connection:
        connection.register("listing", ArrowTable(listing))
        columns = column_types(connection, "listing")
        cells = cells_of_columns("listing", columns, line_number="row_number() OVER ()")
        return parsed_listing(fetched(connection, canonical_query(cells)), "listing", names=columns)


def parsed_listing(rows: pl.DataFrame, file: str, names: Collection[str]) -> ParsedListing:
    """The rows of a canonical query, sorted into records and what else was found; `names` are the source's fields."""
    could_be_read = pl.col("reason").is_null()
    bad = rows.filter(~could_be_read)
    read = rows.filter(could_be_read)
    unread = read.select(pl.col("unread").explode(empty_as_null=False, keep_nulls=False).struct.unnest())
    return ParsedListing(
        records=read.select(_with_type(name, dtype) for name, dtype in CANONICAL_SCHEMA.items()),
        reading=Reading(
            n_records=rows.height,
            n_bad_records=bad.height,
            bad_records=bad.sort("line_number")
            .head(MAX_BAD_RECORDS_KEPT)
            .select(
                file=pl.lit(file),
                line_number=pl.col("line_number").cast(pl.Int64),
                reason="reason",
                record=pl.col("record").str.slice(0, RECORD_EXCERPT),
            ),
            unread_fields=_counted(unread.with_columns(n_records=pl.lit(1, pl.Int64))),
            had=frozenset(field for group in REQUIRED for field in group if read[_had(field)].any()),
            names=frozenset(names),
        ),
    )


def joined(pieces: Sequence[ParsedListing]) -> ParsedListing:
    """A listing that was parsed in pieces, which come in order."""
    readings = [piece.reading for piece in pieces]
    return ParsedListing(
        records=pl.concat([piece.records for piece in pieces]),
        reading=Reading(
            n_records=sum(reading.n_records for reading in readings),
            n_bad_records=sum(reading.n_bad_records for reading in readings),
            bad_records=pl.concat([reading.bad_records for reading in readings]).head(MAX_BAD_RECORDS_KEPT),
            unread_fields=_counted(pl.concat([reading.unread_fields for reading in readings])),
            had=frozenset[str]().union(*(reading.had for reading in readings)),
            names=frozenset[str]().union(*(reading.names for reading in readings)),
        ),
    )


def _counted(unread: pl.DataFrame) -> pl.DataFrame:
    """Fields and shapes, each once, with the number of records."""
    counted = unread.group_by("field", "shape").agg(pl.col("n_records").sum()).sort("field", "shape")
    return counted.select(pl.col(name).cast(dtype) for name, dtype in UNREAD_FIELD_SCHEMA.items())


def _with_type(name: str, dtype: pl.DataType) -> pl.Expr:
    if isinstance(dtype, pl.Datetime):
        return pl.col(name).dt.replace_time_zone("UTC").cast(dtype)
    return pl.col(name).cast(dtype)


class _Layers:
    """A relation that is given columns made from those before, so that nothing is computed twice."""

    def __init__(self, relation: str) -> None:
        self.relation = relation

    def add(self, columns: Mapping[str, str]) -> None:
        made = ", ".join(f'{expression} AS "{name}"' for name, expression in columns.items())
        self.relation = f"(SELECT *, {made} FROM {self.relation})"


def _name(field: str, part: str) -> str:
    return f"{field} {part}"


def _column(field: str, part: str) -> str:
    return f'"{_name(field, part)}"'


def _cell(field: str) -> Cell:
    return Cell(_column(field, "text"), _column(field, "kind"))


def _had(field: str) -> str:
    """The name of the column that says whether a record has a field."""
    return f"had {field}"


def _json_kind(field: str) -> str:
    kind, json = _column(field, "kind"), _column(field, "json")
    return f"CASE WHEN {json} IS NULL THEN NULL WHEN {kind} = 'VARCHAR' THEN json_type({json}) ELSE {kind} END"


def _parts_of(structure: str) -> dict[str, str]:
    """The texts and the JSON types of all that is read of a structure."""
    json = f"CASE WHEN {_column(structure, 'json kind')} = 'OBJECT' THEN {_column(structure, 'json')} END"
    paths = ", ".join(f"'{fields.json_path(part)}'" for part in _PARTS[structure])
    return {"texts": f"json_extract_string({json}, [{paths}])", "kinds": f"json_type({json}, [{paths}])"}


def _list_of(field: str) -> str:
    """A field as a JSON list, whether it came as one or as its only item; null where it is neither."""
    if field == "tags":
        return f"CASE WHEN {_column(field, 'json kind')} = 'ARRAY' THEN {_column(field, 'json')} END"
    text, kind = _cell(field)
    listed = f"CASE {kind} WHEN 'ARRAY' THEN {text} WHEN 'VARCHAR' THEN to_json([{text}])::VARCHAR END"
    if field == CARD_PARENT:
        return listed
    base_models = f"CASE WHEN {_column('baseModels', 'json kind')} = 'ARRAY' THEN {_column('baseModels', 'json')} END"
    return f"coalesce({base_models}, CASE WHEN {kind} = 'OBJECT' THEN '[' || {text} || ']' ELSE {listed} END)"


def _values() -> dict[str, str]:
    """What each field says, by its name; null where it is absent or cannot be read."""

    def items(field: str, read: Callable[[str], str]) -> str:
        listed = _column(field, "list")
        return f"CASE WHEN {listed} IS NOT NULL THEN {read(listed)} END"

    def possible(moment: str) -> str:
        return f"CASE WHEN {moment} >= '{EARLIEST}'::TIMESTAMP AND {moment} < '{LATEST}'::TIMESTAMP THEN {moment} END"

    def not_negative(whole: str) -> str:
        return f"CASE WHEN {whole} >= 0 THEN {whole} END"

    return {
        "id": f"CASE WHEN trim({_column('id', 'text')}) != '' THEN {fields.text_of(_cell('id'))} END",
        **{field: possible(_column(field, "moment")) for field in _MOMENTS},
        **{field: not_negative(_column(field, "whole")) for field in (*COUNTS, *_TOTALS)},
        **{field: read(_cell(field)) for field, read in _TEXTS.items()},
        **{field: items(field, read) for field, read in _LISTS.items()},
    }


def _canonical_columns() -> dict[str, str]:
    """The columns of `model_snapshots`, in order."""
    value = {field: _column(field, "value") for field in _values()}
    total = f"greatest({value['safetensors.total']}, {_parameters_by_type()})"
    parameters = f"CASE WHEN {total} > 0 THEN {total} ELSE {value['gguf.total']} END"
    model_index = (
        f"CASE WHEN {_column('model-index', 'json kind')} = 'ARRAY' THEN {_column('model-index', 'json')} "
        f"WHEN {_column('cardData.model-index', 'kind')} = 'ARRAY' THEN {_column('cardData.model-index', 'text')} END"
    )
    return {
        "model_id": value["id"],
        "repository_id": f"nullif({value['_id']}, '')",
        "author": f"coalesce({value['author']}, {_owner(value['id'])})",
        "created_at": value["createdAt"],
        "last_modified": value["lastModified"],
        "tags": value["tags"],
        # Writers of columns cannot say whether a list of parents was empty or absent.
        "base_models": f"nullif({value['baseModels.models']}, [])",
        "base_model_relation": value["baseModels.relation"],
        "card_base_models": value[CARD_PARENT],
        "card_base_model_relation": value["cardData.base_model_relation"],
        "config_base_model": value["config.peft.base_model_name_or_path"],
        "model_type": value["config.model_type"],
        "gguf_architecture": value["gguf.architecture"],
        "benchmarks": _results_in(model_index),
        "pipeline_tag": value["pipeline_tag"],
        "library_name": value["library_name"],
        "downloads": value["downloads"],
        "downloads_all_time": value["downloadsAllTime"],
        "likes": value["likes"],
        "n_parameters": f"CASE WHEN {parameters} > 0 THEN {parameters} END",
        "gated": value["gated"],
    }


def _parameters_by_type() -> str:
    """The sum of the parameters over their data types: packed weights have more in total than are stored."""
    parameters, kind = _cell("safetensors.parameters")
    counts = f"json_extract(CASE WHEN {kind} = 'OBJECT' THEN {parameters} END, '$.*')::JSON[]"
    whole = "TRY_CAST(json_extract_string(item, '$') AS BIGINT)"
    return f"TRY_CAST(list_sum(list_transform({counts}, lambda item: greatest({whole}, 0))) AS BIGINT)"


def _owner(model_id: str) -> str:
    return f"CASE WHEN contains({model_id}, '/') THEN split_part({model_id}, '/', 1) END"


def _results_in(model_index: str) -> str:
    """The results of a model index, one for each metric of each data set; null where there are none."""
    shape = (
        '[{"results": [{"dataset": {"type": "VARCHAR", "name": "VARCHAR"}, '
        '"metrics": [{"type": "VARCHAR", "value": "VARCHAR"}]}]}]'
    )
    number = "TRY_CAST(metric.value AS DOUBLE)"
    return (
        f"nullif(flatten(list_transform(flatten(list_transform(json_transform({model_index}, '{shape}'), "
        "lambda model: model.results)), lambda result: list_transform(result.metrics, lambda metric: struct_pack("
        "dataset := coalesce(result.dataset.type, result.dataset.name), metric := metric.type, "
        f"value := CASE WHEN isfinite({number}) THEN {number} END)))), [])"
    )


def _reason() -> str:
    """Why a record cannot be read; null where it can. Nothing but an id is needed."""
    shape = f"nullif({fields.shape_of(_cell('id'))}, 'text')"
    no_id = f"WHEN {_column('id', 'value')} IS NULL THEN coalesce('id is ' || {shape}, 'no id')"
    return f"CASE WHEN problem IS NOT NULL THEN problem {no_id} END"


def _unread() -> str:
    """Field and shape of each value of a record that is there and cannot be read; null where there is none."""
    suspects = _suspects()
    # Few records have any: of all others no more is asked than whether they do.
    is_odd = " OR ".join(f"({suspect.condition})" for suspect in suspects)
    cells = ", ".join(
        f"CASE WHEN {suspect.condition} THEN struct_pack(field := '{suspect.field}', text := {suspect.cell.text}, "
        f"kind := {suspect.cell.kind}, known := {suspect.known}, wanted := '{suspect.wanted}') END"
        for suspect in suspects
    )
    shape = f"coalesce(found.known, {fields.shape_of(Cell('found.text', 'found.kind'), 'found.wanted')})"
    found = f"list_filter([{cells}], lambda cell: cell IS NOT NULL)"
    shapes = f"list_transform({found}, lambda found: struct_pack(field := found.field, shape := {shape}))"
    return f"CASE WHEN {is_odd} THEN list_filter({shapes}, lambda found: found.shape IS NOT NULL) END"


class _Suspect(NamedTuple):
    """SQL of whether a field may hold what cannot be read, of the cell that does, and of its shape where it is known.

    `wanted` is what `shape_of` takes.
    """

    field: str
    condition: str
    cell: Cell
    known: str = "NULL"
    wanted: str = ""


def _suspects() -> list[_Suspect]:
    def lost(field: str, part: str = "value") -> str:
        return f"{_column(field, 'text')} IS NOT NULL AND {_column(field, part)} IS NULL"

    def is_wrong(field: str) -> str:
        kinds = ", ".join(f"'{kind}'" for kind in STRUCTURES[field])
        kind = _column(field, "json kind")
        return f"{kind} IS NOT NULL AND {kind} NOT IN ({kinds})"

    def parsed(field: str) -> Cell:
        return Cell(f"json_extract_string({_column(field, 'json')}, '$')", _column(field, "json kind"))

    impossible = {
        field: f"CASE WHEN {_column(field, 'moment')} IS NOT NULL THEN 'impossible time' END" for field in _MOMENTS
    }
    return [
        *(_Suspect(field, lost(field), _cell(field), known) for field, known in impossible.items()),
        *(_Suspect(field, lost(field), _cell(field), wanted=fields.NUMBER) for field in (*COUNTS, *_TOTALS)),
        *(_Suspect(field, lost(field), _cell(field)) for field in _TEXTS),
        *(_Suspect(field, lost(field, "json"), _cell(field), wanted=fields.JSON) for field in STRUCTURES),
        *(_Suspect(field, is_wrong(field), parsed(field)) for field in STRUCTURES),
        *(_Suspect(field, lost(field, "list"), _cell(field)) for field in _LISTS if field != "tags"),
        *(_with_other_items(field) for field in _LISTS),
        _without_models(),
    ]


def _with_other_items(field: str) -> _Suspect:
    """A list with other items than can be read; nulls in it are nothing."""
    items, n_read = _column(field, "list"), f"len({_column(field, 'value')})"
    shape = fields.shape_in_list(items, n_read)
    return _Suspect(field, f"json_array_length({items}) > {n_read}", fields.ABSENT, known=shape)


def _without_models() -> _Suspect:
    """An object as the Hub's own parents that has nothing of what the Hub writes into it."""
    keys = f"json_keys({_column('baseModels', 'json')})"
    is_object = f"{_column('baseModels', 'json kind')} = 'OBJECT'"
    has_none = f"len({keys}) > 0 AND NOT list_has_any({keys}, ['models', 'relation'])"
    return _Suspect("baseModels", f"{is_object} AND {has_none}", fields.ABSENT, known="'object without models'")


def _is_there(field: str) -> str:
    """Whether a record has a field that is required, in a shape that could be read."""
    if field not in STRUCTURES:
        return f"{_column(field, 'value')} IS NOT NULL"
    kinds = ", ".join(f"'{kind}'" for kind in STRUCTURES[field])
    return f"coalesce({_column(field, 'json kind')} IN ({kinds}), false)"

"""Canonical records: one shape of metadata, whatever shape the source gave it in.

The Hub's listing comes as JSON (fields of any shape, any may be missing) and as Parquet (the public
archive: structs, or JSON text where it once was a struct). Both become the columns of
`model_snapshots` through one SQL query, so that they can never disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from mdi_pipeline.hub.database import ArrowTable, column_types, connect, fetched
from mdi_pipeline.hub.source import SourceError
from mdi_pipeline.tables.hub import MODEL_SNAPSHOTS

CANONICAL_SCHEMA: dict[str, pl.DataType] = {column.name: column.dtype for column in MODEL_SNAPSHOTS.columns}
"""Columns and types of canonical records: those of the table `model_snapshots`."""

EARLIEST = "2000-01-01"
"""A creation time before this day is impossible: there was no Hub."""

LATEST = "2100-01-01"
"""A creation time from this day on is a mistake in the source."""

RECORD_EXCERPT = 500
"""Characters of an unreadable record that are kept aside."""

PARSED = "mdi_"
"""How columns of what is parsed once begin; those of a listing do not."""

_JSON_TEXT = {"VARCHAR", "JSON"}
_CARD_PATHS = ["$.base_model", "$.base_model_relation", '$."model-index"']
_CONFIG_PATHS = ["$.peft.base_model_name_or_path", "$.model_type"]


def canonical_query(relation: str, columns: Mapping[str, str], extra: Iterable[str] = ()) -> str:
    """SQL that turns a listing into canonical records.

    `relation` is SQL text of the listing, `columns` its columns with DuckDB types, `extra` columns that
    are handed through. Besides the columns of `model_snapshots` the result has
    `card_parents_skipped` (whether the card's `base_model` had a shape that is skipped) and `reason`
    (why the record cannot be read; null where it can).

    Raises `SourceError` where a column has a type that the listing never has.
    """
    listing = _Listing(columns)
    card_parent, model_index = f"{PARSED}card[1]", f"coalesce({listing.json('model-index')}, {PARSED}card[3])"
    counts = {name: listing.number(name) for name in ("downloads", "downloadsAllTime", "likes")}
    parameters = f"coalesce({listing.parameters('safetensors')}, {listing.parameters('gguf')})"
    created_at = f"{PARSED}created_at"
    selected = {
        "model_id": listing.text("id"),
        "repository_id": listing.text_in_json("_id"),
        "author": f"coalesce({listing.text('author')}, {_owner(listing.text('id'))})",
        "created_at": created_at,
        "last_modified": f"{PARSED}last_modified",
        "tags": listing.texts("tags"),
        "base_models": f"json_extract_string({PARSED}base_models, '$.models[*].id')",
        "base_model_relation": f"json_extract_string({PARSED}base_models, '$.relation')",
        "card_base_models": _texts_in(card_parent),
        "card_base_model_relation": f"json_extract_string({PARSED}card[2], '$')",
        "config_base_model": f"{PARSED}config[1]",
        "model_type": f"{PARSED}config[2]",
        "gguf_architecture": f"json_extract_string({listing.json('gguf')}, '$.architecture')",
        "benchmarks": _results_in(model_index),
        "pipeline_tag": listing.text("pipeline_tag"),
        "library_name": listing.text("library_name"),
        "downloads": counts["downloads"],
        "downloads_all_time": counts["downloadsAllTime"],
        "likes": counts["likes"],
        "n_parameters": parameters,
        "gated": listing.scalar_text("gated"),
        "card_parents_skipped": _is_skipped(card_parent),
        "reason": _reason(listing, columns, counts),
    }
    expressions = [f"{expression} AS {name}" for name, expression in selected.items()]
    return f"SELECT {', '.join([*expressions, *extra])} FROM {_parsed(relation, listing)}"


def _parsed(relation: str, listing: _Listing) -> str:
    """The listing, and columns of what several canonical ones are made from: it is parsed once."""
    parts = {
        "created_at": listing.time("createdAt"),
        "last_modified": listing.time("lastModified"),
        "base_models": listing.json("baseModels"),
        "card": f"""json_extract({listing.json("cardData")}, {_CARD_PATHS})""",
        "config": f"""json_extract_string({listing.json("config")}, {_CONFIG_PATHS})""",
    }
    return f"(SELECT *, {', '.join(f'{part} AS {PARSED}{name}' for name, part in parts.items())} FROM {relation})"


def if_unreadable(excerpt: str) -> str:
    """SQL of the column `record` over a canonical query: an excerpt, made of those records alone that need one."""
    return f"CASE WHEN reason IS NOT NULL THEN {excerpt} END AS record"


def canonical_records(listing: pl.DataFrame) -> pl.DataFrame:
    """A listing that is held as a frame, columns named as the Hub names them, as a parsed listing.

    The result has the columns of `canonical_query`.
    """
    with connect() as connection:
        connection.register("listing", ArrowTable(listing))
        return fetched(connection, canonical_query("listing", column_types(connection, "listing")))


def readable(parsed: pl.DataFrame) -> pl.LazyFrame:
    """The records of a parsed listing that could be read, in canonical columns and types."""
    return (
        parsed.lazy()
        .filter(pl.col("reason").is_null())
        .select(_with_type(name, dtype) for name, dtype in CANONICAL_SCHEMA.items())
    )


def _with_type(name: str, dtype: pl.DataType) -> pl.Expr:
    if isinstance(dtype, pl.Datetime):
        return pl.col(name).dt.replace_time_zone("UTC").cast(dtype)
    return pl.col(name).cast(dtype)


class _Listing:
    """SQL expressions for the fields of a listing, by what its columns are."""

    def __init__(self, columns: Mapping[str, str]) -> None:
        self._columns = columns

    def text(self, name: str) -> str:
        return self._typed(name, "VARCHAR", wanted="text", fits=_JSON_TEXT)

    def texts(self, name: str) -> str:
        return self._typed(name, "VARCHAR[]", wanted="a list of text", fits={"VARCHAR[]"})

    def number(self, name: str) -> str:
        kind = self._columns.get(name)
        if kind is None:
            return "NULL::BIGINT"
        if not kind.endswith("INT") and not kind.endswith("INTEGER") and kind not in {"DOUBLE", "FLOAT"}:
            raise SourceError(_wrong_type(name, kind, "a number"))
        return f'TRY_CAST("{name}" AS BIGINT)'

    def time(self, name: str) -> str:
        kind = self._columns.get(name)
        if kind is None:
            return "NULL::TIMESTAMP"
        if kind not in _JSON_TEXT and not kind.startswith(("TIMESTAMP", "DATE")):
            raise SourceError(_wrong_type(name, kind, "a time"))
        if kind == "TIMESTAMP WITH TIME ZONE":
            return f'make_timestamp(epoch_us("{name}"))'  # in UTC, at a fiftieth of the cost of a cast
        return f'CAST(TRY_CAST("{name}" AS TIMESTAMPTZ) AS TIMESTAMP)'

    def scalar_text(self, name: str) -> str:
        return f"""json_extract_string(to_json("{name}"), '$')""" if name in self._columns else "NULL::VARCHAR"

    def text_in_json(self, name: str) -> str:
        """The text that a field of any shape is; null where it is something else, or empty."""
        value = self.json(name) if self._columns.get(name) != "VARCHAR" else f'to_json("{name}")'
        return f"CASE WHEN json_type({value}) = 'VARCHAR' THEN nullif(json_extract_string({value}, '$'), '') END"

    def json(self, name: str) -> str:
        kind = self._columns.get(name)
        if kind is None:
            return "NULL::JSON"
        if kind == "VARCHAR":
            return f'(CASE WHEN json_valid("{name}") THEN "{name}"::JSON END)'
        return f'"{name}"' if kind == "JSON" else f'to_json("{name}")'

    def parameters(self, name: str) -> str:
        """The larger of the total and the sum over data types, either of which may be missing, wrong or of a part."""
        counts = f"json_extract({self.json(name)}, '$.parameters.*')::JSON[]"
        whole = "TRY_CAST(json_extract_string(item, '$') AS BIGINT)"
        by_type = f"TRY_CAST(list_sum(list_transform({counts}, lambda item: greatest({whole}, 0))) AS BIGINT)"
        total = f"TRY_CAST(json_extract_string({self.json(name)}, '$.total') AS BIGINT)"
        return f"CASE WHEN greatest({total}, {by_type}) > 0 THEN greatest({total}, {by_type}) END"

    def _typed(self, name: str, sql_type: str, *, wanted: str, fits: set[str]) -> str:
        kind = self._columns.get(name)
        if kind is None:
            return f"NULL::{sql_type}"
        if kind not in fits:
            raise SourceError(_wrong_type(name, kind, wanted))
        return f'"{name}"'


def _wrong_type(name: str, kind: str, wanted: str) -> str:
    return f"column {name} is {kind}, where a listing has {wanted}"


def _owner(model_id: str) -> str:
    return f"CASE WHEN contains({model_id}, '/') THEN split_part({model_id}, '/', 1) END"


def _texts_in(value: str) -> str:
    """The texts of a JSON value that is a text or a list with texts in it."""
    return (
        f"CASE json_type({value}) WHEN 'VARCHAR' THEN [json_extract_string({value}, '$')] "
        f"WHEN 'ARRAY' THEN list_transform(list_filter(json_extract({value}, '$[*]'), "
        "lambda item: json_type(item) = 'VARCHAR'), lambda item: json_extract_string(item, '$')) END"
    )


def _results_in(model_index: str) -> str:
    """The results of a model index, one for each metric of each data set; null where there are none."""
    shape = (
        '[{"results": [{"dataset": {"type": "VARCHAR", "name": "VARCHAR"}, '
        '"metrics": [{"type": "VARCHAR", "value": "VARCHAR"}]}]}]'
    )
    number = "TRY_CAST(metric.value AS DOUBLE)"
    return (
        f"CASE WHEN json_type({model_index}) = 'ARRAY' THEN nullif(flatten(list_transform(flatten("
        f"list_transform(json_transform({model_index}, '{shape}'), lambda model: model.results)), lambda result: "
        "list_transform(result.metrics, lambda metric: struct_pack("
        "dataset := coalesce(result.dataset.type, result.dataset.name), metric := metric.type, "
        f"value := CASE WHEN isfinite({number}) THEN {number} END)))), []) END"
    )


def _is_skipped(value: str) -> str:
    """Whether a JSON value, or a part of it, is neither a text nor absent."""
    return (
        f"coalesce(CASE json_type({value}) WHEN 'VARCHAR' THEN false WHEN 'NULL' THEN false "
        f"WHEN 'ARRAY' THEN len(list_filter(json_extract({value}, '$[*]'), "
        "lambda item: json_type(item) != 'VARCHAR')) > 0 ELSE json_type("
        f"{value}) IS NOT NULL END, false)"
    )


def _reason(listing: _Listing, columns: Mapping[str, str], counts: Mapping[str, str]) -> str:
    """Why a record cannot be read, as an SQL expression; null where it can."""
    cases = [f"WHEN coalesce({listing.text('id')}, '') = '' THEN 'no id'"]
    created_at = f"{PARSED}created_at"
    for name, time in (("createdAt", created_at), ("lastModified", f"{PARSED}last_modified")):
        if name in columns:
            written = f"""coalesce("{name}"::VARCHAR, '')"""
            cases.append(f"WHEN \"{name}\" IS NOT NULL AND {time} IS NULL THEN '{name} is no date: ' || {written}")
    cases.append(
        f"WHEN {created_at} < '{EARLIEST}'::TIMESTAMP OR {created_at} >= '{LATEST}'::TIMESTAMP "
        f"THEN 'createdAt is impossible: ' || {created_at}::VARCHAR"
    )
    cases += [f"WHEN {number} < 0 THEN '{name} is negative'" for name, number in counts.items() if name in columns]
    if "reason" in columns:
        cases.insert(0, "WHEN reason IS NOT NULL THEN reason")
    return f"CASE {' '.join(cases)} END"


def bad_records(parsed: pl.DataFrame, file: str) -> pl.DataFrame:
    """The records of a parsed listing that could not be read, with their line, reason and beginning."""
    return (
        parsed.filter(pl.col("reason").is_not_null())
        .select(
            file=pl.lit(file),
            line_number=pl.col("line_number").cast(pl.Int64),
            reason="reason",
            record=pl.col("record").str.slice(0, RECORD_EXCERPT),
        )
        .sort("line_number")
    )


def skipped_card_parents(parsed: pl.DataFrame) -> int:
    """How many readable records have a card whose `base_model` has a shape that is skipped."""
    return int((parsed["reason"].is_null() & parsed["card_parents_skipped"]).sum())

"""The fields of a listing that are read, and SQL that reads one, whatever shape it came in.

A field comes as a `Cell`, its text and the JSON type that it had. Both readers (JSON lines, Parquet) make cells, and
all after that is the same SQL, so that they cannot disagree. What cannot be read is null, and `shape_of` names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

FIELDS: dict[str, tuple[str, ...]] = {
    "id": (),
    "_id": (),
    "author": (),
    "createdAt": ("created_at",),
    "lastModified": ("last_modified",),
    "gated": (),
    "downloads": (),
    "downloadsAllTime": ("downloads_all_time",),
    "likes": (),
    "pipeline_tag": (),
    "library_name": (),
    "tags": (),
    "baseModels": ("base_models",),
    "cardData": ("card_data",),
    "safetensors": (),
    "gguf": (),
    "config": (),
    "model-index": ("model_index",),
}
"""What is read of a record, by the Hub's name of the field; with it, the name that huggingface_hub's dumps give it."""

COUNTS = ("downloads", "downloadsAllTime", "likes")
"""Fields that are whole numbers."""

STRUCTURES: Mapping[str, tuple[str, ...]] = {
    "tags": ("ARRAY",),
    "baseModels": ("OBJECT", "ARRAY"),
    "cardData": ("OBJECT",),
    "safetensors": ("OBJECT",),
    "gguf": ("OBJECT",),
    "config": ("OBJECT",),
    "model-index": ("ARRAY",),
}
"""Fields that are lists or objects, with the JSON types that each may have; some sources give them as JSON text."""

SUBSTITUTE = "\x1a"
"""Stands in a text for what is no Unicode (bytes that are not UTF-8, half a surrogate pair): U+001A is meant for that.

JSON admits it inside a text only escaped.
"""

MOMENT = "MOMENT"
"""The type of a cell whose column held moments: its text is microseconds since 1970."""

NOT_UNICODE = "text that is not Unicode"

NUMBER = "number"
JSON = "JSON"

_NUMBERS = "('BIGINT', 'UBIGINT', 'DOUBLE')"
_NUMERALS = "('BIGINT', 'UBIGINT', 'DOUBLE', 'VARCHAR')"
_WHOLE = r"\s*([+-]?[0-9]+)(?:\.0*)?\s*"
_NUMERAL = r"\s*[+-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?\s*"
_TOO_LARGE = "9.2e18"
"""Whole numbers from here on are not kept."""

_ESCAPE = (
    r"(\\(?:[^u\x{1a}]|u(?:[0-9abcefABCEF][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2}"
    r"|[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})))"
)
"""An escape sequence of JSON that is whole, a surrogate pair included."""

_ESCAPED_SUBSTITUTE = r"\u001a"

_HALF_PAIR = r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}"

_EPOCHS = ((1e10, 1_000_000), (1e13, 1_000), (1e16, 1), (1e19, 0.001))
"""Numbers below the first are in the unit that has so many microseconds: s, ms, us, ns. They do not overlap."""


class Cell(NamedTuple):
    """SQL of a field's text (null where it is absent) and of its JSON type, or `MOMENT`."""

    text: str
    kind: str


ABSENT = Cell("NULL::VARCHAR", "NULL::VARCHAR")
"""A field that is not there."""


def json_path(name: str) -> str:
    """The path of a field; a hyphen in a name must be quoted, a dot leads into it."""
    return f'$."{name}"' if "-" in name else f"$.{name}"


def mended(text: str) -> str:
    """JSON text in which what is no Unicode is replaced by `SUBSTITUTE`, escaped.

    A mark is put after every whole escape sequence and in the place of every half, then taken from the whole ones.
    """
    marked = f"regexp_replace({text}, '{_ESCAPE}|{_HALF_PAIR}', '\\1{SUBSTITUTE}', 'g')"
    unmarked = f"regexp_replace({marked}, '{_ESCAPE}{SUBSTITUTE}', '\\1', 'g')"
    return f"replace({unmarked}, '{SUBSTITUTE}', '{_ESCAPED_SUBSTITUTE}')"


def _has_substitute(json: str) -> str:
    """Whether JSON text has `SUBSTITUTE` in it, which is written in two ways."""
    return f"(contains({json}, '{_ESCAPED_SUBSTITUTE}') OR contains({json}, '\\u001A'))"


def valid_json(text: str) -> str:
    """JSON text that can be parsed; null where it cannot be mended."""
    return (
        f"CASE WHEN json_valid({text}) THEN {text} "
        f"ELSE list_filter([{mended(text)}], lambda mended: json_valid(mended))[1] END"
    )


def shape_of(cell: Cell, wanted: str = "''") -> str:
    """The shape of a cell that could not be read; null where there was nothing to read.

    Nothing is also an empty text, and NaN, which is how pandas writes what is missing. `wanted` is SQL of what the
    cell should have been, where that says more of it: `NUMBER`, `JSON`.
    """
    text, kind = cell
    number = f"TRY_CAST({text} AS DOUBLE)"
    return (
        f"CASE WHEN {text} IS NULL THEN NULL "
        f"WHEN {wanted} = '{NUMBER}' AND {kind} IN {_NUMERALS} AND regexp_full_match({text}, '{_NUMERAL}') "
        f"THEN CASE WHEN {number} < 0 THEN 'negative number' WHEN {number} >= {_TOO_LARGE} THEN 'number too large' "
        f"ELSE 'fraction' END "
        f"WHEN {kind} = 'VARCHAR' THEN CASE WHEN lower(trim({text})) IN ('', 'null', 'nan') THEN NULL "
        f"WHEN contains({text}, chr(26)) THEN '{NOT_UNICODE}' "
        f"WHEN {wanted} = '{JSON}' THEN 'text that is not JSON' ELSE 'text' END "
        f"WHEN {kind} = 'BOOLEAN' THEN 'boolean' "
        f"WHEN {kind} = 'ARRAY' THEN 'list' WHEN {kind} = 'OBJECT' THEN 'object' "
        f"WHEN {kind} = '{MOMENT}' THEN 'time' WHEN isnan({number}) THEN NULL ELSE 'number' END"
    )


def text_of(cell: Cell) -> str:
    """A text, as it is."""
    return f"CASE WHEN {cell.kind} = 'VARCHAR' AND NOT contains({cell.text}, chr(26)) THEN {cell.text} END"


def word_of(cell: Cell) -> str:
    """A text, or `true` and `false` in words."""
    is_word = f"{cell.kind} IN ('VARCHAR', 'BOOLEAN') AND NOT contains({cell.text}, chr(26))"
    return f"CASE WHEN {is_word} THEN {cell.text} END"


def one_text_of(cell: Cell) -> str:
    """A text, or the only one of a list."""
    text, kind = cell
    only = f"{kind} = 'ARRAY' AND json_type({text}, '$[*]') = ['VARCHAR'] AND NOT {_has_substitute(text)}"
    return f"CASE WHEN {only} THEN json_extract_string({text}, '$[0]') ELSE {text_of(cell)} END"


def whole_number_of(cell: Cell) -> str:
    """A whole number: 10, 10.0, 1e1 or "10"."""
    text, kind = cell
    number = f"TRY_CAST({text} AS DOUBLE)"
    return (
        f"CASE WHEN {kind} IN ('BIGINT', 'UBIGINT') THEN TRY_CAST({text} AS BIGINT) "
        f"WHEN {kind} NOT IN ('DOUBLE', 'VARCHAR') THEN NULL "
        f"WHEN regexp_full_match({text}, '{_WHOLE}') THEN TRY_CAST(regexp_extract({text}, '^{_WHOLE}$', 1) AS BIGINT) "
        f"WHEN regexp_full_match({text}, '{_NUMERAL}') AND {number} = trunc({number}) AND abs({number}) < {_TOO_LARGE} "
        f"THEN {number}::BIGINT END"
    )


def moment_of(cell: Cell) -> str:
    """A moment in UTC, without a zone: ISO 8601, or a number of seconds, milli-, micro- or nanoseconds since 1970."""
    text, kind = cell
    number = f"TRY_CAST({text} AS DOUBLE)"
    epochs = " ".join(
        f"WHEN abs({number}) < {end:f} THEN make_timestamp(({number} * {unit})::BIGINT)" for end, unit in _EPOCHS
    )
    return (
        f"CASE WHEN {kind} = '{MOMENT}' THEN make_timestamp(TRY_CAST({text} AS BIGINT)) "
        f"WHEN {kind} = 'VARCHAR' AND TRY_CAST({text} AS TIMESTAMPTZ) IS NOT NULL "
        f"THEN CAST(TRY_CAST({text} AS TIMESTAMPTZ) AS TIMESTAMP) "
        f"WHEN {kind} IN {_NUMBERS} OR {kind} = 'VARCHAR' AND regexp_full_match({text}, '{_NUMERAL}') "
        f"THEN CASE {epochs} END END"
    )


def structure_of(cell: Cell) -> str:
    """JSON text of a list or an object, also where it came as a text that holds JSON."""
    text, kind = cell
    return f"CASE WHEN {kind} IN ('ARRAY', 'OBJECT') THEN {text} WHEN {kind} = 'VARCHAR' THEN {valid_json(text)} END"


def texts_in(array: str) -> str:
    """The texts of a JSON list; what else is in it is left out."""
    texts, kinds = f"json_extract_string({array}, '$[*]')", f"json_type({array}, '$[*]')"
    are_all = f"NOT {_has_substitute(array)} AND list_distinct({kinds}) = ['VARCHAR']"
    return (
        f"CASE WHEN {are_all} THEN {texts} "
        f"ELSE list_transform(list_filter(list_zip({texts}, {kinds}), "
        "lambda item: item[2] = 'VARCHAR' AND NOT contains(item[1], chr(26))), lambda item: item[1]) END"
    )


def ids_in(array: str) -> str:
    """The ids in a JSON list of ids, or of objects with an `id`; what else is in it is left out."""
    found = "CASE json_type(item) WHEN 'VARCHAR' THEN json_extract_string(item, '$') WHEN 'OBJECT' THEN " + (
        "CASE json_type(item, '$.id') WHEN 'VARCHAR' THEN json_extract_string(item, '$.id') END END"
    )
    ids = f"list_transform(json_extract({array}, '$[*]'), lambda item: {found})"
    return f"list_filter({ids}, lambda id: id IS NOT NULL AND NOT contains(id, chr(26)))"


def shape_in_list(array: str, n_read: str) -> str:
    """What is wrong with a JSON list of which `n_read` items could be read; nulls in it are nothing."""
    n_there = f"len(list_filter(json_type({array}, '$[*]'), lambda kind: kind != 'NULL'))"
    return (
        f"CASE WHEN {n_there} <= {n_read} THEN NULL "
        f"WHEN {_has_substitute(array)} THEN '{NOT_UNICODE}' ELSE 'list with other than text' END"
    )

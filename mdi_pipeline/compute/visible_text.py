"""Text of unknown origin, made fit to show: nothing in it acts on a terminal, a page, a picture or a spreadsheet."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

LONGEST_ID = 200
"""Characters of an id that are shown: the Hub's own have up to 193, an owner and a name of 96 each."""

LONGEST_NAME = 60
"""Characters of the name of a file or a field that a message shows: it may be of any length."""

_CONTROLS = "\\x00-\\x1f\\x7f-\\x9f"
_BIDIRECTIONAL = "\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069"
_SEPARATORS = "\\u2028\\u2029"
_NOT_IN_XML = "\\ud800-\\udfff\\ufffe\\uffff"

_INVISIBLE = re.compile(f"[{_CONTROLS}{_BIDIRECTIONAL}{_SEPARATORS}{_NOT_IN_XML}]")

_ESCAPED_IN_JSON = re.compile(
    r"(?<!\\)((?:\\\\)*)\\([bfrt]|u(?:00[01][0-9a-f]|007f|00[89][0-9a-f]|061c|200[ef]|202[89a-e]|206[6-9]|d[89a-f]..|fff[ef]))"
)

_FORMULA = "^[=+\\-@\\t\\r\\n\\x{FF1D}\\x{FF0B}\\x{FF0D}\\x{FF20}]"
"""How a cell begins that spreadsheets compute: also by the wide forms of = + - @."""


def visible(text: str) -> str:
    r"""The text with its control and bidirectional characters, and those that XML forbids, as their codes.

    >>> print(visible("a\x1b[2Jb\u202ec"))
    a\x1b[2Jb\u202ec
    """
    return _INVISIBLE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def shortened(text: str, fits: int) -> str:
    """The text, its middle left out where it has more than `fits` characters: both ends distinguish ids."""
    if len(text) <= fits:
        return text
    head = (fits - 1) // 2
    return f"{text[:head]}…{text[-(fits - 1 - head) :]}"


def shown(name: str) -> str:
    """A name that comes from outside as a message shows it: visible, and of a long one both ends."""
    return shortened(visible(name), LONGEST_NAME)


def visible_json(value: Mapping[str, Any]) -> str:
    """A chart as JSON whose texts are `visible`, line feeds apart: they part the lines of a title.

    Characters beyond the Basic Multilingual Plane are codes too: Vega cuts a long label between the two halves of one,
    and then fails. The texts are changed where they are JSON already: a chart holds thousands of points, and this reads
    them once.
    """
    return _ESCAPED_IN_JSON.sub(r"\1\\\\\2", json.dumps(value).replace("\x7f", r"\u007f"))


def without_formulas(data: pl.DataFrame) -> pl.DataFrame:
    """A table for a spreadsheet: texts that would be computed there have a quotation mark (') before them.

    Numbers stay. https://owasp.org/www-community/attacks/CSV_Injection
    """
    import polars as pl

    texts = pl.col(pl.String)
    return data.with_columns(pl.when(texts.str.contains(_FORMULA)).then("'" + texts).otherwise(texts).name.keep())

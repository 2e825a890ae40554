"""The name of a model without the words that only a derivative carries."""

from __future__ import annotations

import polars as pl

from mdi_pipeline.lineage.markers import FAMILIES, NUMBERINGS, QUALIFIERS, VARIANTS

MAX_WORDS = 10
"""No name carries more such words in a row than this."""

NUMBER = r"\d+(?:[._]\d+)*"
"""A number or version within a word; `4.25bpw` and `3_5bpw` have the shape `#bpw`."""

QUANTIZATION_LABEL = r"\b([it]?q\d)(?:-?(?:k|s|m|l|xs|xxs|nl|0|1)\b)(?:-(?:p|xs|s|m|l|xl|xxl)\b)?"
"""llama.cpp's labels, `q4-k-m`, `iq4-xs`, `q8-0`: one word each, of which the first part is kept."""

QUALIFIER, VARIANT, NUMBERING = range(len(FAMILIES), len(FAMILIES) + 3)
"""Codes of shapes that are in no family; those of the families are their places in the list."""

_CODES = {
    **dict.fromkeys(NUMBERINGS, NUMBERING),
    **dict.fromkeys(VARIANTS, VARIANT),
    **dict.fromkeys(QUALIFIERS, QUALIFIER),
    **{shape: code for code, family in reversed(list(enumerate(FAMILIES))) for shape in family.shapes},
}
_N_REPACKAGING = sum(family.repackages for family in FAMILIES)


def plain_name(model_id: pl.Expr) -> pl.Expr:
    """The name after the owner, in lower case, words joined by `-` alone."""
    return words_of(model_id.str.replace(r"(?s)^.*/", ""))


def words_of(text: pl.Expr) -> pl.Expr:
    """A text in lower case, words joined by `-` alone."""
    # Letter for letter and then runs that are seldom there: half the cost of one pattern for both.
    parted = text.str.to_lowercase().str.replace_many(["_", "/", " "], ["-"])
    return parted.str.replace_all("-{2,}", "-").str.strip_chars("-").str.replace_all(QUANTIZATION_LABEL, "${1}")


def with_stems(names: pl.DataFrame) -> pl.DataFrame:
    """Strip the trailing markers off names (`name`, as of `plain_name`).

    Adds `family` (null where the name carries no marker), `stem` (the name without its markers) and
    `variant` (the stem where words of `VARIANTS` end the stripping; null where that is before any marker);
    all null where there is no family. Words are stripped from the end while they are known: markers that
    re-package together, the other families each alone, qualifiers and variants on either side, numberings
    only on the outside; the first word of a name stays. One pass over the names for each word that is
    stripped, of those that still have one: linear.

    >>> with_stems(pl.DataFrame({"name": ["qwen3-8b-mtp-i1-gguf"]})).row(0)
    ('qwen3-8b-mtp-i1-gguf', 'gguf', 'qwen3-8b', 'qwen3-8b-mtp')
    """
    stripping = names.select(
        row=pl.int_range(pl.len(), dtype=pl.UInt32),
        rest="name",
        code=pl.lit(None, dtype=pl.Int8),
        variant=pl.lit(None, dtype=pl.String),
        is_loose=pl.lit(value=False),
    )
    finished = []
    for _ in range(MAX_WORDS):
        last = pl.col("rest").str.extract(r"-([^-]+)$", 1)
        # Lazily, since Polars else matches patterns in one thread alone here.
        looked_at = stripping.lazy().with_columns(last=last).with_columns(word=_code(pl.col("last"))).collect()
        goes_on = _goes_on()
        finished.append(looked_at.filter(~goes_on, pl.col("code").is_not_null()).select(stripping.columns))
        reaches_variant = (pl.col("word") == VARIANT) & ~pl.col("is_loose")
        stripping = looked_at.filter(goes_on).select(
            "row",
            rest=pl.col("rest").str.strip_suffix(pl.concat_str(pl.lit("-"), "last")),
            code=pl.min_horizontal("code", pl.when(pl.col("word") < QUALIFIER).then("word")),
            variant=pl.when(reaches_variant & pl.col("code").is_not_null()).then("rest").otherwise("variant"),
            is_loose=pl.col("is_loose") | (pl.col("word") == VARIANT),
        )
    marked = pl.concat([*finished, stripping.drop_nulls("code")]).select(
        "row",
        family=pl.col("code").replace_strict(
            range(len(FAMILIES)), [family.name for family in FAMILIES], return_dtype=pl.String
        ),
        stem="rest",
        variant=pl.when("is_loose").then("variant").otherwise("rest"),
    )
    return names.with_row_index("row").join(marked, on="row", how="left", maintain_order="left").drop("row")


def _code(word: pl.Expr) -> pl.Expr:
    shape = word.str.replace_all(NUMBER, "#")
    return shape.replace_strict(_CODES, default=None, return_dtype=pl.Int8)


def _goes_on() -> pl.Expr:
    """Whether the word at the end is stripped, given the marker found so far."""
    code, word = pl.col("code"), pl.col("word")
    both_repackage = (word < _N_REPACKAGING) & (code < _N_REPACKAGING)
    is_marker = (word < QUALIFIER) & (code.is_null() | both_repackage | (word == code))
    return (is_marker | word.is_in([QUALIFIER, VARIANT]) | ((word == NUMBERING) & code.is_null())).fill_null(
        value=False
    )

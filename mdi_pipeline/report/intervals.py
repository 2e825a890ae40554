"""Figures of shares with their intervals: by index, and by what groups the models."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from mdi_pipeline.report.dots import dots, share_axis
from mdi_pipeline.report.figure import NEGATIVE, POSITIVE, ZERO, Figure
from mdi_pipeline.report.words import POPULATION_WORDS, of_models, share_words
from mdi_pipeline.tables.vocabulary import (
    AUTHOR_MODELS,
    AUTHOR_QUANTIZED,
    BENCHMARKS,
    INDICES,
    PARENT_COUNTS,
    RELATIONS,
    SIZE_CLASSES,
)

if TYPE_CHECKING:
    from mdi_pipeline.report.inputs import ReportInputs

FACTOR_WORDS = {
    "relation": "relation to the parent",
    "size_class": "number of parameters",
    "task": "task",
    "n_parents": "number of parents",
    "architecture": "architecture",
    "benchmarks": "benchmark results of its own",
    "author_models": "author's models before it",
    "author_quantized": "quantized copies among those",
}

_SIGNS = {"share_negative": "below 0", "share_zero": "at 0", "share_positive": "above 0"}
_ORDERS: dict[str, tuple[str, ...]] = {
    "relation": RELATIONS,
    "size_class": SIZE_CLASSES,
    "n_parents": PARENT_COUNTS,
    "benchmarks": BENCHMARKS,
    "author_models": AUTHOR_MODELS,
    "author_quantized": AUTHOR_QUANTIZED,
}


def sign_figures(inputs: ReportInputs) -> dict[str, Figure]:
    """For the scored and the built upon: the shares below, at and above 0 by each index."""
    found = {}
    for population in ("scored", "built_upon"):
        data = (
            inputs.summary.filter(
                pl.col("population") == population, pl.col("measure").is_in(list(_SIGNS)), pl.col("n") > 0
            )
            .sort("index", "measure")
            .with_columns(
                pl.col("measure").replace_strict(_SIGNS, return_dtype=pl.String).alias("series"),
                _labels("index", "n"),
            )
        )
        if data.height:
            found[f"signs_{population}"] = Figure(
                title=f"Models with a negative, zero and positive index: {POPULATION_WORDS[population]}",
                subtitle=_SUBTITLE + " n differs where an index is undefined.",
                description=" ".join(_sentence(row, f"{row['index']} {row['series']}") for row in data.to_dicts()),
                chart=dots(
                    data,
                    _order(data, "index", INDICES),
                    dict(zip(_SIGNS.values(), _SIGN_COLOURS, strict=True)),
                    share_axis(data),
                ),
                data=data.drop("label", "series"),
            )
    return found


def factor_figures(inputs: ReportInputs) -> dict[str, Figure]:
    """For each factor: the share of models with a positive index at each level."""
    found = {}
    for factor, words in FACTOR_WORDS.items():
        rows = inputs.factors.filter(
            pl.col("factor") == factor,
            pl.col("population").is_in(list(POPULATION_COLOURS)),
            pl.col("index") == "mdi",
            pl.col("measure") == "share_positive",
            pl.col("n") > 0,
        )
        if rows.height:
            data = (
                rows.join(_n_by_level(rows), on="level")
                .sort("level", "population")
                .with_columns(
                    pl.col("population").replace_strict(SERIES, return_dtype=pl.String).alias("series"),
                )
            )
            found[f"factor_{factor}"] = Figure(
                title=f"Share of disruptive models (mdi above 0), by {words}",
                subtitle=_SUBTITLE + " n: all scored; built upon.",
                description=" ".join(
                    _sentence(row, f"{factor} {row['level']}, {row['series']}") for row in data.to_dicts()
                ),
                chart=dots(
                    data,
                    _order(data, "level", _ORDERS.get(factor)),
                    {SERIES[name]: colour for name, colour in POPULATION_COLOURS.items()},
                    share_axis(data),
                ),
                data=data.drop("label", "series"),
            )
    return found


_SUBTITLE = "Point: share of models; line: 95 % interval (none for a single author)."
_SIGN_COLOURS = (NEGATIVE, ZERO, POSITIVE)
SERIES = {"built_upon": "built upon", "scored": "all scored"}
POPULATION_COLOURS = {"built_upon": POSITIVE, "scored": ZERO}


def _n_by_level(rows: pl.DataFrame) -> pl.DataFrame:
    """The label of each level: its name, and how many models it has."""
    counted = rows.pivot("population", index="level", values="n")
    for population in POPULATION_COLOURS:
        if population not in counted.columns:
            counted = counted.with_columns(pl.lit(0, dtype=pl.Int64).alias(population))
    return counted.fill_null(0).select("level", _labels("level", "scored", "built_upon"))


def _labels(name: str, *numbers: str) -> pl.Expr:
    """The axis labels: a name, and under it how many models it has."""

    def written(rows: pl.Series) -> pl.Series:
        return pl.Series(
            [f"{first}|n = {'; '.join(f'{n:,}' for n in rest)}" for first, *rest in map(dict.values, rows)]
        )

    return pl.struct(name, *numbers).map_batches(written, return_dtype=pl.String).alias("label")


def _order(data: pl.DataFrame, by: str, known: tuple[str, ...] | None) -> list[str]:
    """Labels from top to bottom: in the known order, else by size; `other` and `unknown` last."""
    sizes = data.group_by(by, "label").agg(pl.col("n").max())
    rank = {level: place for place, level in enumerate(known or ())}
    last = {"other": 1, "unknown": 2}
    rows = sorted(
        sizes.iter_rows(),
        key=lambda row: (last.get(row[0], 0), rank.get(row[0], len(rank)), -row[2], row[0]),
    )
    return [label for _, label, _ in rows]


def _sentence(row: dict[str, object], what: str) -> str:
    return f"{what}: {share_words(row)} {of_models(row)}."

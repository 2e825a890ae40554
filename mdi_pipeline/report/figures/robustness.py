"""Figures of how robust the result is: to the window, to missing edges, and against chance (swapped parents)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from mdi_pipeline.report.figures.drawing import (
    CORRELATION,
    POSITIVE,
    SERIES_COLOURS,
    ZERO,
    dots,
    share_axis,
    size_label,
)
from mdi_pipeline.report.figures.figure import Figure
from mdi_pipeline.report.inputs import HEADLINE_INDEX
from mdi_pipeline.report.prose.wording import (
    POPULATION_WORDS,
    SERIES_WORDS,
    SIGN_WORDS,
    count,
    share_words,
    value_words,
)
from mdi_pipeline.tables.sensitivity import UNITED

if TYPE_CHECKING:
    from mdi_pipeline.report.inputs import ReportInputs

VARIANT_WORDS = {
    "as_it_is": "as it is",
    "random_edges_05": "5 % of edges out",
    "random_edges_10": "10 % of edges out",
    "random_edges_20": "20 % of edges out",
    "largest_publishers_05": "largest publishers, 5 %",
    "largest_publishers_10": "largest publishers, 10 %",
    "largest_publishers_20": "largest publishers, 20 %",
    "without_bots": "without bots",
    "without_ties": "without ties",
    "union_of_crawls": "with what was deleted",
}
"""What each variant of the network is called."""

_UNION = UNITED[1]

_MEASURES = {
    "share_positive": "Share of disruptive models (mdi above 0)",
    "rank_correlation": "Rank correlation of the index (mdi)",
}


def robustness_figures(inputs: ReportInputs) -> dict[str, Figure]:
    """The figures of windows, of robustness and of the null model that have something to show."""
    windows = inputs.window_sensitivity.filter(pl.col("basis") == "common")
    variants = _variants(inputs)
    days = pl.format("{} days", "window_days")
    kind = pl.col("variant").replace_strict(VARIANT_WORDS, return_dtype=pl.String)
    order_of_days = [f"{length} days" for length in sorted(set(windows["window_days"]))]
    order_of_kinds = list(VARIANT_WORDS.values())
    found = {}
    for measure, words in _MEASURES.items():
        if measure == "share_positive":
            by_window, left_out = f"{words}, by length of the window", f"{words}, with part of the network left out"
        else:
            by_window = f"{words} with that of the {inputs.window_days}-day window"
            left_out = f"{words} with that of the whole network"
        found[f"windows_{measure}"] = _compared(
            windows, measure, days, order_of_days, by_window, "The same models in every window."
        )
        found[f"robustness_{measure}"] = _compared(
            variants, measure, kind, order_of_kinds, left_out, "All scored anew."
        )
    found["chance"] = _chance(inputs)
    return {name: figure for name, figure in found.items() if figure is not None}


def _variants(inputs: ReportInputs) -> pl.DataFrame:
    """The variants of the network, and its union with what earlier crawls held where there are any."""
    left_out = inputs.robustness.filter(pl.col("window_days") == inputs.window_days)
    united = inputs.survivorship.filter(
        pl.col("window_days") == inputs.window_days, pl.col("variant") == _UNION, pl.col("reason").is_null()
    )
    return pl.concat([left_out, united.select(left_out.columns)])


def _compared(
    table: pl.DataFrame, measure: str, label: pl.Expr, order: list[str], title: str, note: str
) -> Figure | None:
    """A measure of the index for the built upon and the scored, at each level of a choice."""
    rows = table.filter(
        pl.col("index") == HEADLINE_INDEX,
        pl.col("measure") == measure,
        pl.col("population").is_in(list(SERIES_WORDS)),
        pl.col("estimate").is_not_null(),
    ).with_columns(name=label)
    if rows.is_empty():
        return None
    sizes = {(name, population): n for name, population, n in rows.select("name", "population", "n").iter_rows()}
    labels = {
        name: size_label(name, sizes.get((name, "scored"), 0), sizes.get((name, "built_upon"), 0))
        for name in order
        if any(of == name for of, _ in sizes)
    }
    data = rows.with_columns(
        label=pl.col("name").replace_strict(labels, return_dtype=pl.String),
        series=pl.col("population").replace_strict(SERIES_WORDS, return_dtype=pl.String),
    ).sort("name", "population")
    is_share = measure.startswith("share")
    write = share_words if is_share else value_words
    return Figure(
        title=title,
        subtitle=f"{note} Line: 95 % interval. n: all scored; built upon.",
        description=" ".join(
            f"{row['name']}, {row['series']}: {write(row)}, n = {row['n']:,}." for row in data.to_dicts()
        ),
        chart=dots(data, list(labels.values()), SERIES_COLOURS, share_axis(data) if is_share else CORRELATION),
        data=data.drop("label", "series", "name"),
    )


def _chance(inputs: ReportInputs) -> Figure | None:
    """The observed shares beside what networks with swapped parents give."""
    rows = inputs.null_model.filter(
        pl.col("index") == HEADLINE_INDEX,
        pl.col("window_days") == inputs.window_days,
        pl.col("estimate").is_not_null(),
        pl.col("low").is_not_null(),
    ).sort("population", pl.col("measure").replace_strict({name: i for i, name in enumerate(SIGN_WORDS)}))
    if rows.is_empty():
        return None
    labels = [
        f"{SERIES_WORDS[row['population']]}, {SIGN_WORDS[row['measure']]}|n = {row['n']:,}; p = {row['p_value']:.2g}"
        for row in rows.to_dicts()
    ]
    labelled = rows.with_columns(label=pl.Series(labels))
    null = labelled.select(
        "label", pl.lit("by chance").alias("series"), pl.col("null_mean").alias("estimate"), "low", "high"
    )
    observed = labelled.select(
        "label",
        pl.lit("observed").alias("series"),
        "estimate",
        pl.col("estimate").alias("low"),
        pl.col("estimate").alias("high"),
    )
    drawn = pl.concat([null, observed])
    draws = rows["n_draws"].max()
    return Figure(
        title="More than chance? Shares beside networks with swapped parents",
        subtitle="Grey: mean and central 95 % of the draws, in which children of the same month and relation swap "
        f"parents; p: two-sided share of draws as far off. n: models; {count(int(str(draws)), 'draw')}.",
        description=" ".join(
            f"{POPULATION_WORDS[row['population']]}, {SIGN_WORDS[row['measure']]}: observed {row['estimate']:.3f} of "
            f"{count(row['n'], 'model')}, by chance {row['null_mean']:.3f} [{row['low']:.3f}, {row['high']:.3f}], "
            f"p = {row['p_value']:.2g}."
            for row in rows.to_dicts()
        ),
        chart=dots(drawn, labels, {"observed": POSITIVE, "by chance": ZERO}, share_axis(drawn)),
        data=rows,
    )

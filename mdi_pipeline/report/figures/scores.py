"""Figures of how the scores are distributed: by value, and below, at and above 0."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from mdi_pipeline.report.figures.drawing import (
    NEGATIVE,
    POSITIVE,
    SHARES_NOTE,
    WIDTH,
    ZERO,
    dots,
    panel,
    share_axis,
    sign_colour,
    size_label,
)
from mdi_pipeline.report.figures.figure import Figure
from mdi_pipeline.report.prose.wording import (
    INDEX_WORDS,
    POPULATION_WORDS,
    SIGN_WORDS,
    count,
    of_models,
    share_words,
)
from mdi_pipeline.statistics.populations import POPULATION_FILTERS
from mdi_pipeline.tables.vocabulary import INDICES

if TYPE_CHECKING:
    from collections.abc import Sequence

    import altair as alt

    from mdi_pipeline.report.inputs import ReportInputs

_PANELS = ("scored", "built_upon")

_TENTHS = [f"{tenth / 10:+.1f}".replace("-", "−") if tenth else "0" for tenth in range(-10, 11)]

_CLASSES: dict[str, list[tuple[str, float, float]]] = {
    "mcd": [
        ("below −10", float("-inf"), -10),
        ("−10 to −1", -10, -1),
        ("−1 to 0", -1, -0.0),
        ("0", 0, 0),
        ("0 to 1", 0, 1),
        ("1 to 10", 1, 10),
        ("10 to 100", 10, 100),
        ("above 100", 100, float("inf")),
    ],
    "dep": [("0", 0, 0), ("0 to ½", 0, 0.5), ("½ to 1", 0.5, 1), ("1 to 2", 1, 2), ("above 2", 2, float("inf"))],
}
"""Classes of the indices that are not bounded by −1 and 1; a bound belongs to the class nearer 0."""

_SIGN_COLOURS = dict(zip(SIGN_WORDS.values(), (NEGATIVE, ZERO, POSITIVE), strict=True))

_HOW_ROUNDED = "value, rounded to tenths"
_HOW = dict.fromkeys(_CLASSES, "class of values")


def distribution_figures(inputs: ReportInputs, indices: Sequence[str] = INDICES) -> dict[str, Figure]:
    """A figure for each index with a defined value: all scored models above, those built upon below."""
    found = {f"distribution_{index}": _distribution(inputs.scored, index) for index in indices}
    return {name: figure for name, figure in found.items() if figure is not None}


def _distribution(models: pl.DataFrame, index: str) -> Figure | None:
    panels = [
        models.filter(POPULATION_FILTERS[population])
        .filter(pl.col(index).is_not_null())
        .select(pl.lit(population).alias("population"), _class_of(index), pl.col(index).sign().alias("sign"))
        for population in _PANELS
    ]
    data = pl.concat(panels).group_by("population", "class", "sign").len("models").sort("population", "class", "sign")
    sizes = {population: panel.height for population, panel in zip(_PANELS, panels, strict=True)}
    if not any(sizes.values()):
        return None
    shown = "; ".join(f"{POPULATION_WORDS[name]}: n = {n:,}" for name, n in sizes.items()).capitalize()
    return Figure(
        title=f"{INDEX_WORDS[index]} ({index}): distribution",
        subtitle=f"Models by {_HOW.get(index, _HOW_ROUNDED)}; colour: below, at, above 0. {shown}.",
        description=f"Two bar charts of the number of models by {index}. {_modes(data, sizes)}",
        chart=_bars(data, index, sizes),
        data=data.with_columns(pl.col("sign").cast(pl.Int8)),
    )


def _class_of(index: str) -> pl.Expr:
    value = pl.col(index)
    if index not in _CLASSES:
        tenth = (value * 10).round().cast(pl.Int32) + 10
        return tenth.replace_strict(list(range(21)), _TENTHS, return_dtype=pl.String).alias("class")
    return pl.coalesce(
        pl.when(_within(value, low, high)).then(pl.lit(label)) for label, low, high in _CLASSES[index]
    ).alias("class")


def _within(value: pl.Expr, low: float, high: float) -> pl.Expr:
    if low == high:
        return value == low
    return (value > low) & (value <= high) if low >= 0 else (value >= low) & (value < high)


def _modes(data: pl.DataFrame, sizes: dict[str, int]) -> str:
    """Where most models lie, in words."""
    words = []
    for population, n in sizes.items():
        of_population = data.filter(pl.col("population") == population)
        if n:
            most = of_population.sort(["models", "class"], descending=[True, False]).row(0, named=True)
            words.append(
                f"Of {count(n, 'model')} ({POPULATION_WORDS[population]}) most, {most['models']:,}, are at "
                f"{most['class']}."
            )
    return " ".join(words)


def _bars(data: pl.DataFrame, index: str, sizes: dict[str, int]) -> alt.TopLevelMixin:
    """A panel for each population."""
    import altair as alt

    order = [label for label, _, _ in _CLASSES[index]] if index in _CLASSES else _TENTHS
    ticks = order if index in _CLASSES else order[::5]
    drawn = []
    for population in _PANELS:
        bars = alt.Chart(data.filter(pl.col("population") == population)).encode(
            x=alt.X("class:O", sort=order)
            .scale(domain=order, paddingInner=0.15)
            .axis(
                labelAngle=-40 if index in _CLASSES else 0, title=None, values=ticks, labels=population == _PANELS[-1]
            ),
            y=alt.Y("models:Q").axis(tickCount=4, format="~s", title="models").scale(nice=True),
        )
        heading = f"{POPULATION_WORDS[population].capitalize()} (n = {sizes[population]:,})"
        drawn.append(panel(bars.mark_bar().encode(color=sign_colour()), heading, WIDTH - 70, 96))
    return alt.vconcat(*drawn, spacing=14)


def sign_figures(inputs: ReportInputs) -> dict[str, Figure]:
    """For the scored and the built upon: the shares below, at and above 0 by each index."""
    found = {}
    for population in _PANELS:
        data = inputs.summary.filter(
            pl.col("population") == population, pl.col("measure").is_in(list(SIGN_WORDS)), pl.col("n") > 0
        ).sort("index", "measure")
        if data.height:
            found[f"signs_{population}"] = _signs(data, population)
    return found


def _signs(data: pl.DataFrame, population: str) -> Figure:
    sizes = dict(data.select("index", "n").iter_rows())
    labels = {index: size_label(index, sizes[index]) for index in INDICES if index in sizes}
    drawn = data.with_columns(
        series=pl.col("measure").replace_strict(SIGN_WORDS, return_dtype=pl.String),
        label=pl.col("index").replace_strict(labels, return_dtype=pl.String),
    )
    return Figure(
        title=f"Models with a negative, zero and positive index: {POPULATION_WORDS[population]}",
        subtitle=f"{SHARES_NOTE} n differs where an index is undefined.",
        description=" ".join(
            f"{row['index']} {SIGN_WORDS[row['measure']]}: {share_words(row)} {of_models(row)}."
            for row in data.to_dicts()
        ),
        chart=dots(drawn, list(labels.values()), _SIGN_COLOURS, share_axis(data)),
        data=data,
    )

"""Figures of which models are more often disruptive: by factor, all else alike (regression), and by quarter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from mdi_pipeline.compute.visible_text import shortened
from mdi_pipeline.report.figures.drawing import (
    NEGATIVE,
    POSITIVE,
    SERIES_COLOURS,
    SHARES_NOTE,
    ZERO,
    Axis,
    dots,
    share_axis,
    size_label,
    sized,
)
from mdi_pipeline.report.figures.figure import Figure
from mdi_pipeline.report.inputs import HEADLINE_INDEX, HEADLINE_POPULATIONS
from mdi_pipeline.report.prose.wording import (
    POPULATION_WORDS,
    SERIES_WORDS,
    count,
    models_by_authors,
    of_models,
    share_words,
)
from mdi_pipeline.tables.vocabulary import (
    AUTHOR_MODELS,
    AUTHOR_QUANTIZED,
    BENCHMARKS,
    PARENT_COUNTS,
    RELATIONS,
    SIZE_CLASSES,
)

if TYPE_CHECKING:
    import altair as alt

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
"""What each factor of `score_factors` is called."""

TERM_WORDS = {
    "parameters": "parameters",
    "parameters_unknown": "parameters unknown",
    "parents": "parents",
    "parents_inflow": "parents' inflow",
    "author_models": "author's models",
    "author_derivatives": "author's derivatives",
    "relation": "relation",
    "task": "task",
    "quarter": "quarter",
}
"""What each term of the regression is called, in the order of the forest plot."""

_LEVEL_ORDERS: dict[str, tuple[str, ...]] = {
    "relation": RELATIONS,
    "size_class": SIZE_CLASSES,
    "n_parents": PARENT_COUNTS,
    "benchmarks": BENCHMARKS,
    "author_models": AUTHOR_MODELS,
    "author_quantized": AUTHOR_QUANTIZED,
}
_LAST_LEVELS = {"other": 1, "unknown": 2}

_LONGEST_LEVEL = 60
"""Characters of a level that are shown; the Hub's own tasks have up to 30."""

_ODDS_ENDS = (0.01, 100)
_ODDS_SERIES = "odds ratio"

_CLOSED, _OPEN = "all windows closed", "windows still open"


def factor_figures(inputs: ReportInputs) -> dict[str, Figure]:
    """For each factor: the share of models with a positive index at each level."""
    found = {}
    for factor in FACTOR_WORDS:
        rows = inputs.factors.filter(
            pl.col("factor") == factor,
            pl.col("population").is_in(list(HEADLINE_POPULATIONS)),
            pl.col("index") == HEADLINE_INDEX,
            pl.col("measure") == "share_positive",
            pl.col("n") > 0,
        )
        if rows.height:
            found[f"factor_{factor}"] = _by_level(rows.sort("level", "population"), factor)
    return found


def _by_level(data: pl.DataFrame, factor: str) -> Figure:
    labels = _level_labels(data, factor)
    drawn = data.with_columns(
        label=pl.col("level").replace_strict(labels, return_dtype=pl.String),
        series=pl.col("population").replace_strict(SERIES_WORDS, return_dtype=pl.String),
    )
    return Figure(
        title=f"Share of disruptive models (mdi above 0), by {FACTOR_WORDS[factor]}",
        subtitle=f"{SHARES_NOTE} n: all scored; built upon.",
        description=" ".join(
            f"{factor} {_shown(row['level'])}, {SERIES_WORDS[row['population']]}: {share_words(row)} {of_models(row)}."
            for row in data.to_dicts()
        ),
        chart=dots(drawn, list(labels.values()), SERIES_COLOURS, share_axis(data)),
        data=data,
    )


def _level_labels(data: pl.DataFrame, factor: str) -> dict[str, str]:
    """The label of each level, from top to bottom: in the known order, else by size; `other` and `unknown` last."""
    sizes = {(level, population): n for level, population, n in data.select("level", "population", "n").iter_rows()}
    rank = {level: place for place, level in enumerate(_LEVEL_ORDERS.get(factor, ()))}

    def place(level: str) -> tuple[int, int, int, str]:
        largest = max(sizes.get((level, population), 0) for population in HEADLINE_POPULATIONS)
        return _LAST_LEVELS.get(level, 0), rank.get(level, len(rank)), -largest, level

    return {
        level: size_label(_shown(level), sizes.get((level, "scored"), 0), sizes.get((level, "built_upon"), 0))
        for level in sorted({level for level, _ in sizes}, key=place)
    }


def _shown(level: str) -> str:
    """A level as a figure names it: tasks and architectures are what anyone wrote, and `|` parts a label's lines."""
    return shortened(level, _LONGEST_LEVEL).replace("|", "¦")


def regression_figures(inputs: ReportInputs) -> dict[str, Figure]:
    """A forest plot for each headline population whose regression could be made; quarters are not drawn."""
    found = {}
    for population in HEADLINE_POPULATIONS:
        rows = inputs.regression_of(population)
        drawn = rows.filter(pl.col("estimate").is_not_null(), pl.col("term") != "quarter")
        if drawn.height:
            found[f"regression_{population}"] = _forest(rows, drawn, population)
    return found


def _forest(rows: pl.DataFrame, drawn: pl.DataFrame, population: str) -> Figure:
    """The odds ratio of each level that is `drawn`; `rows` are the whole regression."""
    order = {term: place for place, term in enumerate(TERM_WORDS)}
    data = drawn.sort(pl.col("term").replace_strict(order), "level").with_columns(
        label=pl.format(
            "{}|{}{}",
            pl.col("term").replace_strict(TERM_WORDS, return_dtype=pl.String),
            pl.col("level").map_elements(_shown, return_dtype=pl.String),
            pl.when(pl.col("reference").is_not_null())
            .then(pl.format(" to {}", pl.col("reference").map_elements(_shown, return_dtype=pl.String)))
            .otherwise(pl.lit("")),
        ),
        series=pl.lit(_ODDS_SERIES),
    )
    shown = data.select("label", "series", pl.col("estimate", "low", "high").clip(*_ODDS_ENDS))
    reach: float = shown.select(pl.max_horizontal("high", 1 / pl.col("low")).max()).item()
    controls = ", ".join(TERM_WORDS[term] for term in TERM_WORDS if term in set(rows["term"]))
    whole = data.sort("n").row(-1, named=True)
    left_out = rows["estimate"].null_count()
    return Figure(
        title=f"Odds ratios of being disruptive (mdi above 0): {POPULATION_WORDS[population]}",
        subtitle="Logistic, errors clustered by author; line: 95 % interval, cut at "
        f"{_ODDS_ENDS[0]:g} and {_ODDS_ENDS[1]:g}. "
        f"Held alike: {controls}. n = {models_by_authors(whole)}; {count(left_out, 'level')} without an estimate, "
        f"{count(whole['n_parameters_unknown'], 'model')} without known size "
        f"{'dropped' if whole['missing'] == 'dropped' else 'kept, with an indicator'}.",
        description=" ".join(
            f"{row['label'].replace('|', ', ')}: {row['estimate']:.3g} [{row['low']:.3g}, {row['high']:.3g}]."
            for row in data.to_dicts()
        ),
        chart=dots(
            shown,
            data["label"].to_list(),
            {_ODDS_SERIES: NEGATIVE},
            Axis("odds ratio, logarithmic", "~g", (1 / (1.2 * reach), 1.2 * reach), log=True, bound=1),
        ),
        data=rows,
    )


def trend_figures(inputs: ReportInputs) -> dict[str, Figure]:
    """For the built upon and the scored: the disruptive share by quarter, with the band of its intervals."""
    found = {}
    for population in HEADLINE_POPULATIONS:
        data = inputs.score_trends.filter(
            pl.col("population") == population,
            pl.col("index") == HEADLINE_INDEX,
            pl.col("window_days") == inputs.window_days,
            pl.col("period") == "quarter",
            pl.col("measure") == "share_positive",
            pl.col("n") > 0,
        ).sort("start")
        if data.height:
            found[f"trend_{population}"] = _trend(data, population)
    return found


def _trend(data: pl.DataFrame, population: str) -> Figure:
    n, quarters, closed = int(data["n"].sum()), data.height, data["closed"].sum()
    return Figure(
        title=f"Share of disruptive models (mdi above 0) by quarter: {POPULATION_WORDS[population]}",
        subtitle="Band: 95 % interval of each quarter. Hollow: quarters whose windows are not all closed, not to be "
        f"compared. n = {count(n, 'model')} in {count(quarters, 'quarter')}, {closed} of them closed.",
        description=" ".join(
            f"{_quarter(row['start'])}{'' if row['closed'] else ' (not closed)'}: {share_words(row)} of "
            f"{count(row['n'], 'model')}."
            for row in data.to_dicts()
        ),
        chart=_band(data),
        data=data,
    )


def _quarter(start: object) -> str:
    year, month, _ = str(start).split("-")
    return f"{year} Q{(int(month) + 2) // 3}"


def _band(data: pl.DataFrame) -> alt.TopLevelMixin:
    """The shares as a line, with their intervals as a band; quarters with open windows are hollow points."""
    import altair as alt

    drawn = data.with_columns(
        quarter=pl.col("start").map_elements(_quarter, return_dtype=pl.String),
        state=pl.when("closed").then(pl.lit(_CLOSED)).otherwise(pl.lit(_OPEN)),
    ).select("quarter", "state", "estimate", "low", "high")
    quarters = drawn["quarter"].to_list()
    axis = share_axis(data)
    x = alt.X("quarter:O", sort=quarters).axis(
        title="quarter of creation", labelAngle=-40, values=quarters[:: max(1, len(quarters) // 6)]
    )
    y = alt.Y("estimate:Q").axis(format="%", title=axis.title, tickCount=5).scale(domain=list(axis.domain))
    base = alt.Chart(drawn).encode(x=x)
    points = base.mark_point(size=52, opacity=1, strokeWidth=2, color=POSITIVE).encode(
        y=y,
        fill=alt.Fill("state:N")
        .scale(domain=[_CLOSED, _OPEN], range=[POSITIVE, "transparent"])
        .legend(symbolStrokeColor=POSITIVE, symbolType="circle"),
    )
    layers: alt.LayerChart = (
        base.mark_area(color=ZERO, opacity=0.28).encode(y=alt.Y("low:Q"), y2="high:Q")
        + base.mark_rule(color=ZERO, strokeWidth=2).encode(y=alt.Y("low:Q"), y2="high:Q")
        + base.mark_line(color=POSITIVE, strokeWidth=1.5).encode(y=y)
        + points
    )
    return sized(layers, 240)

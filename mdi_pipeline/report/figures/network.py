"""Figures of the network: children per model, families, generations."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import polars as pl

from mdi_pipeline.report.figures.drawing import NEGATIVE, POSITIVE, sized
from mdi_pipeline.report.figures.figure import Figure
from mdi_pipeline.report.prose.wording import count

if TYPE_CHECKING:
    import altair as alt

    from mdi_pipeline.report.inputs import ReportInputs

_LAST_GENERATION = 10
_FAMILY_SIZES = [("2", 2, 2), ("3–5", 3, 5), ("6–10", 6, 10), ("11–100", 11, 100), ("101–1,000", 101, 1_000)]
_LARGEST_FAMILIES = "over 1,000"
_POINTS = 200


def network_figures(inputs: ReportInputs) -> dict[str, Figure]:
    """The figures of the network that have something to show."""
    children = inputs.models.select(pl.col("n_children").cast(pl.Int64)).collect().to_series()
    found: dict[str, Figure] = {}
    if children.max():
        found["children_tail"] = _children_tail(children, inputs.network_summary)
        found["children_lorenz"] = _children_lorenz(children)
    structure = inputs.network_structure.select("component_id", "component_size", "generation").collect()
    if structure.filter(pl.col("component_size") > 1).height:
        found["families"] = _families(structure)
        found["generations"] = _generations(structure)
    return found


def _children_tail(children: pl.Series, summary: pl.DataFrame) -> Figure:
    """How many models have at least so many children, with the fitted power law."""
    import altair as alt

    parents = children.filter(children > 0).rename("children")
    tail = (
        parents.value_counts()
        .sort("children", descending=True)
        .select("children", pl.col("count").cum_sum().alias("models"))
        .sort("children")
    )
    axes = {
        "x": alt.X("children:Q").scale(type="log").axis(title="children, at least", format="~s", tickCount=4),
        "y": alt.Y("models:Q").scale(type="log").axis(title="models", format="~s", tickCount=4),
    }
    chart: alt.Chart | alt.LayerChart = (
        alt.Chart(tail).mark_point(filled=True, size=22, color=NEGATIVE, opacity=0.9).encode(**axes)
    )
    most = tail["children"].to_list()[-1]
    fit = _fitted(tail, summary)
    words = ""
    if fit is not None:
        line, words = fit
        chart = chart + alt.Chart(line).mark_line(color=POSITIVE, strokeWidth=2).encode(**axes)
    return Figure(
        title="Children per model",
        subtitle=f"Models with at least so many children, both axes logarithmic; n = {parents.len():,} parents.{words}",
        description=f"{count(parents.len(), 'model')} have a child; the most built upon has {most:,}.{words}",
        chart=sized(chart, 220),
        data=tail,
    )


def _fitted(tail: pl.DataFrame, summary: pl.DataFrame) -> tuple[pl.DataFrame, str] | None:
    figures = dict(summary.select("measure", "value").iter_rows())
    alpha, start, n = (figures.get(f"power_law_{name}") for name in ("alpha", "xmin", "n_tail"))
    if alpha is None or start is None or not n:
        return None
    ends = [start, float(tail["children"].max())]  # type: ignore[arg-type]
    line = pl.DataFrame({"children": ends, "models": [n * (end / start) ** (1 - alpha) for end in ends]})
    return line, f" Line: power law with exponent {alpha:.2f}, fitted from {start:.0f} children on (n = {n:,.0f})."


def _children_lorenz(children: pl.Series) -> Figure:
    """The Lorenz curve of children over models."""
    import altair as alt

    ordered = children.sort()
    every = max(1, math.ceil(ordered.len() / _POINTS))
    curve = pl.DataFrame(
        {
            "models": pl.int_range(1, ordered.len() + 1, eager=True) / ordered.len(),
            "children": ordered.cum_sum().cast(pl.Float64) / ordered.sum(),
        }
    )
    top = curve.tail(max(1, ordered.len() // 100) + 1)
    data = pl.concat(
        [
            pl.DataFrame({"models": [0.0], "children": [0.0]}),
            curve[::every],
            top[:: max(1, top.height // 50)],
            curve.tail(1),
        ]
    )
    data = data.unique().sort("models")
    axes = {
        "x": alt.X("models:Q").axis(title="share of models, least built upon first", format="%", tickCount=5),
        "y": alt.Y("children:Q").axis(title="share of children", format="%", tickCount=5),
    }
    even = alt.Chart(pl.DataFrame({"models": [0, 1], "children": [0, 1]})).mark_line(
        strokeDash=[4, 4], color="currentColor", opacity=0.5
    )
    n = count(ordered.len(), "model")
    return Figure(
        title="How children are spread over models",
        subtitle=f"Lorenz curve; dashed: if all had as many. n = {n}, {count(int(ordered.sum()))} edges.",
        description=f"Lorenz curve: of {n}, {count(int((ordered == 0).sum()))} have no child at all.",
        chart=sized(
            even.encode(**axes) + alt.Chart(data).mark_line(color=NEGATIVE, strokeWidth=2.5).encode(**axes), 220
        ),
        data=data,
    )


def _families(structure: pl.DataFrame) -> Figure:
    """How many families there are of each size."""
    sizes = structure.select("component_id", "component_size").unique()
    families = sizes.filter(pl.col("component_size") > 1)
    size = pl.col("component_size")
    labels = pl.coalesce(
        *(pl.when(size.is_between(low, high)).then(pl.lit(label)) for label, low, high in _FAMILY_SIZES),
        pl.lit(_LARGEST_FAMILIES),
    )
    order = [*(label for label, _, _ in _FAMILY_SIZES), _LARGEST_FAMILIES]
    data = _counted(families, labels.alias("models in the family"), "families", order)
    largest = int(families["component_size"].max())  # type: ignore[arg-type]
    alone = sizes.height - families.height
    return Figure(
        title="Sizes of families",
        subtitle=f"Connected components of two models or more; n = {families.height:,}, the largest has "
        f"{largest:,} models. {count(alone, 'model')} stand alone.",
        description=_listed(data, "models in the family", "families", order),
        chart=_bars(data, "models in the family", "families", order),
        data=data,
    )


def _generations(structure: pl.DataFrame) -> Figure:
    """How many models there are at each distance from a root."""
    last = f"{_LAST_GENERATION}+"
    generation = pl.col("generation")
    label = pl.when(generation >= _LAST_GENERATION).then(pl.lit(last)).otherwise(generation.cast(pl.String))
    derived = structure.filter(generation > 0)
    deepest = max(derived["generation"])
    order = [*map(str, range(1, _LAST_GENERATION)), last][:deepest]
    data = _counted(derived, label.alias("generation"), "models", order)
    return Figure(
        title="Generations from the roots",
        subtitle=f"Longest path from a root, for the n = {derived.height:,} models with a parent.",
        description=_listed(data, "generation", "models", order),
        chart=_bars(data, "generation", "models", order),
        data=data,
    )


def _counted(rows: pl.DataFrame, label: pl.Expr, number: str, order: list[str]) -> pl.DataFrame:
    """How many rows have each label, in the order of the labels."""
    counted = rows.group_by(label).len(number)
    return counted.sort(pl.col(label.meta.output_name()).cast(pl.Enum(order)))


def _listed(data: pl.DataFrame, label: str, number: str, order: list[str]) -> str:
    counted = dict(data.select(label, number).iter_rows())
    return f"Number of {number} by {label}: " + "; ".join(f"{name}: {counted.get(name, 0):,}" for name in order) + "."


def _bars(data: pl.DataFrame, label: str, number: str, order: list[str]) -> alt.TopLevelMixin:
    """Horizontal bars with the number at their end."""
    import altair as alt

    most = max(data[number])
    base = alt.Chart(data).encode(
        y=alt.Y(f"{label}:N", sort=order)
        .scale(domain=order)
        .axis(ticks=False, domain=False, title=label, labelPadding=6),
        x=alt.X(f"{number}:Q").axis(None).scale(domain=[0, 1.16 * most]),
    )
    bars = base.mark_bar(color=NEGATIVE, height={"band": 0.7})
    return sized(
        bars + base.mark_text(align="left", dx=4).encode(text=alt.Text(f"{number}:Q", format=",")), 26 * len(order) + 20
    )

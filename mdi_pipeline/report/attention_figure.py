"""The index beside the number of children."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from mdi_pipeline.report.figure import NEGATIVE, POSITIVE, WIDTH, ZERO, Figure
from mdi_pipeline.report.words import count
from mdi_pipeline.statistics.populations import POPULATION_FILTERS

if TYPE_CHECKING:
    from mdi_pipeline.report.inputs import ReportInputs

_CLASSES = [("1", 1), ("2", 2), ("3–5", 5), ("6–10", 10), ("11–100", 100)]
_MORE = "over 100"


def attention_figures(inputs: ReportInputs) -> dict[str, Figure]:
    """How many models built upon have which index and how many children, whenever made."""
    import altair as alt

    built_upon = inputs.scored.filter(POPULATION_FILTERS["built_upon"], pl.col("mdi").is_not_null())
    if built_upon.is_empty():
        return {}
    data = (
        built_upon.select(
            children=pl.coalesce(
                *(pl.when(pl.col("n_children") <= last).then(pl.lit(label)) for label, last in _CLASSES), pl.lit(_MORE)
            ),
            mdi=(pl.col("mdi") * 5).round() / 5 + 0.0,
        )
        .group_by("children", "mdi")
        .agg(models=pl.len())
        .sort("children", "mdi")
    )
    labels = [label for label, _ in _CLASSES] + [_MORE]
    chart = (
        alt.Chart(data.with_columns(sign=pl.col("mdi").sign().cast(pl.Int8)))
        .mark_circle(opacity=0.85)
        .encode(
            x=alt.X("children:O", sort=labels)
            .scale(domain=labels)
            .axis(title="children up to the crawl", labelAngle=0),
            y=alt.Y("mdi:Q").scale(domain=[-1.1, 1.1]).axis(title="mdi, rounded to fifths", tickCount=5),
            size=alt.Size("models:Q")
            .scale(range=[12, 700], zero=True)
            .legend(orient="top", tickCount=3, symbolFillColor=ZERO),
            color=alt.Color("sign:N").legend(None).scale(domain=[-1, 0, 1], range=[NEGATIVE, ZERO, POSITIVE]),
        )
        .properties(width=WIDTH, height=300, autosize=alt.AutoSizeParams(type="fit", contains="padding"))
    )
    most = data.sort("models", "children", descending=[True, False]).row(0, named=True)
    figure = Figure(
        title="The index against the number of children",
        subtitle="Models built upon; area: number of models. Children inside the window enter the index, so some "
        f"agreement is by construction. n = {count(built_upon.height, 'model')}.",
        description=f"{count(built_upon.height, 'model')} by children and index; most, {most['models']:,}, have "
        f"children in the class {most['children']} and an index near {most['mdi']:g}.",
        chart=chart,
        data=data,
    )
    return {"index_by_children": figure}

from __future__ import annotations

from dataclasses import fields
from xml.etree import ElementTree as ET

import polars as pl
import pytest

from mdi_pipeline.report.figures.catalogue import PICTURES, all_figures
from mdi_pipeline.report.figures.figure import render_svg
from mdi_pipeline.report.inputs import ReportInputs
from mdi_pipeline_tests.report.conftest import EMPTYISH


def test_every_figure_is_drawn_titled_and_holds_its_data(inputs: ReportInputs) -> None:
    drawn = all_figures(inputs)
    assert len(drawn) == 31
    for name, figure in drawn.items():
        assert figure.data.height > 0
        assert figure.description
        figure.chart.to_dict()  # raises where it is not valid Vega-Lite, which drawing does not ask
        svg = render_svg(figure)
        assert "n = " in svg, name
        assert ET.fromstring(svg).tag.endswith("svg")
        assert figure.title.split()[0] in svg
        assert "NaN" not in svg


def test_figures_say_the_same_whatever_the_order_of_rows(inputs: ReportInputs) -> None:
    frames = {field.name: getattr(inputs, field.name) for field in fields(inputs)}
    mixed = {
        name: table.lazy().collect().sample(fraction=1, shuffle=True, seed=1).lazy()
        for name, table in frames.items()
        if isinstance(table, pl.DataFrame | pl.LazyFrame)
    }
    shuffled = all_figures(ReportInputs.scanned(inputs.crawl_date, inputs.window_days, mixed))
    for name, figure in all_figures(inputs).items():
        assert shuffled[name].chart.to_dict() == figure.chart.to_dict(), name
        assert shuffled[name].description == figure.description


@pytest.mark.parametrize("crawl", EMPTYISH)
def test_no_figure_without_data(crawl: str) -> None:
    assert all(figure.data.height > 0 for figure in all_figures(EMPTYISH[crawl]()).values())


@pytest.mark.parametrize("table", PICTURES)
def test_a_picture_is_a_figure_of_the_report(inputs: ReportInputs, table: str) -> None:
    figure = all_figures(inputs).get(PICTURES[table])
    assert (figure is None) == (table == "score_regression")  # too few models for a regression

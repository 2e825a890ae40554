from __future__ import annotations

import struct
from dataclasses import fields
from xml.etree import ElementTree as ET

import polars as pl
import pytest

from mdi_pipeline.report.figure import render_png, render_svg
from mdi_pipeline.report.figures import figures
from mdi_pipeline.report.inputs import ReportInputs
from mdi_pipeline.statistics.populations import POPULATION_FILTERS, scored_models
from mdi_pipeline_tests.report.conftest import EMPTYISH


def test_every_figure_is_drawn_titled_and_holds_its_data(inputs: ReportInputs) -> None:
    drawn = figures(inputs)
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


def test_the_file_carries_the_title_and_the_page_does_not(inputs: ReportInputs) -> None:
    figure = figures(inputs)["families"]
    assert figure.title in render_svg(figure)
    assert figure.title not in figure.svg


def test_png_is_drawn_on_white_at_twice_the_size(inputs: ReportInputs) -> None:
    figure = figures(inputs)["generations"]
    png = render_png(figure)
    width, height = struct.unpack(">II", png[16:24])
    assert png.startswith(b"\x89PNG")
    assert width > 700
    assert height > 100


def test_a_figure_that_was_drawn_is_not_drawn_again(inputs: ReportInputs, monkeypatch: pytest.MonkeyPatch) -> None:
    first = figures(inputs)["families"].svg

    def draw(_: object) -> str:
        raise AssertionError("drawn again")

    monkeypatch.setattr("vl_convert.vegalite_to_svg", draw)
    assert figures(inputs)["families"].svg == first


def test_figures_say_the_same_whatever_the_order_of_rows(inputs: ReportInputs) -> None:
    frames = {field.name: getattr(inputs, field.name) for field in fields(inputs)}
    mixed = {
        name: table.lazy().collect().sample(fraction=1, shuffle=True, seed=1).lazy()
        for name, table in frames.items()
        if isinstance(table, pl.DataFrame | pl.LazyFrame)
    }
    shuffled = figures(ReportInputs.scanned(inputs.crawl_date, inputs.window_days, mixed))
    for name, figure in figures(inputs).items():
        assert shuffled[name].chart.to_dict() == figure.chart.to_dict(), name
        assert shuffled[name].description == figure.description


@pytest.mark.parametrize("crawl", EMPTYISH)
def test_no_figure_without_data(crawl: str) -> None:
    assert all(figure.data.height > 0 for figure in figures(EMPTYISH[crawl]()).values())


def test_bars_of_a_distribution_add_up_to_its_models(inputs: ReportInputs) -> None:
    models = scored_models(inputs.disruption_scores, inputs.models, inputs.window_days, [])
    for index in ("mdi", "cd_nok", "mcd", "dep"):
        data = figures(inputs)[f"distribution_{index}"].data
        assert data["class"].null_count() == 0
        for population in ("scored", "built_upon"):
            of_population = models.filter(POPULATION_FILTERS[population])[index].drop_nulls()
            drawn = data.filter(pl.col("population") == population)
            assert drawn["models"].sum() == of_population.len()
            assert drawn.filter(pl.col("sign") > 0)["models"].sum() == (of_population > 0).sum()

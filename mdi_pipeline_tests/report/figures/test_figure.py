from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from mdi_pipeline.compute.visible_text import shortened
from mdi_pipeline.report.figures.catalogue import all_figures
from mdi_pipeline.report.figures.drawing import Axis, dots
from mdi_pipeline.report.figures.figure import (
    Figure,
    render_png,
    render_svg,
    write_figures,
)
from mdi_pipeline.report.inputs import ReportInputs
from mdi_pipeline_tests import hostile


def test_the_file_carries_the_title_and_the_page_does_not(inputs: ReportInputs) -> None:
    figure = all_figures(inputs)["families"]
    assert figure.title in render_svg(figure)
    assert figure.title not in figure.svg


def test_png_is_drawn_on_white_at_twice_the_size(inputs: ReportInputs) -> None:
    figure = all_figures(inputs)["generations"]
    png = render_png(figure)
    width, height = struct.unpack(">II", png[16:24])
    assert png.startswith(b"\x89PNG")
    assert width > 700
    assert height > 100


def test_a_figure_that_was_drawn_is_not_drawn_again(inputs: ReportInputs, monkeypatch: pytest.MonkeyPatch) -> None:
    figure = all_figures(inputs)["families"]
    first = render_svg(figure)

    def draw(_: object) -> str:
        raise AssertionError("drawn again")

    monkeypatch.setattr("vl_convert.vegalite_to_svg", draw)
    assert render_svg(figure) == first


def test_each_figure_is_written_as_a_picture_and_its_data(inputs: ReportInputs, tmp_path: Path) -> None:
    drawn = all_figures(inputs)
    write_figures(drawn, tmp_path / "figures", png=False)
    written = {file.name for file in (tmp_path / "figures").iterdir()}
    assert written == {f"{name}.{ending}" for name in drawn for ending in ("svg", "csv")}
    for name, figure in drawn.items():
        read = pl.read_csv(tmp_path / "figures" / f"{name}.csv")
        assert read.columns == figure.data.columns
        assert read.height == figure.data.height


def test_png_where_it_is_wanted(inputs: ReportInputs, tmp_path: Path) -> None:
    one = {"families": all_figures(inputs)["families"]}
    write_figures(one, tmp_path / "figures", png=True)
    assert (tmp_path / "figures" / "families.png").read_bytes().startswith(b"\x89PNG")


def test_same_inputs_same_files(inputs: ReportInputs, tmp_path: Path) -> None:
    names = ("chance", "trend_scored", "findings_specifications", "index_by_children")
    for folder in ("one", "two"):
        drawn = all_figures(replace(inputs))
        write_figures({name: drawn[name] for name in names}, tmp_path / folder, png=False)
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes(), file.name


def test_files_are_written_over_nothing(inputs: ReportInputs, tmp_path: Path) -> None:
    with pytest.raises(FileExistsError):
        write_figures({}, tmp_path, png=False)


def test_s3_hostile_labels_are_drawn_as_text(inputs: ReportInputs, tmp_path: Path) -> None:
    labels = [shortened(text, 60) for text in hostile.ALL]
    data = pl.DataFrame({"label": labels, "series": ["one"] * len(labels)}).with_columns(
        estimate=pl.lit(0.5), low=pl.lit(0.4), high=pl.lit(0.6)
    )
    axis = Axis("share", "%", (0, 1))
    figure = Figure(*["".join(labels)] * 3, dots(data, labels, {"one": "#000"}, axis), data)
    write_figures({"hostile": figure}, tmp_path / "figures")
    assert hostile.wrong_in_svg(tmp_path / "figures" / "hostile.svg") == []
    assert hostile.wrong_in_csv(tmp_path / "figures" / "hostile.csv") == []

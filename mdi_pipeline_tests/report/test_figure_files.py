from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from mdi_pipeline.report.figure_files import write_figures
from mdi_pipeline.report.figures import figures
from mdi_pipeline.report.inputs import ReportInputs


def test_each_figure_is_a_picture_and_its_data(inputs: ReportInputs, tmp_path: Path) -> None:
    drawn = figures(inputs)
    write_figures(drawn, tmp_path / "figures", png=False)
    written = {file.name for file in (tmp_path / "figures").iterdir()}
    assert written == {f"{name}.{ending}" for name in drawn for ending in ("svg", "csv")}
    for name, figure in drawn.items():
        read = pl.read_csv(tmp_path / "figures" / f"{name}.csv")
        assert read.columns == figure.data.columns
        assert read.height == figure.data.height


def test_png_where_it_is_wanted(inputs: ReportInputs, tmp_path: Path) -> None:
    one = {"families": figures(inputs)["families"]}
    write_figures(one, tmp_path / "figures", png=True)
    assert (tmp_path / "figures" / "families.png").read_bytes().startswith(b"\x89PNG")


def test_same_inputs_same_files(inputs: ReportInputs, tmp_path: Path) -> None:
    names = ("chance", "trend_scored", "findings_specifications", "index_by_children")
    for folder in ("one", "two"):
        drawn = figures(replace(inputs))
        write_figures({name: drawn[name] for name in names}, tmp_path / folder, png=False)
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes(), file.name


def test_it_writes_over_nothing(inputs: ReportInputs, tmp_path: Path) -> None:
    with pytest.raises(FileExistsError):
        write_figures({}, tmp_path, png=False)

from __future__ import annotations

import re

from mdi_pipeline.report.figures.catalogue import all_figures
from mdi_pipeline.report.figures.figure import render_svg
from mdi_pipeline.report.inputs import ReportInputs
from mdi_pipeline_tests.report.conftest import estimated, estimated_with_unknown_sizes


def test_no_label_of_an_axis_reaches_over_the_edge_of_the_picture(inputs: ReportInputs) -> None:
    drawn = all_figures(estimated(inputs))["regression_scored"].svg
    [anchor] = re.findall(r'text-anchor="(\w+)"[^>]*>100</text>', drawn)
    assert anchor == "end"


def test_the_forest_names_its_controls_and_counts_what_was_dropped(inputs: ReportInputs) -> None:
    figure = all_figures(estimated(inputs))["regression_scored"]
    row = figure.data.sort("n").row(-1, named=True)
    assert f"{row['n_parameters_unknown']:,} models without known size dropped" in figure.subtitle
    assert "Held alike: parameters" in figure.subtitle
    assert f"n = {row['n']:,} models by {row['n_authors']:,} authors" in figure.subtitle
    assert figure.data["low"].min() == 0.0001
    assert "NaN" not in render_svg(figure)


def test_where_only_models_of_unknown_size_leave_an_estimate_they_are_kept(inputs: ReportInputs) -> None:
    assert "kept, with an indicator" in all_figures(estimated_with_unknown_sizes(inputs))["regression_scored"].subtitle


def test_without_an_estimate_nothing_is_drawn(inputs: ReportInputs) -> None:
    assert not any(name.startswith("regression") for name in all_figures(inputs))

from __future__ import annotations

import re
from dataclasses import replace

import polars as pl

from mdi_pipeline.report.figure import render_svg
from mdi_pipeline.report.figures import figures
from mdi_pipeline.report.inputs import ReportInputs
from mdi_pipeline.report.regression_figures import regression_sentences


def estimated(inputs: ReportInputs) -> ReportInputs:
    """The same crawl as if its regressions had been estimated, one level of them apart."""
    terms = inputs.score_regression.with_columns(
        estimate=pl.lit(2.0), low=pl.lit(0.0001), high=pl.lit(4.0), reason=pl.lit(None, dtype=pl.String)
    )
    return replace(inputs, score_regression=terms)


def test_where_only_models_of_unknown_size_leave_an_estimate_they_are_kept_and_it_is_said(
    inputs: ReportInputs,
) -> None:
    kept = estimated(inputs).score_regression.filter(missing="indicator")
    both = replace(inputs, score_regression=pl.concat([kept, inputs.score_regression.filter(missing="dropped")]))
    assert "kept, with an indicator" in figures(both)["regression_scored"].subtitle
    assert all("so they are kept, with an indicator" in sentence for sentence in regression_sentences(both))


def test_without_an_estimate_the_reason_is_given_and_nothing_is_drawn(inputs: ReportInputs) -> None:
    assert not any(name.startswith("regression") for name in figures(inputs))
    for sentence in regression_sentences(inputs):
        assert "undecided because" in sentence
        assert "without a known number of parameters dropped" in sentence


def test_the_reason_is_that_of_most_terms_not_that_of_one_left_out(inputs: ReportInputs) -> None:
    first = pl.int_range(pl.len()).over("population", "index", "window_days", "outcome", "missing") == 0
    reasons = inputs.score_regression.with_columns(
        n=1_000, reason=pl.when(first).then(pl.lit("it follows")).otherwise(pl.lit("too few"))
    )
    for sentence in regression_sentences(replace(inputs, score_regression=reasons)):
        assert "undecided because: too few" in sentence


def test_no_label_of_an_axis_reaches_over_the_edge_of_the_picture(inputs: ReportInputs) -> None:
    drawn = figures(estimated(inputs))["regression_scored"].svg
    [anchor] = re.findall(r'text-anchor="(\w+)"[^>]*>100</text>', drawn)
    assert anchor == "end"


def test_the_forest_names_its_controls_and_counts_what_was_dropped(inputs: ReportInputs) -> None:
    figure = figures(estimated(inputs))["regression_scored"]
    row = figure.data.sort("n").row(-1, named=True)
    assert f"{row['n_parameters_unknown']:,} models without known size dropped" in figure.subtitle
    assert "Held alike: parameters" in figure.subtitle
    assert f"n = {row['n']:,} models by {row['n_authors']:,} authors" in figure.subtitle
    assert figure.data["low"].min() == 0.0001
    assert "NaN" not in render_svg(figure)


def test_nothing_was_fitted_is_said(inputs: ReportInputs) -> None:
    bare = replace(inputs, score_regression=inputs.score_regression.clear())
    assert all("undecided because no regression was made" in sentence for sentence in regression_sentences(bare))

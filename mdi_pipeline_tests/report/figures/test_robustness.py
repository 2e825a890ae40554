from __future__ import annotations

import pytest

from mdi_pipeline.report.figures.catalogue import all_figures
from mdi_pipeline.report.inputs import ReportInputs
from mdi_pipeline_tests.report.conftest import united


@pytest.mark.parametrize("is_united", [False, True])
def test_the_union_is_drawn_where_there_is_one(inputs: ReportInputs, is_united: bool) -> None:
    drawn = all_figures(united(inputs) if is_united else inputs)["robustness_share_positive"]
    assert ("union_of_crawls" in drawn.data["variant"]) == is_united
    assert ("with what was deleted" in str(drawn.chart.to_dict())) == is_united

from __future__ import annotations

from mdi_pipeline.report.figures.catalogue import all_figures
from mdi_pipeline.report.inputs import ReportInputs


def test_figures_hold_the_table_and_the_sizes_of_both_series(inputs: ReportInputs) -> None:
    drawn = all_figures(inputs)
    agreement, noticed = drawn["counters_agreement"], drawn["counters_noticed"]
    assert set(agreement.data["counter"]) == {"likes", "downloads", "likes_change", "downloads_change"}
    assert set(agreement.data["population"]) == {"scored", "built_upon"}
    n = noticed.data.filter(counter="likes").sort("measure")["n"].to_list()
    assert f"n = {n[0]}; {n[1]}" in str(noticed.chart.to_dict())
    assert "percentile 90 or above" in noticed.subtitle

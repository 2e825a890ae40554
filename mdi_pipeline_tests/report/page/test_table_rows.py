from __future__ import annotations

from mdi_pipeline.report.inputs import ReportInputs
from mdi_pipeline.report.page.table_rows import interval_rows


def test_both_ways_of_drawing_stand_side_by_side(inputs: ReportInputs) -> None:
    rows = interval_rows(inputs)
    assert len(rows) == 6
    row = inputs.summary.filter(population="scored", index="mdi", measure="share_positive").row(0, named=True)
    [said] = [each for each in rows if each["what"] == "All scored models, above 0"]
    assert said["n_parents"] == f"{row['n_main_parents']:,}"
    assert said["n_authors"] == f"{row['n_authors']:,}"
    assert f"{100 * row['low_by_parents']:.0f}, {100 * row['high_by_parents']:.0f}]" in said["by_parents"]

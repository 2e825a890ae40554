from __future__ import annotations

from mdi_pipeline.report.inputs import ReportInputs
from mdi_pipeline.report.prose.findings import SHORT_WORDS, estimate_words, headline_findings
from mdi_pipeline.tables.findings import CLAIMS


def test_every_claim_is_told_for_both_headline_populations(inputs: ReportInputs) -> None:
    told = headline_findings(inputs.findings, inputs.window_days)
    assert [finding.measure for finding in told] == [claim.measure for claim in CLAIMS]
    assert set(SHORT_WORDS) == {claim.measure for claim in CLAIMS}
    assert {len(finding.verdicts) for finding in told if finding.number < 6} == {2}
    assert {len(finding.verdicts) for finding in told if finding.number == 6} == {1}


def test_another_window_says_something_else_or_nothing(inputs: ReportInputs) -> None:
    assert {finding.number for finding in headline_findings(inputs.findings, 77)} == {6}


def test_numbers_are_written_in_their_unit() -> None:
    row = {"estimate": 0.0032, "low": 0.0016, "high": 0.005}
    assert estimate_words({"measure": "share_positive", **row}) == "0.32 % [0.16, 0.50]"
    assert estimate_words({"measure": "lead_of_finetunes", **row}) == "+0.32 points [+0.16, +0.50]"
    assert estimate_words({"measure": "gini_children", **row}) == "0.0032 [0.0016, 0.005]"
    assert estimate_words({"measure": "gini_children", **row, "low": None}) == "0.0032 [no interval]"
    assert estimate_words({"measure": "gini_children", **row, "estimate": None}) == "no estimate"

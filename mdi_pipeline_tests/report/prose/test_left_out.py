from __future__ import annotations

from dataclasses import replace

import polars as pl

from mdi_pipeline.report.inputs import ReportInputs
from mdi_pipeline.report.prose.left_out import left_out
from mdi_pipeline.tables.lineage import REJECTED_FOR


def test_every_reason_for_which_a_declaration_is_rejected_is_said_in_words(inputs: ReportInputs) -> None:
    rejected = pl.DataFrame(
        {"child_id": "a/b", "declared_parent": "x", "phase": "card", "reason": list(REJECTED_FOR)},
        schema=inputs.lineage_rejected.schema,
    )
    said = [
        one for one in left_out(replace(inputs, lineage_rejected=rejected)) if one.what == "declarations, phase card"
    ]
    assert len(said) == len(REJECTED_FOR)
    assert len({one.why for one in said}) == len(REJECTED_FOR)
    assert all(one.n == 1 and one.why not in REJECTED_FOR for one in said)

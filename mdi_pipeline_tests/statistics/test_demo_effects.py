"""The headline regression on the simulated Hub: effects that are planted in it come back, and none else."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from mdi_pipeline.disruption import score_models
from mdi_pipeline.hub.demo.history import simulated_listing
from mdi_pipeline.hub.records import canonical_records, readable
from mdi_pipeline.lineage import network_models, parse_lineage
from mdi_pipeline.statistics.regression import score_regression

DATE = date(2026, 8, 31)
AS_OF = datetime(2026, 8, 31, tzinfo=UTC)
SIZE = 50_000


def headline(workspace: Path, *, planted_effects: bool) -> pl.DataFrame:
    listing = simulated_listing(SIZE, 0, DATE, planted_effects=planted_effects)
    records = readable(canonical_records(listing, workspace))
    lineage = parse_lineage(records)
    models = network_models(records, lineage.edges)
    scores = score_models(models, lineage.edges, AS_OF, [90])
    table = score_regression(scores, models, lineage.edges, 90)
    return table.filter(population="scored", outcome="disruptive", missing="indicator")


@pytest.mark.slow
def test_planted_effects_come_back(tmp_path: Path) -> None:
    table = headline(tmp_path, planted_effects=True)
    assert table.filter(term="parameters")["low"].item() > 1
    others = table.filter(pl.col("estimate").is_not_null(), term="relation")
    assert others["level"].to_list() == ["adapter", "quantized"]
    assert (others["high"] < 1).all()


@pytest.mark.slow
def test_where_none_are_planted_none_are_found(tmp_path: Path) -> None:
    table = headline(tmp_path, planted_effects=False)
    spans_one = (pl.col("low") < 1) & (pl.col("high") > 1)
    sizes_and_relations = table.filter(pl.col("term").is_in(["parameters", "relation"]), pl.col("reason").is_null())
    assert sizes_and_relations.height >= 3
    assert sizes_and_relations.select(spans_one).to_series().all()

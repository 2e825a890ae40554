"""The headline regression on the simulated Hub: effects that are planted in it come back, and seldom any else."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest

from mdi_pipeline.disruption.scores import score_models
from mdi_pipeline.hub.records import canonical_records
from mdi_pipeline.lineage.nodes import network_models
from mdi_pipeline.lineage.parsing import parse_lineage
from mdi_pipeline.simulator.listing import simulated_listing
from mdi_pipeline.statistics.populations import scored_models
from mdi_pipeline.statistics.regression import score_regression

DATE = date(2026, 8, 31)
AS_OF = datetime(2026, 8, 31, tzinfo=UTC)
SIZE = 50_000


SEEDS = 20
MOST_FALSE_CLAIMS = 2
"""Of two claims, each with a chance of one in forty where nothing is planted, so many among 20 Hubs are no surprise."""


def headline(seed: int, *, planted_effects: bool) -> pl.DataFrame:
    listing = simulated_listing(SIZE, seed, DATE, planted_effects=planted_effects)
    records = canonical_records(listing).records.lazy()
    lineage = parse_lineage(records)
    models = network_models(records, lineage.edges)
    scores = score_models(models, lineage.edges, AS_OF, [90])
    table = score_regression(scored_models(scores, models, 90), models, lineage.edges, 90)
    return table.filter(population="scored", outcome="disruptive")


def claims(table: pl.DataFrame) -> set[str]:
    """What the regression claims: that larger models are more often disruptive, and that finetunes are."""
    size = table.filter(term="parameters", missing="dropped")
    others = table.filter(pl.col("estimate").is_not_null(), term="relation", missing="indicator", reference="finetune")
    found = set()
    if size["low"].item() is not None and size["low"].item() > 1:
        found.add("size")
    if others.height and (others["high"] < 1).all():
        found.add("finetunes")
    return found


@pytest.mark.slow
def test_planted_effects_come_back() -> None:
    table = headline(0, planted_effects=True)
    assert claims(table) == {"size", "finetunes"}
    others = table.filter(pl.col("estimate").is_not_null(), term="relation", missing="indicator")
    assert others["level"].to_list() == ["adapter", "quantized"]


@pytest.mark.slow
def test_where_none_are_planted_few_are_claimed() -> None:
    tables = [headline(seed, planted_effects=False) for seed in range(SEEDS)]
    decided = [
        table.filter(term="relation", missing="indicator")["estimate"].drop_nulls().len() > 0 for table in tables
    ]
    assert sum(decided) >= SEEDS / 2
    assert sum(len(claims(table)) for table in tables) <= MOST_FALSE_CLAIMS

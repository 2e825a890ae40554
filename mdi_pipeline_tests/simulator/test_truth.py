"""Who truly derives from whom: complete, without cycles, several generations deep."""

from __future__ import annotations

import polars as pl

from mdi_pipeline.simulator.calibration import LAST_DATE
from mdi_pipeline.simulator.listing import simulated_listing
from mdi_pipeline.simulator.truth import true_lineage


def test_the_truth_covers_every_model_once_or_once_a_parent() -> None:
    truth = true_lineage(20_000, 0)
    listing = simulated_listing(20_000, 0, LAST_DATE)
    assert listing.join(truth, left_on="id", right_on="child_id", how="anti").is_empty()
    assert truth.select("child_id", "parent_id").is_unique().all()
    assert (truth["parent_id"].is_null() == truth["relation"].is_null()).all()
    assert (truth["child_id"] != truth["parent_id"]).all()
    n_parents = truth.filter(pl.col("parent_id").is_not_null()).group_by("child_id", "relation").len()
    assert n_parents.filter(pl.col("relation") == "merge")["len"].max() in {4, 5, 6}
    assert n_parents.filter(pl.col("relation").is_in(["finetune", "quantized"]))["len"].max() == 1


def test_the_truth_is_acyclic_and_several_generations_deep() -> None:
    edges = true_lineage(20_000, 0).filter(pl.col("parent_id").is_not_null()).select("child_id", "parent_id")
    generation, reached = 0, edges.select("child_id").unique()
    while not reached.is_empty():
        generation += 1
        assert generation < 60, "a cycle"
        reached = edges.join(reached, left_on="parent_id", right_on="child_id", how="semi").select("child_id").unique()
    assert generation >= 4

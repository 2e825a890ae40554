"""What models say of their parents: mostly the truth, and every mistake that the real Hub shows."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given

from mdi_pipeline.simulator.calibration import CANONICAL, LAST_DATE
from mdi_pipeline.simulator.declarations import DECLARATION_SCHEMA, LOCAL_PATHS
from mdi_pipeline.simulator.listing import simulated_listing
from mdi_pipeline.simulator.setting import Setting
from mdi_pipeline.simulator.simulation import simulate
from mdi_pipeline.simulator.truth import true_lineage
from mdi_pipeline_tests.simulator.strategies import few_hubs, hubs


@pytest.fixture(scope="module")
def listing() -> pl.DataFrame:
    return simulated_listing(50_000, 0, LAST_DATE)


@few_hubs
@given(hubs)
def test_declarations_are_sorted_by_model_and_each_is_said_for_some_time(setting: Setting) -> None:
    declarations = simulate(setting).declarations
    assert declarations.schema == pl.Schema(DECLARATION_SCHEMA)
    assert declarations.select("index", "since").equals(declarations.select("index", "since").sort("index", "since"))
    assert (declarations["since"] < declarations["until"]).all()


@few_hubs
@given(hubs)
def test_what_the_hub_states_is_also_said_by_tag_and_card(setting: Setting) -> None:
    by_hub = simulate(setting).declarations.filter(pl.col("hub_parent").is_not_null())
    assert by_hub.height > 0
    assert by_hub.select("tag_parent", "card_parent", "relation").null_count().row(0) == (0, 0, 0)


def test_what_the_hub_declares_is_the_truth_unless_it_is_marked() -> None:
    listing = simulated_listing(20_000, 0, LAST_DATE)
    declared = listing.filter(pl.col("baseModels").is_not_null()).select(
        child_id="id",
        parent_id=pl.col("baseModels").struct.field("models").list.eval(pl.element().struct.field("id")),
    )
    wrong = declared.explode("parent_id").join(true_lineage(20_000, 0), on=["child_id", "parent_id"], how="anti")
    marked = true_lineage(20_000, 0).filter(pl.col("declaration").is_in(["self", "cycle"]))
    not_corrected_yet = wrong.join(marked, on="child_id", how="anti")
    assert wrong.height > 0
    assert not_corrected_yet.height / declared.height < 0.002


def test_cards_name_parents_in_every_odd_way(listing: pl.DataFrame) -> None:
    written = set(listing["cardData"].str.json_path_match("$.base_model").drop_nulls())
    ids = set(listing["id"])
    lower = {name.lower() for name in ids}
    assert "" in written
    assert any(text.startswith(("./", "/", "C:")) for text in written)
    assert any(text.startswith("https://") for text in written)
    assert written & {name for name, _ in CANONICAL}
    assert any(text not in ids and text in lower for text in written)
    assert any("/" in text and text.lower() not in lower and text.count("/") == 1 for text in written)


def test_typed_tags_without_a_plain_one_beside_them_name_local_paths(listing: pl.DataFrame) -> None:
    tags = listing.select("id", "tags").explode("tags")
    typed = tags.with_columns(
        parent=pl.col("tags").str.extract("^base_model:(?:finetune|adapter|merge|quantized):(.*)$")
    )
    plain = tags.with_columns(parent=pl.col("tags").str.strip_prefix("base_model:"))
    lone = typed.drop_nulls("parent").join(plain, on=["id", "parent"], how="anti")
    assert lone.height > 0
    assert set(lone["parent"]) <= set(LOCAL_PATHS)


def test_a_few_roots_close_cycles() -> None:
    assert true_lineage(50_000, 0).filter(pl.col("declaration") == "cycle").height >= 2

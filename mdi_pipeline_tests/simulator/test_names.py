"""Publishers and names."""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from mdi_pipeline.simulator.calibration import CANONICAL
from mdi_pipeline.simulator.derivation import QUANTIZED
from mdi_pipeline.simulator.names import gone_models
from mdi_pipeline.simulator.setting import Setting
from mdi_pipeline.simulator.simulation import simulate
from mdi_pipeline_tests.simulator.strategies import few_hubs, hubs


@few_hubs
@given(hubs)
def test_an_id_is_author_and_name_and_no_two_are_equal_in_lower_case(setting: Setting) -> None:
    fields = simulate(setting).fields
    assert fields["id"].str.starts_with(fields["author"] + "/").all()
    assert fields["id"].str.count_matches("/").eq(1).all()
    assert fields["id"].str.to_lowercase().is_unique().all()


@few_hubs
@given(hubs)
def test_the_oldest_models_bear_the_canonical_names(setting: Setting) -> None:
    expected = [f"{owner}/{name}" for name, owner in CANONICAL[: setting.n_canonical]]
    assert simulate(setting).fields["id"].head(setting.n_canonical).to_list() == expected


@few_hubs
@given(hubs)
def test_own_work_is_published_by_the_publisher_of_its_parent(setting: Setting) -> None:
    hub = simulate(setting)
    own = np.flatnonzero(hub.attachment.own_work & (hub.attachment.first_parent >= setting.n_canonical))
    assert len(own) > 0
    author = hub.fields["author"]
    assert author.gather(own).equals(author.gather(hub.attachment.first_parent[own]))


@few_hubs
@given(hubs)
def test_bots_publish_quantized_copies_alone(setting: Setting) -> None:
    hub = simulate(setting)
    by_bot = hub.fields["author"].str.ends_with("-quants").to_numpy()
    assert by_bot.any()
    assert (hub.derivation.relation[by_bot] == QUANTIZED).all()


@few_hubs
@given(hubs, st.lists(st.integers(0, 6_399), min_size=1, max_size=50))
def test_models_that_are_gone_are_no_models_of_the_hub(setting: Setting, numbers: list[int]) -> None:
    gone = gone_models(np.array(numbers))
    assert gone.str.contains("^[A-Z][a-z]+-archive/[A-Z][a-z]+-7B$").all()
    assert not gone.str.to_lowercase().is_in(simulate(setting).fields["id"].str.to_lowercase().implode()).any()


def test_copies_are_named_after_their_parent_more_often_than_finetunes() -> None:
    hub = simulate(Setting(20_000, 0))
    child, parent = hub.attachment.child, hub.attachment.parent
    name = hub.fields["id"].str.split("/").list.get(1)
    named_after = pl.DataFrame(
        {
            "quantized": hub.derivation.relation[child] == QUANTIZED,
            "is": name.gather(child).str.starts_with(name.gather(parent)),
        }
    )
    share = dict(named_after.group_by("quantized").agg(pl.col("is").mean()).iter_rows())
    assert share[True] > 0.7
    assert share[True] > 1.5 * share[False]

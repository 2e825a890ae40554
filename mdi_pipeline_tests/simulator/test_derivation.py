"""Who derives from whom: edges that agree with each other and with time, and the planted effects."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdi_pipeline.simulator.calibration import LAST_DATE
from mdi_pipeline.simulator.derivation import ADAPTER, FINETUNE, MERGE, ancestors
from mdi_pipeline.simulator.listing import simulated_listing
from mdi_pipeline.simulator.setting import Setting
from mdi_pipeline.simulator.simulation import simulate
from mdi_pipeline.simulator.truth import true_lineage
from mdi_pipeline_tests.simulator.strategies import few_hubs, hubs

SIZE = 50_000
MEDIAN_BILLIONS = 1


@few_hubs
@given(hubs)
def test_derivatives_have_parents_at_most_as_many_as_meant_and_roots_have_none(setting: Setting) -> None:
    hub = simulate(setting)
    n_parents = np.bincount(hub.attachment.child, minlength=len(hub.population))
    assert np.array_equal(n_parents > 0, hub.derivation.derives)
    assert (n_parents <= hub.derivation.n_parents).all()
    assert set(np.unique(hub.derivation.relation[n_parents > 1])) <= {MERGE, ADAPTER}


@few_hubs
@given(hubs)
def test_no_edge_is_there_twice_and_the_first_parent_leads_to_the_root(setting: Setting) -> None:
    hub = simulate(setting)
    edges = pl.DataFrame({"child": hub.attachment.child, "parent": hub.attachment.parent})
    assert edges.is_unique().all()
    derives, first_parent, root = hub.derivation.derives, hub.attachment.first_parent, hub.attachment.root
    assert np.array_equal(first_parent >= 0, derives)
    assert np.array_equal(root[derives], root[first_parent[derives]])
    assert np.array_equal(np.flatnonzero(~derives), np.unique(root))
    assert np.array_equal(hub.billions, hub.billions[root])


@few_hubs
@given(hubs)
def test_parents_are_older_than_their_children_unless_the_child_was_redated(setting: Setting) -> None:
    hub = simulate(setting)
    created, child, parent = hub.population.created, hub.attachment.child, hub.attachment.parent
    in_order = created[parent] < created[child]
    assert in_order[~hub.derivation.redated[child]].all()


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=60))
def test_the_ancestor_of_each_model_is_where_its_pointers_end(drawn: list[int]) -> None:
    pointer = np.array([number % (place + 1) for place, number in enumerate(drawn)])
    for place, end in enumerate(ancestors(pointer)):
        here = place
        while pointer[here] != here:
            here = pointer[here]
        assert end == here


def test_a_small_share_of_children_is_older_than_the_parent() -> None:
    created = simulated_listing(SIZE, 0, LAST_DATE).select("id", "createdAt")
    dated = (
        true_lineage(SIZE, 0)
        .join(created, left_on="child_id", right_on="id")
        .join(created, left_on="parent_id", right_on="id", suffix="_parent")
    )
    reversed_share = (dated["createdAt"] < dated["createdAt_parent"]).mean()
    assert isinstance(reversed_share, float)
    assert 0.002 < reversed_share < 0.015


def outgrowing(planted_effects: bool) -> pl.DataFrame:
    """Derivatives by relation and size, and whether each has more children than its parent."""
    frames = []
    for seed in range(4):
        hub = simulate(Setting(SIZE, seed, planted_effects))
        n_children = np.bincount(hub.attachment.parent, minlength=len(hub.population))
        parent = hub.attachment.first_parent
        frame = pl.DataFrame(
            {
                "relation": hub.derivation.relation,
                "large": hub.billions >= MEDIAN_BILLIONS,
                "outgrows": n_children > n_children[parent],
            }
        )
        frames.append(frame.filter(pl.Series(parent >= 0)))
    return pl.concat(frames)


@pytest.mark.slow
def test_planted_effects_are_there_and_can_be_switched_off() -> None:
    def ratio(frame: pl.DataFrame, one: pl.Expr, other: pl.Expr) -> float:
        shares = [frame.filter(chosen).select(pl.col("outgrows").mean()).item() for chosen in (one, other)]
        return float(shares[0] / shares[1])

    planted, neutral = outgrowing(planted_effects=True), outgrowing(planted_effects=False)
    relation, large = pl.col("relation"), pl.col("large")
    comparisons = {
        "finetunes against adapters": (relation == FINETUNE, relation == ADAPTER, 2.5),
        "large ones against small ones": (large, ~large, 1.3),
    }
    for name, (one, other, least) in comparisons.items():
        found, by_chance = ratio(planted, one, other), ratio(neutral, one, other)
        print(f"{name} outgrow their parents {found:.2f} times as often, without effects {by_chance:.2f}")  # noqa: T201
        assert found > least
        assert 0.6 < by_chance < 1.5

"""What swaps keep, what they change, and that they lead to every network alike."""

from __future__ import annotations

from collections import Counter

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from mdi_pipeline.disruption.graph import temporal_graph
from mdi_pipeline.disruption.swaps import shuffle, slots_of
from mdi_pipeline_tests.disruption.swapped_networks import network, reachable, siblings


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_swaps_keep_parents_and_monthly_inflow_and_the_arrow_of_time(seed: int) -> None:
    models, edges = network(seed)
    graph = temporal_graph(edges, models, child="child_id", parent="parent_id", id="model_id", created_at="created_at")
    slots = slots_of(graph, edges, models)
    before = list(zip(slots.child.tolist(), slots.parent.tolist(), strict=True))
    id_of = dict(zip(graph.node.tolist(), graph.ids.to_list(), strict=True))
    month = dict(models.select("model_id", pl.col("created_at").dt.truncate("1mo")).iter_rows())
    relation = {(child, parent): kind for child, parent, kind in edges.iter_rows()}
    kinds = [relation[id_of[child], id_of[parent]] for child, parent in before]

    swapped = shuffle(slots, 10, np.random.default_rng(seed))
    after = list(zip(slots.child.tolist(), slots.parent.tolist(), strict=True))

    assert swapped > 0
    assert after != before
    assert len(set(after)) == len(after)
    assert all(child != parent for child, parent in after)

    def inflow(pairs: list[tuple[int, int]]) -> Counter[object]:
        return Counter(
            (parent, month.get(id_of[child]), kind) for (child, parent), kind in zip(pairs, kinds, strict=True)
        )

    assert inflow(after) == inflow(before)
    born = dict(models.select("model_id", "created_at").iter_rows())
    for (child, parent), old in zip(after, before, strict=True):
        if (child, parent) != old and born.get(id_of[parent]):
            assert born[id_of[parent]] < born[id_of[child]]


def test_every_network_that_swaps_reach_is_as_likely_as_any_other() -> None:
    models, edges = siblings()
    graph = temporal_graph(edges, models, child="child_id", parent="parent_id", id="model_id", created_at="created_at")
    slots = slots_of(graph, edges, models)
    id_of = dict(zip(graph.node.tolist(), graph.ids.to_list(), strict=True))
    expected = {frozenset(edge[:2] for edge in network) for network in reachable(models, edges)}
    random = np.random.default_rng(0)
    drawn: Counter[frozenset[tuple[str, str]]] = Counter()
    for _ in range(n_draws := 100 * len(expected)):
        shuffle(slots, 5, random)
        ends = zip(slots.child.tolist(), slots.parent.tolist(), strict=True)
        drawn[frozenset((id_of[child], id_of[parent]) for child, parent in ends)] += 1
    assert set(drawn) == expected
    assert chisquare(list(drawn.values())).pvalue > 0.001
    assert sum(drawn.values()) == n_draws

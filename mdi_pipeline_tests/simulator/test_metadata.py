"""The fields of a model beside its name and its parents."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from mdi_pipeline.simulator.calibration import LAST_DATE
from mdi_pipeline.simulator.derivation import QUANTIZED, derive
from mdi_pipeline.simulator.listing import simulated_listing
from mdi_pipeline.simulator.metadata import NOT_PACKED, PACKAGINGS, pack
from mdi_pipeline.simulator.population import DAY, populate, start_of
from mdi_pipeline.simulator.setting import Setting
from mdi_pipeline.simulator.simulation import simulate
from mdi_pipeline_tests.simulator.strategies import few_hubs, hubs


@few_hubs
@given(hubs)
def test_quantized_copies_are_packed_and_no_other_model_is(setting: Setting) -> None:
    derivation = derive(populate(setting), setting)
    packaging = pack(derivation, setting)
    assert np.array_equal(packaging != NOT_PACKED, derivation.relation == QUANTIZED)
    assert packaging.max() < len(PACKAGINGS)


@few_hubs
@given(hubs, st.lists(st.integers(0, 4_000), min_size=2, max_size=6))
def test_downloads_and_likes_start_at_0_and_only_grow(setting: Setting, days_back: list[int]) -> None:
    hub = simulate(setting)
    moments = [start_of(LAST_DATE) - days * DAY for days in sorted(days_back, reverse=True)]
    for count in (hub.popularity.downloads_by, hub.popularity.likes_by):
        counts = np.array([count(hub.population, moment) for moment in moments])
        assert (np.diff(counts, axis=0) >= 0).all()
        for moment, at_that_moment in zip(moments, counts, strict=True):
            assert not at_that_moment[hub.population.created >= moment].any()


def test_few_models_report_benchmark_results_and_larger_ones_report_better_ones() -> None:
    hub = simulate(Setting(20_000, 0))
    reported = hub.fields.with_columns(billions=hub.billions).filter(pl.col("model_index").is_not_null())
    assert 0.02 < reported.height / hub.fields.height < 0.04
    score = [json.loads(text)[0]["results"][0]["metrics"][0]["value"] for text in reported["model_index"]]
    large = (reported["billions"] > reported["billions"].median()).to_numpy()
    assert np.mean(np.array(score)[large]) > np.mean(np.array(score)[~large]) + 0.1


def test_fields_of_several_shapes_are_json_objects_or_lists() -> None:
    listing = simulated_listing(20_000, 0, LAST_DATE)
    for name, shape in (("cardData", dict), ("config", dict), ("model-index", list)):
        texts = listing[name].drop_nulls()
        assert texts.len() > 0
        assert all(isinstance(json.loads(text), shape) for text in texts), name

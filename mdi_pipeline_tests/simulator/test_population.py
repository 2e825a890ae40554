"""When models appear and vanish."""

from __future__ import annotations

import numpy as np
from hypothesis import given

from mdi_pipeline.simulator.calibration import FIRST_DATE, FLOOR_SHARE, LAST_DATE
from mdi_pipeline.simulator.population import FLOOR_SECOND, populate, start_of
from mdi_pipeline.simulator.setting import Setting
from mdi_pipeline_tests.simulator.strategies import few_hubs, hubs


@few_hubs
@given(hubs)
def test_as_many_models_survive_as_the_size_asks_for(setting: Setting) -> None:
    assert populate(setting).survives.sum() == setting.size


@few_hubs
@given(hubs)
def test_models_come_in_the_order_of_creation_and_begin_at_the_floor(setting: Setting) -> None:
    population = populate(setting)
    assert (np.diff(population.created) >= 0).all()
    assert population.created[0] == FLOOR_SECOND
    assert population.created[-1] < start_of(LAST_DATE)
    assert population.at_floor.sum() == round(setting.size * FLOOR_SHARE)


@few_hubs
@given(hubs)
def test_models_vanish_after_their_creation_and_within_the_simulated_dates(setting: Setting) -> None:
    population = populate(setting)
    vanished = ~population.survives
    deleted = population.deleted[vanished]
    assert (deleted > population.created[vanished]).all()
    assert (deleted >= start_of(FIRST_DATE)).all()
    assert (deleted < start_of(LAST_DATE)).all()

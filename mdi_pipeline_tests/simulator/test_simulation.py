"""The history of one simulated Hub: when it is kept for further dates."""

from __future__ import annotations

import pytest

from mdi_pipeline.simulator.setting import Setting
from mdi_pipeline.simulator.simulation import simulate


def test_a_history_of_millions_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would hold gigabytes through all that follows the crawl."""
    setting = Setting(2_000, 0)
    assert simulate(setting) is simulate(setting)
    monkeypatch.setattr("mdi_pipeline.simulator.simulation.MAX_KEPT", 1_999)
    assert simulate(setting) is not simulate(setting)

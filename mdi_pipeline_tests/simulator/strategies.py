"""Simulated Hubs for property tests: small ones, of several sizes, seeds and dates."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st

from mdi_pipeline.simulator.calibration import FIRST_DATE, LAST_DATE
from mdi_pipeline.simulator.setting import Setting

dates = st.dates(FIRST_DATE, LAST_DATE)
sizes = st.integers(2_000, 5_000)
seeds = st.integers(0, 3)
hubs = st.builds(Setting, sizes, seeds, st.booleans())
few = settings(max_examples=15, deadline=None)
"""For what is read on a date."""

few_hubs = settings(max_examples=6, deadline=None)
"""For what holds of every model of a Hub: each of these has thousands."""

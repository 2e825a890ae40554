"""The window that the statistics of a crawl date were made with."""

from __future__ import annotations

from datetime import date

from mdi_pipeline.home.folder import Home
from mdi_pipeline.lake.store import LakeError


def headline_window(home: Home, crawl_date: date) -> int:
    """The window of the headline of a crawl date, in days, as its `score_summary` has it; else that of the settings.

    A run may have had another than the home, and the home's may have changed since: a look-up speaks of what there
    is. Raises `SettingsError` where the settings are asked for and wrong.
    """
    try:
        held = home.lake.read("score_summary", crawl_date, ["window_days"])["window_days"]
    except LakeError:
        held = None
    if held is not None and not held.is_empty():
        return int(held[0])
    from mdi_pipeline.home.settings import load_settings  # which takes as long to import as a look-up may

    return load_settings(home).window_days

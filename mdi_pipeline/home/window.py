"""The window that the statistics of a crawl date were made with."""

from __future__ import annotations

from datetime import date

from mdi_pipeline.home.folder import Home
from mdi_pipeline.lake.store import LakeError


def headline_window(home: Home, crawl_date: date) -> int:
    """The window of the headline of a crawl date, in days: that of its `score_summary`, else that of the settings.

    A run may have used another window than the home's, and the home's may have changed since: a look-up shows what was
    made. Raises `SettingsError` where there is no `score_summary` and the settings are wrong.
    """
    try:
        held = home.lake.read("score_summary", crawl_date, ["window_days"])["window_days"]
    except LakeError:
        held = None
    if held is not None and not held.is_empty():
        return int(held[0])
    from mdi_pipeline.home.settings import load_settings  # only here: look-ups are to start fast

    return load_settings(home).window_days

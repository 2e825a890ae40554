"""The rate limit: fixed windows with so many calls each, told in the headers of every answer."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from datetime import timedelta

from mdi_pipeline.hub.source import SourceError

ROUNDING = 1.0
"""Seconds by which a wait told in whole seconds can fall short."""

UNTOLD = 10.0
"""Seconds to wait after a refusal that does not say how long, or says it unreadably."""

LONGEST_WAIT = 3_600.0
"""Seconds that a server may have one wait: twelve of the Hub's windows. No crawl of a day is served by more."""

RESUMED = "Run the same command again today: it goes on from the last page that came."

_SECONDS = re.compile(r"[0-9]{1,12}")
_PARAMETER = re.compile(r";\s*([rt])=([^;,\s]*)")


class Pace:
    """When the next call may be made.

    As long as calls remain none is held back; when the headers say that the last one is used up, the next
    waits for the new window instead of being refused.
    """

    def __init__(self, on_wait: Callable[[float], None], sleep: Callable[[float], None] = time.sleep) -> None:
        self._on_wait = on_wait
        self._sleep = sleep
        self._free_at = 0.0
        self.seconds_waited = 0.0

    def learn(self, headers: Mapping[str, str], *, refused: bool) -> None:
        """Take in the headers of an answer; `refused`: it was 429, or an error that says when to come again."""
        limit = dict(_PARAMETER.findall(headers.get("ratelimit", "")))
        now = time.monotonic()
        if _seconds(limit.get("r", "")) == 0:
            told = _seconds(limit.get("t", ""))
            self._free_at = now + (UNTOLD if told is None else told + ROUNDING)
        elif refused:
            told = _seconds(headers.get("retry-after", "").strip())
            self._free_at = now + (UNTOLD if told is None else told)

    def wait(self) -> None:
        """Wait until a call may be made. Raises `SourceError` where that is longer than `LONGEST_WAIT`."""
        seconds = self._free_at - time.monotonic()
        if seconds > LONGEST_WAIT + ROUNDING:
            raise SourceError(
                f"the Hub demands a wait of {_duration(seconds)}; at most {_duration(LONGEST_WAIT)} are waited. "
                f"Try again later. {RESUMED}"
            )
        if seconds > 0:
            self._on_wait(seconds)
            self._sleep(seconds)
            self.seconds_waited += seconds
            self._free_at = 0.0

    def pause(self, seconds: float) -> None:
        """Wait before something that failed is tried again; that is not the rate limit's doing."""
        self._sleep(seconds)


def _seconds(told: str) -> int | None:
    """A whole number of seconds; None where it is none that can be meant (other digits than 0 to 9, or hundreds)."""
    return int(told) if _SECONDS.fullmatch(told) else None


def _duration(seconds: float) -> str:
    days, rest = divmod(round(seconds), 24 * 3_600)
    return f"{days:,} days" if days else str(timedelta(seconds=rest))

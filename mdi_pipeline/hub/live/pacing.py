"""The Hub's rate limit: fixed windows with so many calls each, told in the headers of every answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from huggingface_hub.utils import parse_ratelimit_headers

ROUNDING = 1.0
"""Seconds by which a wait told in whole seconds can fall short."""

UNTOLD = 10.0
"""Seconds to wait after a refusal that does not say how long."""


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
        """Take in the headers of an answer; `refused`: it was 429."""
        limit = parse_ratelimit_headers(headers)
        now = time.monotonic()
        if limit is not None and limit.remaining == 0:
            self._free_at = now + limit.reset_in_seconds + ROUNDING
        elif refused:
            told = headers.get("retry-after", "")
            self._free_at = now + (float(told) if told.isdigit() else UNTOLD)

    def wait(self) -> None:
        """Wait until a call may be made."""
        seconds = self._free_at - time.monotonic()
        if seconds > 0:
            self._on_wait(seconds)
            self._sleep(seconds)
            self.seconds_waited += seconds

"""The Hub's rate limit: so many calls in a fixed window."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class Quota:
    """Counts calls in fixed windows of `window` seconds, `calls` in each."""

    calls: int = 500
    window: int = 300
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        """Open the first window."""
        self.n_refused = 0
        self._opened = self.clock()
        self._used = 0

    def take(self) -> bool:
        """Whether a call is within the quota; it is counted if so."""
        now = self.clock()
        if now >= self._opened + self.window:
            self._opened += self.window * math.floor((now - self._opened) / self.window)
            self._used = 0
        if self._used >= self.calls:
            self.n_refused += 1
            return False
        self._used += 1
        return True

    def headers(self) -> dict[str, str]:
        """What every answer says of the quota."""
        left = math.ceil(self._opened + self.window - self.clock())
        return {
            "RateLimit": f'"api";r={self.calls - self._used};t={max(left, 0)}',
            "RateLimit-Policy": f'"fixed window";"api";q={self.calls};w={self.window}',
        }

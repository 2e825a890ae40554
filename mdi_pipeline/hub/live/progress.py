"""What is told of a crawl while it runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from mdi_pipeline.hub.source import CrawlProgress, Watch


@dataclass
class Meter:
    """Counts what has come and tells `watch`.

    `n_expected` is about how many models will come, where that is known; the time left follows from the rate
    since this process began, waits included.
    """

    watch: Watch
    n_expected: int | None = None
    n_models: int = 0
    n_pages: int = 0
    seconds_waited: float = 0.0
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        """Start the clock."""
        self._started = self.clock()
        self._models_before = self.n_models

    def resume(self, n_models: int, n_pages: int) -> None:
        """So much had come before this process began."""
        self.n_models = self._models_before = n_models
        self.n_pages = n_pages

    def page(self, n_models: int, seconds_waited: float) -> None:
        """A page has come."""
        self.n_models += n_models
        self.n_pages += 1
        self.seconds_waited = seconds_waited
        self._tell(waiting=0.0)

    def waiting(self, seconds: float) -> None:
        """The rate limit is about to be waited for."""
        self._tell(waiting=seconds)

    def _tell(self, waiting: float) -> None:
        elapsed = max(self.clock() - self._started, 1e-9)
        rate = (self.n_models - self._models_before) / elapsed
        left = None
        if self.n_expected is not None and rate > 0:
            left = max(self.n_expected - self.n_models, 0) / rate
        self.watch(CrawlProgress(self.n_models, self.n_pages, rate, self.seconds_waited, waiting, left))

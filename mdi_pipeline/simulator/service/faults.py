"""What goes wrong with a simulated Hub, and with which call: seeded, so that it goes wrong again the same way."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

OF_A_CALL = (
    "rate_limit", "server_error", "cut", "stall", "truncated", "odd_records", "expired_cursor", "html",
    "torn_character", "byte_order_mark", "deep_record", "lost_link", "empty", "odd_headers", "odd_wait",
)  # fmt: skip
"""Faults that strike a share of the calls. A crawl gets over all of them."""

OF_THE_HUB = ("refused_expand", "churn")
"""Faults that are there all the time: `baseModels` is refused; models come, change and go between calls."""

FAULTS = OF_A_CALL + OF_THE_HUB

HOSTILE = (
    "circle", "two_cursors", "endless", "standing", "short_pages", "no_links", "ids_only", "always_html", "login",
    "forbidden", "slow", "huge", "packed", "long_wait", "elsewhere", "echo",
)  # fmt: skip
"""Ways in which a Hub, or what stands in its place, is broken or means harm: on every call, one at a time."""

ODD_RECORDS = (
    "null", "42", '"text"', "[]", "{}", '{"id": 7}', '{"id": "odd/date", "createdAt": "soon"}',
    '{"id": "odd/downloads", "downloads": -1}', '{"id": "odd/surrogate", "author": "\\ud800"}',
    '{"id": "odd/tags", "tags": "none"}',
)  # fmt: skip
"""Records that cannot be read; none may end a listing."""


@dataclass(frozen=True)
class Faults:
    """Which faults there are, the share of the calls that each strikes, how long a stall lasts, and a slow body's byte.

    Both in seconds. At most one of `kinds` is hostile.
    """

    kinds: frozenset[str] = field(default_factory=frozenset)
    seed: int = 0
    share: float = 0.03
    stall: float = 120.0
    drip: float = 2.0

    def __post_init__(self) -> None:
        """Refuse faults that nobody knows."""
        unknown = sorted(self.kinds - set(FAULTS) - set(HOSTILE))
        if unknown:
            raise ValueError(f"no fault {', '.join(unknown)}; there are {', '.join(FAULTS + HOSTILE)}")

    @property
    def hostile(self) -> str | None:
        """How the Hub is hostile; None where it is not."""
        return next((kind for kind in HOSTILE if kind in self.kinds), None)

    def of_call(self, number: int) -> str | None:
        """The fault that strikes a call, by its number; None for most."""
        drawn = self.rng(number).random()
        for position, kind in enumerate(kind for kind in OF_A_CALL if kind in self.kinds):
            if position * self.share <= drawn < (position + 1) * self.share:
                return kind
        return None

    def rng(self, number: int) -> random.Random:
        """The randomness of a call."""
        return random.Random(f"{self.seed}-{number}")  # noqa: S311  not for secrets

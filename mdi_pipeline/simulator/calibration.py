"""The figures that the simulated Hub is calibrated to.

Unless said otherwise they come from one complete listing of the Hub in August 2026 (one account, not
confirmed by a second) and are used pro rata to the size asked for.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

FIRST_DATE = date(2024, 9, 1)
"""The first date that can be crawled: since that month the public archive holds the real Hub's past."""

LAST_DATE = date(2026, 8, 31)
"""The last date that can be crawled. Fixed, so that the same command gives the same result next year."""

FLOOR = datetime(2022, 3, 2, 23, 29, 4, tzinfo=UTC)
"""The creation time that every model carries which is older than the Hub's field itself."""

SMALLEST, LARGEST = 2_000, 3_000_000
"""Sizes for which the figures below make sense."""

LISTED_MODELS = 3_003_759
"""Models of the real listing; all counts below are out of these."""

DAILY_GROWTH = {
    date(2022, 3, 3): 120,
    date(2022, 12, 31): 420,
    date(2023, 6, 30): 900,
    date(2023, 12, 31): 1_500,
    date(2024, 6, 30): 2_250,
    date(2024, 12, 15): 3_000,
    date(2025, 6, 30): 2_850,
    date(2026, 1, 1): 2_700,
    LAST_DATE: 2_600,
}
"""New models a day. The first, the sixth and the range since are reported; the curve between is a guess
that adds up to the whole."""

FLOOR_SHARE = 0.022
"""Share of models that carry the floor: what the growth above leaves over."""

WEEKLY_DELETIONS = (3_000, 20_000)
"""Fewest and most models that vanish in a week."""

MEDIAN_WEEKLY_DELETIONS = 8_000
"""A guess within the range above."""

DECLARED_BY_HUB = 837_134
"""Models whose parent the Hub itself states (`baseModels`)."""

DECLARED_BY_CARD = 56_955
"""Models that name a parent only in their card, without a relation."""

DECLARING = DECLARED_BY_HUB + DECLARED_BY_CARD

NAMING_EXISTING = 859_056
"""Of the declaring models, those that name a parent that exists."""

RELATION_COUNTS = {"finetune": 325_399, "adapter": 314_940, "merge": 14_669, "quantized": 167_522}
"""Of those, the ones of each stated relation; 36,526 more state none (the cards)."""

CARD_NAMING_EXISTING = 36_526
"""Models of `DECLARED_BY_CARD` that name a parent that exists, if all those without a relation are among them."""

UNREADABLE_SHARE = 0.3
"""Of the other cards, the share with a local path, a URL or nothing at all; the rest name a model that is
not on the Hub. A guess."""

CARD_UNREADABLE = round((DECLARED_BY_CARD - CARD_NAMING_EXISTING) * UNREADABLE_SHARE)
CARD_STUBS = DECLARED_BY_CARD - CARD_NAMING_EXISTING - CARD_UNREADABLE

SELF_REFERENCES = 2_008
"""Models that name themselves as their parent."""

PARENTS = 76_669
"""Models that others name as their parent."""

CHILDREN_QUANTILES = (
    (1.0, 1.0),
    (0.40, 1.0),
    (0.10, 6.0),
    (0.01, 118.0),
    (119 / PARENTS, 1_000.0),
    (1 / PARENTS, 43_346.0),
)
"""Share of parents with at least so many children: median 1, p90 6, p99 118, 119 above 1,000, one at 43,346."""

PUBLISHERS = 597_637

FILLED = {"library_name": 0.49, "pipeline_tag": 0.34, "safetensors": 0.28}
"""Share of models that state each field."""

UNDECLARED_SHARE = 0.06
"""Share of models that derive from another and declare nothing. Nobody knows it: a guess, so that
recovering undocumented lineage can be measured."""

CANONICAL = (
    ("gpt2", "openai-community"),
    ("bert-base-uncased", "google-bert"),
    ("distilbert-base-uncased", "distilbert"),
    ("roberta-base", "FacebookAI"),
    ("t5-small", "google-t5"),
    ("xlm-roberta-base", "FacebookAI"),
    ("t5-base", "google-t5"),
    ("bert-base-cased", "google-bert"),
    ("albert-base-v2", "albert"),
    ("gpt2-large", "openai-community"),
    ("distilgpt2", "distilbert"),
    ("bert-base-multilingual-cased", "google-bert"),
)
"""Former bare name and present owner of some of the Hub's oldest models."""

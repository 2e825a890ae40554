"""What the codes of the tables are called, and how numbers are written."""

from __future__ import annotations

from typing import Any

POPULATION_WORDS = {
    "scored": "all scored models",
    "built_upon": "models built upon",
    "scored_llm": "language models",
    "built_upon_llm": "language models built upon",
    "scored_merges": "merges",
    "built_upon_merges": "merges built upon",
}
"""What each population is called."""

SERIES_WORDS = {"built_upon": "built upon", "scored": "all scored"}
"""The headline populations in a legend, where there is no room for more."""

INDEX_WORDS = {
    "mdi": "Model Disruption Index",
    "cd": "CD index",
    "cd_nok": "CD index without siblings",
    "mcd": "CD index weighted by impact",
    "di5": "DI5 index",
    "dep": "Dependence on the parents",
}
"""What each index is called."""

SIGN_WORDS = {"share_negative": "below 0", "share_zero": "at 0", "share_positive": "above 0"}
"""Where the index lies of the models that each of these measures is the share of."""

COUNTER_WORDS = {
    "likes": "likes",
    "downloads": "downloads, 30 days",
    "downloads_all_time": "downloads, all time",
    "likes_change": "likes since last crawl",
    "downloads_change": "change of downloads",
    "downloads_all_time_change": "downloads since last crawl",
}
"""What each counter of the Hub is called."""

STATUS_WORDS = {
    "scored": "its window is closed and its index counts",
    "undefined": "its window is closed, but nothing followed it or its parents, so the index has no denominator",
    "censored": "its window was still open at the crawl",
    "root": "it names no parent, so its index could only be +1 or undefined",
    "left_censored": "its time of creation is unknown or the Hub's floor",
}
"""Why a model has its status, in the order in which the report lists them."""


def count(number: int, noun: str = "") -> str:
    """`1 model`, `1,204 models`; the number alone without a noun."""
    if not noun:
        return f"{number:,}"
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def percent(share: float, decimals: int = 0) -> str:
    """A share in percent, without the sign; 0 and 100 stand only for none and all."""
    if share in (0, 1):
        return f"{100 * share:.0f}"
    shown = f"{100 * share:.{decimals}f}"
    if float(shown) in (0, 100):
        last = 10**-decimals
        return f"<{last:g}" if float(shown) == 0 else f">{100 - last:g}"
    return shown


def percent_interval(estimate: float, low: float | None, high: float | None) -> tuple[str, str]:
    """A share and its interval, as `82 %` and `[71, 90]`, to the decimals that the interval warrants."""
    if low is None or high is None:
        return f"{percent(estimate)} %", ""
    width = 100 * (high - low)
    decimals = 0 if width >= _WIDE else 1 if width >= _NARROW else 2
    return f"{percent(estimate, decimals)} %", f"[{percent(low, decimals)}, {percent(high, decimals)}]"


_WIDE, _NARROW = 5, 0.5
"""Percentage points: an interval at least this wide warrants no decimal, or one."""


def signed(value: float) -> str:
    """A number to two decimals with its sign: `+0.83`, `−1.00`; 0 has none."""
    return f"{value:+,.2f}".replace("-", "−").replace("+0.00", "0.00").replace("−0.00", "0.00")


def share_words(row: dict[str, Any]) -> str:
    """A row of `score_summary` or `score_factors` as `82 % [71, 90]`; without an interval it says why."""
    if row["estimate"] is None:
        return "undecided"
    share, interval = percent_interval(row["estimate"], row["low"], row["high"])
    return f"{share} {interval or _why_no_interval(row)}"


def value_words(row: dict[str, Any]) -> str:
    """A mean or median as `−0.84 [−0.90, −0.77]`."""
    if row["estimate"] is None:
        return "undecided"
    interval = _why_no_interval(row) if row["low"] is None else f"[{signed(row['low'])}, {signed(row['high'])}]"
    return f"{signed(row['estimate'])} {interval}"


def _why_no_interval(row: dict[str, Any]) -> str:
    return "[one author]" if row["n_authors"] == 1 else "[no interval]" if row["n_authors"] is None else "[all alike]"


def models_by_authors(row: dict[str, Any]) -> str:
    """What an estimate rests on: `142 models by 95 authors`."""
    return f"{count(row['n'], 'model')} by {count(row['n_authors'], 'author')}"


def of_models(row: dict[str, Any]) -> str:
    """`of 142 models by 95 authors`."""
    return f"of {models_by_authors(row)}"

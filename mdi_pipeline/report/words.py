"""How numbers are written."""

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

INDEX_WORDS = {
    "mdi": "Model Disruption Index",
    "cd": "CD index",
    "cd_nok": "CD index without n_k",
    "mcd": "CD index weighted by impact",
    "di5": "DI5, five shared parents",
    "dep": "dependence on the parents",
}
"""What each index is called."""

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


def percent(share: float) -> str:
    """A share in percent without its sign: one decimal in the outer tenths, where it matters."""
    hundredths = 100 * share
    if hundredths in (0, 100):
        return f"{hundredths:.0f}"
    if hundredths < 10 or hundredths > 90:  # noqa: PLR2004
        shown = f"{hundredths:.1f}"
        return {"0.0": "<0.1", "100.0": ">99.9"}.get(shown, shown)
    return f"{hundredths:.0f}"


def signed(value: float) -> str:
    """A number to two decimals with its sign: `+0.83`, `−1.00`."""
    return f"{value:+.2f}".replace("-", "−")


def share_words(row: dict[str, Any]) -> str:
    """A row of `score_summary` or `score_factors` as `82 % [71, 90]`; without an interval it says so."""
    if row["estimate"] is None:
        return "undecided"
    return f"{percent(row['estimate'])} % {interval_words(row, percent)}"


def value_words(row: dict[str, Any]) -> str:
    """A mean or median as `−0.84 [−0.90, −0.77]`."""
    if row["estimate"] is None:
        return "undecided"
    return f"{signed(row['estimate'])} {interval_words(row, signed)}"


def interval_words(row: dict[str, Any], write: Any) -> str:
    """The interval in brackets; why there is none, where there is none."""
    if row["low"] is None:
        return "[one author]" if row["n_authors"] == 1 else "[no spread]"
    return f"[{write(row['low'])}, {write(row['high'])}]"


def of_models(row: dict[str, Any]) -> str:
    """`of 142 models by 95 authors`."""
    return f"of {count(row['n'], 'model')} by {count(row['n_authors'], 'author')}"

"""The published findings in words: the claim, the estimate with its interval, and the verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from mdi_pipeline.report.inputs import HEADLINE_INDEX, HEADLINE_POPULATIONS
from mdi_pipeline.report.prose.wording import POPULATION_WORDS, count, percent_interval, signed
from mdi_pipeline.tables.findings import CLAIMS, DEFAULT_PHASES, NETWORK

if TYPE_CHECKING:
    from collections.abc import Callable

SHORT_WORDS = {
    "share_negative": "most are negative",
    "share_positive": "disruptive: a minority",
    "share_positive_a_size_class": "share rises with size",
    "odds_ratio_tenfold_parameters": "odds rise with size",
    "lead_of_finetunes": "finetunes lead: shares",
    "odds_ratio_nearest_relation": "finetunes lead: odds",
    "rank_correlation_children": "goes with children",
    "rank_correlation_later_children": "… with later children",
    "share_negative_lowest_quarter": "negative every quarter",
    "share_positive_a_year": "share does not rise",
    "gini_children": "children: Gini",
    "top_1_percent_share": "children: top 1 %",
    "power_law_exponent": "children: heavy tail",
}
"""Each claim in two or three words, where there is no room for its sentence."""

_SHARES = ("share_negative", "share_positive", "share_negative_lowest_quarter", "top_1_percent_share")
_POINTS = ("share_positive_a_size_class", "lead_of_finetunes", "share_positive_a_year")
_SIGNED = ("rank_correlation_children", "rank_correlation_later_children")
_BASES = {"gini_children": "models", "top_1_percent_share": "models", "power_law_exponent": "parents in the tail"}


class Verdict(NamedTuple):
    """What one population says to a claim; `reason` says why it is undecided."""

    population: str
    estimate: str
    n: int
    basis: str
    verdict: str
    reason: str | None


class Finding(NamedTuple):
    """A claim, and what the headline populations say to it."""

    number: int
    measure: str
    claim: str
    verdicts: list[Verdict]


def headline_findings(findings: pl.DataFrame, window_days: int) -> list[Finding]:
    """Every claim for `mdi`, the window and both headline populations in the default network, in the order of `CLAIMS`.

    A claim that the table does not hold is left out.
    """
    of_network = pl.col("population") == NETWORK
    rows = findings.filter(phases=DEFAULT_PHASES).filter(
        of_network
        | (
            (pl.col("index") == HEADLINE_INDEX)
            & (pl.col("window_days") == window_days)
            & pl.col("population").is_in(list(HEADLINE_POPULATIONS))
        )
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows.sort("population").to_dicts():
        found.setdefault(row["measure"], []).append(row)
    return [
        Finding(claim.finding, claim.measure, claim.says, [_verdict(row) for row in found[claim.measure]])
        for claim in CLAIMS
        if claim.measure in found
    ]


def _verdict(row: dict[str, Any]) -> Verdict:
    population = "" if row["population"] == NETWORK else POPULATION_WORDS[row["population"]]
    return Verdict(population, estimate_words(row), row["n"], _basis(row), row["verdict"], row["reason"])


def _basis(row: dict[str, Any]) -> str:
    noun = _BASES.get(row["measure"])
    models = f"{row['n']:,} {noun}" if noun else count(row["n"], "model")
    return models if row["n_authors"] is None else f"{models} by {count(row['n_authors'], 'author')}"


def estimate_words(row: dict[str, Any]) -> str:
    """A row of `findings` as `73 % [67, 79]`, `+0.3 points [+0.2, +0.5]` or `1.73 [1.64, 1.82]`."""
    estimate, low, high = row["estimate"], row["low"], row["high"]
    if estimate is None:
        return "no estimate"
    if row["measure"] in _SHARES:
        share, interval = percent_interval(estimate, low, high)
        return f"{share} {interval or '[no interval]'}"
    if row["measure"] in _POINTS:
        return f"{signed(100 * estimate)} points {_interval(low, high, lambda end: signed(100 * end))}"
    write: Callable[[float], str] = signed if row["measure"] in _SIGNED else _plain
    return f"{write(estimate)} {_interval(low, high, write)}"


def _plain(value: float) -> str:
    return f"{value:,.3g}"


def _interval(low: float | None, high: float | None, write: Callable[[float], str]) -> str:
    return "[no interval]" if low is None or high is None else f"[{write(low)}, {write(high)}]"

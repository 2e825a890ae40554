"""Which crawl dates are to be filled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from mdi_pipeline.hub.source import DateRefused, Source


def dates_wanted(source: Source, landed: Sequence[date], first: date | None, last: date | None) -> list[date]:
    """The dates to fill: those that the source has from `first` to `last`; its newest where neither is given.

    Dates that have `landed` count as the source's: crawls of the live Hub's past can be worked on, if not taken.

    Raises `DateRefused` where it has none of them.
    """
    if first is not None and first == last:
        if first not in landed:
            source.fingerprint(first)
        return [first]
    held = source.dates()
    if first is None and last is None:
        return held[-1:]
    held = sorted({*held, *landed})
    chosen = [day for day in held if (first or held[0]) <= day <= (last or held[-1])]
    if not chosen:
        raise DateRefused(
            f"the source {source.kind} has no crawl from {first or held[0]} to {last or held[-1]}; "
            f"its dates go from {held[0]} to {held[-1]}"
        )
    return chosen

"""The partitions: the crawl dates that a home has or was asked for, added as they come.

Not every day between the first and the last: a home that has all that its source has would show gaps for ever.
Dagster's concept: https://docs.dagster.io/guides/build/partitions-and-backfills/partitioning-assets
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import dagster as dg

from mdi_pipeline.hub.source import DateRefused

CRAWL_DATES = dg.DynamicPartitionsDefinition(name="crawl_dates")


def known_dates(instance: dg.DagsterInstance) -> set[str]:
    """The partition keys that Dagster knows."""
    return set(instance.get_dynamic_partitions("crawl_dates"))


def add_dates(instance: dg.DagsterInstance, dates: Iterable[date]) -> list[date]:
    """Make Dagster know these crawl dates, oldest first, since it keeps the order; those that were new come back."""
    known = known_dates(instance)
    new = sorted({day for day in dates if str(day) not in known})
    if new:
        instance.add_dynamic_partitions("crawl_dates", [str(day) for day in new])
    return new


def remove_dates(instance: dg.DagsterInstance, partition_keys: Iterable[str]) -> None:
    """Make Dagster forget these crawl dates; what it has on record of them stays."""
    for key in partition_keys:
        instance.delete_dynamic_partition("crawl_dates", key)


def crawl_date_of(partition_key: str) -> date:
    """The date of a partition key. Raises `DateRefused` where it is none: a partition can be added by hand."""
    try:
        crawl_date = date.fromisoformat(partition_key)
    except ValueError:
        crawl_date = None
    if crawl_date is None or str(crawl_date) != partition_key:
        raise DateRefused(f"{partition_key!r} is no crawl date: it must be written YYYY-MM-DD")
    return crawl_date

"""Thin out old crawl dates: every date for a while, then one a week, then one a month."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from mdi_pipeline.compute.durable import replace_durably
from mdi_pipeline.lake.store import LakeError
from mdi_pipeline.tables.catalogue import TABLES

if TYPE_CHECKING:
    from pathlib import Path

    from mdi_pipeline.lake.reports import Reports
    from mdi_pipeline.lake.store import Lake

RECORD = ".thinned.json"
"""The file in the lake that names the dates that were dropped, so that no schedule asks for them again."""

FIRST, LAST = "crawl_manifest", "model_snapshots"
"""The tables that go first and last.

Without the one, a date does not count as a crawl to be finished; by the other, the next call finds what a kill left.
"""


@dataclass(frozen=True)
class Keeping:
    """How long dates are kept, in days before the newest: all of them, then the last of each week.

    Of dates before that the last one of each month is kept, without an end. The newest and the oldest date are kept.
    """

    days: int
    weekly_days: int


def dates_to_drop(dates: Sequence[date], keeping: Keeping) -> list[date]:
    """Which of the dates are dropped, oldest first.

    >>> days = [date(2026, 1, 1) + timedelta(days=number) for number in range(60)]
    >>> kept = set(days) - set(dates_to_drop(days, Keeping(days=2, weekly_days=21)))
    >>> [f"{day:%m-%d}" for day in sorted(kept)]
    ['01-01', '01-31', '02-08', '02-15', '02-22', '02-27', '02-28', '03-01']
    """
    if not dates:
        return []
    newest = max(dates)
    young = {day for day in dates if newest - day <= timedelta(days=keeping.days)}
    weekly = {day for day in dates if newest - day <= timedelta(days=keeping.weekly_days)}
    kept = {
        min(dates),
        *young,
        *_last_of_each(weekly, lambda day: day.isocalendar()[:2]),
        *_last_of_each(set(dates), lambda day: (day.year, day.month)),
    }
    return sorted(set(dates) - kept)


def _last_of_each(dates: Iterable[date], period: Callable[[date], tuple[int, ...]]) -> set[date]:
    return set({period(day): day for day in sorted(dates)}.values())


def bytes_of(lake: Lake, reports: Reports, crawl_date: date) -> int:
    """What the tables and the report of a date take on the disk."""
    return sum(
        file.stat().st_size for folder in _folders(lake, reports, crawl_date) for file in folder.rglob("*") if _is(file)
    )


def drop(lake: Lake, reports: Reports, crawl_date: date) -> None:
    """Delete all of a crawl date, and write down that it was dropped.

    Where a call is killed, the date is still among those of `model_snapshots`, to be dropped again. Raises `LakeError`
    where the disk refuses.
    """
    try:
        _remember(lake, {*dropped(lake), crawl_date})
        for folder in _folders(lake, reports, crawl_date):
            shutil.rmtree(folder)
    except OSError as error:
        raise LakeError(f"{crawl_date} cannot be dropped: {error}. Run the same command again") from error


def dropped(lake: Lake) -> set[date]:
    """The dates that were dropped, whether or not they were made again since."""
    try:
        return {date.fromisoformat(day) for day in json.loads((lake.root / RECORD).read_text())}
    except FileNotFoundError:
        return set()
    except (ValueError, TypeError) as error:
        raise LakeError(
            f"{lake.root / RECORD} cannot be read ({error}). Delete it: schedules ask for dropped dates again then"
        ) from error


def _remember(lake: Lake, dates: set[date]) -> None:
    staged = lake.root / f"{RECORD}.new"
    staged.write_text(json.dumps([str(day) for day in sorted(dates)]))
    replace_durably(staged, lake.root / RECORD)


def _folders(lake: Lake, reports: Reports, crawl_date: date) -> list[Path]:
    """Where all of a crawl date lies, in the order in which it goes."""
    others = [table for table in TABLES if not TABLES[table].across_dates and table not in {FIRST, LAST}]
    first, *between, last = (lake.file(table, crawl_date).parent for table in (FIRST, *others, LAST))
    return [folder for folder in (first, reports.page(crawl_date).parent, *between, last) if folder.is_dir()]


def _is(file: Path) -> bool:
    return file.is_file() and not file.is_symlink()

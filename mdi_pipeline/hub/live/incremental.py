"""An incremental crawl: what was modified since the last one, merged over it.

Models are read newest-modified first. While one pages, models change place: one that is modified jumps to
the head, behind the reader's back. So the head is read again, each pass back to what was newest when the
pass before began, until a pass finds nothing newer than that: then nothing moved while it was read. That is
told by the Hub's own times, and no clock of this machine has a part in it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from mdi_pipeline.hub.live.advance import MAX_STANDING
from mdi_pipeline.hub.live.full import Reader
from mdi_pipeline.hub.live.journal import Journal
from mdi_pipeline.hub.source import SourceError

MARGIN = timedelta(minutes=5)
"""By how much clocks may differ, and how late the listing may show a change."""

MAX_PASSES = 50
"""Passes over the head after which the Hub changes faster than it can be read."""


class HeadEndedEarly(Exception):
    """The listing ended or stood still before the models that had not changed: a change may be lost."""


def read_modified(reader: Reader, folder: Path, since: datetime) -> list[Journal]:
    """Read all models modified since a moment; the passes over the head, latest first.

    Raises `HeadEndedEarly`, and `SourceError` where the Hub changes faster than it can be read.
    """
    passes: list[Journal] = []
    newest: datetime | None = None
    for number in range(1, MAX_PASSES + 1):
        journal = Journal(folder / f"pass-{number:02}")
        passes.insert(0, journal)
        until = since if newest is None else max(newest - MARGIN, since)
        before, newest = newest, _read_pass(reader, journal, until)
        if newest is None or (before is not None and newest <= before):
            return passes
    raise SourceError(f"after {MAX_PASSES} passes over the newest models there are still newer ones. Run again later.")


def carried_over(previous: pl.LazyFrame, read: pl.LazyFrame) -> pl.LazyFrame:
    """The models of an earlier crawl that were not read again."""
    return previous.join(read.select("model_id"), on="model_id", how="anti", maintain_order="left")


def _read_pass(reader: Reader, journal: Journal, until: datetime) -> datetime | None:
    """Read from the head until a model was last modified before a moment; the newest modification at the head."""
    page, answer = reader.next_page(journal)
    oldest, newest = journal.modified(not_after=answer.moment + MARGIN)
    furthest, n_standing = oldest, 0
    while oldest is None or oldest >= until:
        if page.next_cursor is None or n_standing == MAX_STANDING:
            raise HeadEndedEarly
        page, answer = reader.next_page(journal)
        oldest, _ = journal.modified(not_after=answer.moment + MARGIN)
        leads_on = oldest is not None and (furthest is None or oldest < furthest)
        furthest, n_standing = (oldest, 0) if leads_on else (furthest, n_standing + 1)
    return newest

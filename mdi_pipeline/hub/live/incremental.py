"""An incremental crawl: what was modified since the last one, merged over it.

Models are read newest-modified first. While one pages, models change place: one that is modified jumps to
the head, behind the reader's back. So the head is read again, each pass back to the start of the pass
before, until a pass finds nothing newer than its own start.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from mdi_pipeline.hub.live.full import Reader
from mdi_pipeline.hub.live.journal import Journal
from mdi_pipeline.hub.source import SourceError

MARGIN = timedelta(minutes=5)
"""By how much this machine's clock, which dates a crawl, may differ from the Hub's."""

MAX_PASSES = 50
"""Passes over the head after which the Hub changes faster than it can be read."""


def read_modified(reader: Reader, folder: Path, since: datetime) -> list[Journal]:
    """Read all models modified since a moment; the passes over the head, latest first.

    Raises `SourceError` where the Hub changes faster than it can be read.
    """
    passes: list[Journal] = []
    until = since
    for number in range(1, MAX_PASSES + 1):
        journal = Journal(folder / f"pass-{number:02}")
        passes.insert(0, journal)
        started, newest = _read_pass(reader, journal, until)
        if newest is None or newest <= started:
            return passes
        until = started
    raise SourceError(f"after {MAX_PASSES} passes over the newest models there are still newer ones. Run again later.")


def carried_over(previous: pl.LazyFrame, read: pl.LazyFrame) -> pl.LazyFrame:
    """The models of an earlier crawl that were not read again."""
    return previous.join(read.select("model_id"), on="model_id", how="anti", maintain_order="left")


def _read_pass(reader: Reader, journal: Journal, until: datetime) -> tuple[datetime, datetime | None]:
    """Read from the head until a model was last modified before a moment; start and newest modification come back."""
    page, answer = reader.next_page(journal)
    started = answer.moment
    oldest, newest = journal.modified(not_after=started + MARGIN)
    while page.next_cursor is not None and (oldest is None or oldest >= until):
        page, answer = reader.next_page(journal)
        oldest, _ = journal.modified(not_after=answer.moment + MARGIN)
    return started, newest

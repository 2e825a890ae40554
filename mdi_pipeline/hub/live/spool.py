"""What a crawl of the live Hub leaves on disk until it has landed, and what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mdi_pipeline.hub.live.journal import unreadable_pages

SPOOL = "hub"
"""The folder of the live Hub in a home's spool; one folder a date in it."""

BEGUN = "crawl.json"
"""The file that says when a full crawl began, and of which endpoint."""


@dataclass(frozen=True)
class SpoolDamage:
    """What is wrong with a spool, and the files that are of no use: without them the crawl goes on."""

    what: str
    files: tuple[Path, ...]


def begun_at(file: Path, endpoint: str) -> datetime | None:
    """When the crawl of an endpoint began by a file; None where it is of another one, or cannot be read."""
    try:
        written = json.loads(file.read_text())
        return datetime.fromisoformat(written["as_of"]) if written["endpoint"] == endpoint else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def spool_damage(spool: Path) -> Iterator[SpoolDamage]:
    """What is wrong with the crawls of the live Hub that a home's spool holds."""
    for folder in sorted((spool / SPOOL).glob("*-*-*/pages")):
        begun = folder.parent / BEGUN
        pages = tuple(sorted(folder.glob("*.parquet")))
        if pages and not _is_readable(begun):
            yield SpoolDamage(
                f"{begun} cannot be read: the next crawl of the Hub begins again, {len(pages):,} pages are read again",
                (*pages, begun),
            )
            continue
        unreadable = tuple(unreadable_pages(folder))
        if unreadable:
            yield SpoolDamage(
                f"{unreadable[0]} cannot be read: the next crawl of the Hub goes on before it, {len(unreadable):,} of "
                f"{len(pages):,} pages are read again",
                unreadable,
            )


def _is_readable(begun: Path) -> bool:
    try:
        written = json.loads(begun.read_text())
        return bool(written["endpoint"] and datetime.fromisoformat(written["as_of"]).tzinfo)
    except (OSError, ValueError, KeyError, TypeError):
        return False

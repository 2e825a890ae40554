"""The source `files`: a folder with one file a crawl date, JSON lines or Parquet, in the Hub's listing shape."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path

from mdi_pipeline.compute.digest import sha256_of
from mdi_pipeline.compute.visible_text import shown
from mdi_pipeline.hub.json_lines import parse_json_lines
from mdi_pipeline.hub.parquet import parse_parquet
from mdi_pipeline.hub.source import Crawl, DateRefused, SourceError

CRAWL_FILE = re.compile(r"(\d{4})-(\d{2})-(\d{2})\.(?:jsonl|jsonl\.gz|jsonl\.zst|parquet)")
ARCHIVED_FILE = re.compile(r"models-(\d{4})(\d{2})(\d{2}).*\.parquet")
"""How people name single days of the public archive."""

NAMES = "<YYYY-MM-DD>.jsonl, .jsonl.gz, .jsonl.zst or .parquet, or models-<YYYYMMDD>*.parquet"


class FilesSource:
    """A folder of crawls, one file a date.

    Files are named `<YYYY-MM-DD>.jsonl|.jsonl.gz|.jsonl.zst|.parquet` or `models-<YYYYMMDD>*.parquet`. A
    crawl's moment is 00:00 UTC of its date. What has such a name and is no regular file that may be read,
    or is of a day after tomorrow, or of the same day as another, is left aside. Raises `SourceError` where the folder
    is missing, cannot be read or holds no crawl.
    """

    kind = "files"

    def __init__(self, folder: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.folder = folder.expanduser().resolve()
        self.family = f"files {self.folder}"
        self._now = now
        self._digests: dict[Path, str] = {}

    def dates(self) -> list[date]:
        """The dates of the folder's files, oldest first."""
        return sorted(self._usable)

    def left_aside(self) -> list[str]:
        """What is named like a crawl and is none, each with the reason."""
        return [f"{self._names_of(day)}: {why}" for day, why in sorted(self._refused.items())]

    def fingerprint(self, crawl_date: date) -> str:
        """The SHA-256 of the date's file, which is read through once, as the folder is.

        Raises `SourceError` where it cannot be read.
        """
        file = self.file(crawl_date)
        if file not in self._digests:
            try:
                self._digests[file] = sha256_of(file)
            except OSError as error:
                raise SourceError(f"{file}: cannot be read: {error.strerror or error}.") from error
        return self._digests[file]

    def crawl(self, crawl_date: date, workspace: Path) -> Crawl:
        """The models of the date's file; lines that cannot be read are kept aside."""
        file = self.file(crawl_date)
        parsed = parse_parquet(file, workspace) if file.suffix == ".parquet" else parse_json_lines(file)
        return Crawl(
            records=parsed.records.lazy(),
            reading=parsed.reading,
            location=str(file),
            as_of=datetime.combine(crawl_date, time(), UTC),
            content_hash=self.fingerprint(crawl_date),
            n_pages=1,
        )

    def landed(self, crawl_date: date) -> None:
        """Nothing is kept beside the lake."""

    def file(self, crawl_date: date) -> Path:
        """The file of a date. Raises `DateRefused`."""
        if crawl_date in self._usable:
            return self._usable[crawl_date]
        if crawl_date in self._refused:
            raise DateRefused(f"{self.folder}: {self._names_of(crawl_date)}: left aside: {self._refused[crawl_date]}")
        first, last = self.dates()[0], self.dates()[-1]
        raise DateRefused(
            f"{self.folder} has no crawl of {crawl_date}: its {len(self._usable)} dates go from {first} to {last}. "
            "The source `archive` has the Hub's past."
        )

    def _names_of(self, crawl_date: date) -> str:
        return ", ".join(shown(file.name) for file in self._files[crawl_date])

    @cached_property
    def _usable(self) -> dict[date, Path]:
        usable = {day: files[0] for day, files in self._files.items() if day not in self._refused}
        if not usable:
            raise SourceError(f"{self.folder}: no crawl in it but what is left aside: {'; '.join(self.left_aside())}")
        return usable

    @cached_property
    def _refused(self) -> dict[date, str]:
        """Why a date's file is left aside."""
        tomorrow = self._now().date() + timedelta(days=1)  # it may have begun where the file was written
        reasons = {
            day: "a day still to come" if day > tomorrow else _why_unusable(*files)
            for day, files in self._files.items()
        }
        return {day: reason for day, reason in reasons.items() if reason}

    @cached_property
    def _files(self) -> dict[date, list[Path]]:
        """What is named like a crawl, by its date."""
        if not self.folder.is_dir():
            raise SourceError(f"{self.folder}: no such folder. Name one with --path.")
        found: dict[date, list[Path]] = {}
        try:
            listed = sorted(self.folder.iterdir())
        except OSError as error:
            raise SourceError(f"{self.folder}: cannot be read: {error.strerror or error}.") from error
        for file in listed:
            crawl_date = _date_of(file.name)
            if crawl_date is None:
                continue
            found.setdefault(crawl_date, []).append(file)
        if not found:
            raise SourceError(f"{self.folder}: no crawl in it. Files are named {NAMES}.")
        return found


def _why_unusable(file: Path, *others: Path) -> str | None:
    """Why a date's file is not opened, if it is not: one that is not regular may block, or never end."""
    if others:
        return "are of the same day"
    try:
        mode = file.stat().st_mode
    except FileNotFoundError:
        return "a link that leads nowhere"
    except OSError as error:
        return f"cannot be read ({error.strerror or error})"
    if not stat.S_ISREG(mode):
        return "a folder" if stat.S_ISDIR(mode) else "no regular file"
    return None if os.access(file, os.R_OK) else "may not be read"


def _date_of(name: str) -> date | None:
    match = CRAWL_FILE.fullmatch(name) or ARCHIVED_FILE.fullmatch(name)
    if match is None:
        return None
    try:
        return date(*(int(part) for part in match.groups()))
    except ValueError:
        return None

"""The source `files`: a folder with one file a crawl date, JSON lines or Parquet, in the Hub's listing shape."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from functools import cached_property
from pathlib import Path

from mdi_pipeline.compute.digest import sha256_of
from mdi_pipeline.hub.json_lines import parse_json_lines
from mdi_pipeline.hub.parquet import parse_parquet
from mdi_pipeline.hub.records import bad_records, readable, skipped_card_parents
from mdi_pipeline.hub.source import Crawl, DateRefused, SourceError

CRAWL_FILE = re.compile(r"(\d{4})-(\d{2})-(\d{2})\.(?:jsonl|jsonl\.gz|jsonl\.zst|parquet)")
ARCHIVED_FILE = re.compile(r"models-(\d{4})(\d{2})(\d{2}).*\.parquet")
"""How people name single days of the public archive."""

NAMES = "<YYYY-MM-DD>.jsonl, .jsonl.gz, .jsonl.zst or .parquet, or models-<YYYYMMDD>*.parquet"


class FilesSource:
    """A folder of crawls, one file a date.

    Files are named `<YYYY-MM-DD>.jsonl|.jsonl.gz|.jsonl.zst|.parquet` or `models-<YYYYMMDD>*.parquet`. A
    crawl's moment is 00:00 UTC of its date. Raises `SourceError` where the folder is missing, holds no
    crawl, or has two files for one date.
    """

    kind = "files"

    def __init__(self, folder: Path) -> None:
        self.folder = folder.expanduser().resolve()
        self.family = f"files {self.folder}"
        self._digests: dict[Path, str] = {}

    def dates(self) -> list[date]:
        """The dates of the folder's files, oldest first."""
        return sorted(self._files)

    def fingerprint(self, crawl_date: date) -> str:
        """The SHA-256 of the date's file, which is read through once, as the folder is."""
        file = self.file(crawl_date)
        if file not in self._digests:
            self._digests[file] = sha256_of(file)
        return self._digests[file]

    def crawl(self, crawl_date: date, workspace: Path) -> Crawl:
        """The models of the date's file; lines that cannot be read are kept aside."""
        file = self.file(crawl_date)
        parsed = parse_parquet(file, workspace) if file.suffix == ".parquet" else parse_json_lines(file, workspace)
        return Crawl(
            records=readable(parsed),
            location=str(file),
            as_of=datetime.combine(crawl_date, time(), UTC),
            content_hash=sha256_of(file),
            n_pages=1,
            n_card_parents_skipped=skipped_card_parents(parsed),
            bad_records=bad_records(parsed, file.name),
        )

    def landed(self, crawl_date: date) -> None:
        """Nothing is kept beside the lake."""

    def file(self, crawl_date: date) -> Path:
        """The file of a date. Raises `DateRefused`."""
        try:
            return self._files[crawl_date]
        except KeyError:
            first, last = self.dates()[0], self.dates()[-1]
            raise DateRefused(
                f"{self.folder} has no crawl of {crawl_date}: its {len(self._files)} dates go from {first} to {last}. "
                "The source `archive` has the Hub's past."
            ) from None

    @cached_property
    def _files(self) -> dict[date, Path]:
        if not self.folder.is_dir():
            raise SourceError(f"{self.folder}: no such folder. Name one with --path.")
        found: dict[date, Path] = {}
        for file in sorted(self.folder.iterdir()):
            crawl_date = _date_of(file.name)
            if crawl_date is None:
                continue
            if crawl_date in found:
                raise SourceError(f"{self.folder}: both {found[crawl_date].name} and {file.name} are of {crawl_date}")
            found[crawl_date] = file
        if not found:
            raise SourceError(f"{self.folder}: no crawl in it. Files are named {NAMES}.")
        return found


def _date_of(name: str) -> date | None:
    match = CRAWL_FILE.fullmatch(name) or ARCHIVED_FILE.fullmatch(name)
    if match is None:
        return None
    try:
        return date(*(int(part) for part in match.groups()))
    except ValueError:
        return None

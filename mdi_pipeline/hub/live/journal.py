"""The pages that have come, on disk: a crawl that is killed goes on after the last of them.

A folder with one Parquet file a page, its records as JSON text. What is needed to go on stands in the
file's own metadata, and a file is renamed into place when it is whole and on the disk: page and cursor cannot
disagree, also after a power cut.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import polars as pl

from mdi_pipeline.compute.durable import make_folder_durably, replace_durably
from mdi_pipeline.hub.database import ArrowTable, connect, quoted
from mdi_pipeline.hub.live.client import Answer
from mdi_pipeline.hub.live.page_text import PageDamaged, decoded, is_broken, records_in

METADATA = "page"

RECORDS = """
    SELECT coalesce(line, 'null')::VARCHAR AS line
    FROM (SELECT unnest(from_json(page, '["JSON"]')) AS line FROM (SELECT $1 AS page))
"""
"""The records of a page, each as its JSON text."""

OBJECT_ID = "CASE WHEN json_valid(line) THEN json_extract_string(line, '$._id') END"
"""The `_id` of a record."""


@dataclass(frozen=True)
class Page:
    """What is known of a page that has come.

    `next_cursor` None: nothing comes after it; `is_told`: the Hub named it. `last_id`: the `_id` of the last record
    that had one, on this page or before; `is_behind`: whether this page has one that lies behind those of all pages
    before. `n_requests` and `seconds_waited` are what the crawl had cost by then, `fields` what was asked for.
    """

    number: int
    n_records: int
    next_cursor: str | None
    is_told: bool
    last_id: str | None
    is_behind: bool
    sha256: str
    n_requests: int
    seconds_waited: float
    fields: tuple[str, ...]


class Journal:
    """The pages of one way through the listing, oldest first.

    Pages from the first on that cannot be read are dropped: they come again.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        make_folder_durably(folder)
        for file in unreadable_pages(folder):
            file.unlink()
        self._connection = connect()
        self.pages: list[Page] = [_page_of(file) for file in self.files]
        self.cursors = {page.next_cursor for page in self.pages}

    @property
    def files(self) -> list[Path]:
        """The pages' files, in order."""
        return _files(self.folder)

    @property
    def last(self) -> Page | None:
        """The last page that has come."""
        return self.pages[-1] if self.pages else None

    @property
    def is_at_end(self) -> bool:
        """Whether the last page of the listing has come, as far as the Hub says."""
        return self.last is not None and self.last.next_cursor is None

    @property
    def has_seen_end(self) -> bool:
        """Whether it was also asked what comes after the last model, and nothing does."""
        return self.last is not None and self.is_at_end and self.last.n_records == 0

    @property
    def n_records(self) -> int:
        """Records on all pages."""
        return sum(page.n_records for page in self.pages)

    @property
    def content_hash(self) -> str:
        """SHA-256 of what came, page by page."""
        digest = hashlib.sha256()
        for page in self.pages:
            digest.update(bytes.fromhex(page.sha256))
        return digest.hexdigest()

    def draft(
        self, answer: Answer, *, fields: tuple[str, ...], n_requests: int, seconds_waited: float, damaged: bool = False
    ) -> Page:
        """Read a page, which `keep` then writes down. Raises `PageDamaged`.

        Of `damaged` pages what can be taken as records is taken; broken ones are among them.
        """
        self._load(decoded(answer.body, damaged=damaged), damaged=damaged)
        found = self._connection.execute(
            f"SELECT count(*), last({OBJECT_ID} ORDER BY rowid) FILTER "
            f"(regexp_full_match({OBJECT_ID}, '[0-9a-f]{{24}}')) FROM records"
        ).fetchall()[0]
        n_records, last_id = int(found[0]), found[1]
        before = self.last.last_id if self.last else None
        return Page(
            number=len(self.pages) + 1,
            n_records=n_records,
            next_cursor=answer.next_cursor,
            is_told=answer.next_cursor is not None,
            last_id=last_id or before,
            is_behind=last_id is not None and (before is None or last_id < before),
            sha256=hashlib.sha256(answer.body).hexdigest(),
            n_requests=n_requests,
            seconds_waited=seconds_waited,
            fields=fields,
        )

    def keep(self, page: Page) -> None:
        """Write down the page that was read last."""
        target = self.folder / f"{page.number:06}.parquet"
        staged = target.with_suffix(".staged")
        metadata = json.dumps(asdict(page)).replace("'", "''")
        self._connection.execute(
            f"COPY records TO '{quoted(staged)}' "
            f"(FORMAT parquet, COMPRESSION zstd, KV_METADATA {{{METADATA}: '{metadata}'}})"
        )
        replace_durably(staged, target)
        self.pages.append(page)
        self.cursors.add(page.next_cursor)

    def fields_found(self) -> tuple[set[str], set[str]]:
        """Of the page that was read last: the fields that a record has with a value, and all that are named."""
        found = self._connection.execute(
            "SELECT DISTINCT field.key, field.type = 'NULL' FROM records, json_each("
            "CASE WHEN json_valid(line) AND json_type(line) = 'OBJECT' THEN line ELSE '{}' END) AS field"
        ).fetchall()
        return {key for key, is_null in found if is_null is False}, {key for key, _ in found}

    def modified(self, *, not_after: datetime) -> tuple[datetime | None, datetime | None]:
        """When the models of the page that was read last were last modified: the earliest and the latest.

        Later times than `not_after` are mistakes and do not count.
        """
        found = self._connection.execute(
            "SELECT min(time), max(time) FROM (SELECT epoch_us(TRY_CAST(CASE WHEN json_valid(line) "
            "THEN json_extract_string(line, '$.lastModified') END AS TIMESTAMPTZ)) AS time FROM records) "
            "WHERE time <= $1",
            [int(not_after.timestamp() * 1_000_000)],
        ).fetchall()[0]
        oldest, newest = (None if time is None else datetime.fromtimestamp(time / 1_000_000, UTC) for time in found)
        return oldest, newest

    def _load(self, text: str, *, damaged: bool) -> None:
        try:
            kind = self._connection.execute("SELECT json_type($1)", [text]).fetchall()[0][0]
        except duckdb.InvalidInputException:
            # DuckDB refuses a page for one text that is no Unicode; record by record only that one is odd.
            self._load_one_by_one(records_in(text), damaged=damaged)
            return
        if kind != "ARRAY":
            raise PageDamaged(f"a page is no list of models but {kind}")
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE records AS {RECORDS}", [text])

    def _load_one_by_one(self, records: list[str], *, damaged: bool) -> None:
        lines = pl.DataFrame({"line": records}, schema={"line": pl.String})
        self._connection.register("lines", ArrowTable(lines))
        self._connection.execute("CREATE OR REPLACE TEMP TABLE records AS SELECT line FROM lines")
        self._connection.unregister("lines")
        odd = self._connection.execute("SELECT line FROM records WHERE NOT json_valid(line)").fetchall()
        if not damaged and any(is_broken(line) for (line,) in odd):
            raise PageDamaged("a page is broken JSON")


def unreadable_pages(folder: Path) -> list[Path]:
    """The pages of a folder that are of no use: the first that cannot be read, and those after it."""
    files = _files(folder)
    for place, file in enumerate(files):
        try:
            page = _page_of(file)
            is_whole = pl.read_parquet(file).height == page.n_records and page.number == place + 1
        except (pl.exceptions.PolarsError, OSError, KeyError, ValueError, TypeError):
            is_whole = False
        if not is_whole:
            return files[place:]
    return []


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.parquet"))


def _page_of(file: Path) -> Page:
    written: Mapping[str, str] = pl.read_parquet_metadata(file)
    page = json.loads(written[METADATA])
    return Page(**page | {"fields": tuple(page["fields"])})

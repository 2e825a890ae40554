"""The pages that have come, on disk: a crawl that is killed goes on after the last of them.

A folder with one Parquet file a page, its records as JSON text. What is needed to go on stands in the
file's own metadata, and a file is renamed into place when it is whole: page and cursor cannot disagree.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import polars as pl

from mdi_pipeline.hub.database import ArrowTable, connect, quoted
from mdi_pipeline.hub.live.client import Answer
from mdi_pipeline.hub.live.listing import PAGE_SIZE, cursor_after

METADATA = "page"

RECORDS = """
    SELECT coalesce(line, 'null')::VARCHAR AS line
    FROM (SELECT unnest(from_json(page, '["JSON"]')) AS line FROM (SELECT $1 AS page))
"""
"""The records of a page, each as its JSON text."""


TAIL = 20
"""Records at the end of a page among which one with an `_id` is looked for."""


class PageDamaged(Exception):
    """A page is not a whole JSON list."""


@dataclass(frozen=True)
class Page:
    """What is known of a page that has come.

    `next_cursor` None: it was the last. `last_id`: the `_id` of the last record that had one, on this page or
    before. `n_requests` and `seconds_waited` are what the crawl had cost by then, `fields` what was asked for.
    """

    number: int
    n_records: int
    next_cursor: str | None
    last_id: str | None
    sha256: str
    n_requests: int
    seconds_waited: float
    fields: tuple[str, ...]


class Journal:
    """The pages of one way through the listing, oldest first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self._connection = connect()
        self.pages: list[Page] = [_page_of(file) for file in self.files]

    @property
    def files(self) -> list[Path]:
        """The pages' files, in order."""
        return sorted(self.folder.glob("*.parquet"))

    @property
    def last(self) -> Page | None:
        """The last page that has come."""
        return self.pages[-1] if self.pages else None

    @property
    def is_complete(self) -> bool:
        """Whether the last page of the listing has come."""
        return self.last is not None and self.last.next_cursor is None

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

    def add(self, answer: Answer, *, fields: tuple[str, ...], n_requests: int, seconds_waited: float) -> Page:
        """Write down a page. Raises `PageDamaged`; nothing is written then."""
        self._load(answer.text)
        n_records = self._connection.execute("SELECT count(*) FROM records").fetchall()[0][0]
        page = Page(
            number=len(self.pages) + 1,
            n_records=n_records,
            next_cursor=answer.next_cursor,
            last_id=self._last_id() or (self.last.last_id if self.last else None),
            sha256=hashlib.sha256(answer.text.encode()).hexdigest(),
            n_requests=n_requests,
            seconds_waited=seconds_waited,
            fields=fields,
        )
        if page.next_cursor is None and page.n_records >= PAGE_SIZE and page.last_id:
            # A full page need not be the last: the header may have been lost on the way.
            page = replace(page, next_cursor=cursor_after(page.last_id))
        self._write(page)
        self.pages.append(page)
        return page

    def modified(self, *, not_after: datetime) -> tuple[datetime | None, datetime | None]:
        """When the models of the page that came last were last modified: the earliest and the latest.

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

    def _load(self, text: str) -> None:
        try:
            kind = self._connection.execute("SELECT json_type($1)", [text]).fetchall()[0][0]
            if kind == "ARRAY":
                self._connection.execute(f"CREATE OR REPLACE TEMP TABLE records AS {RECORDS}", [text])
                return
        except duckdb.InvalidInputException:
            # DuckDB refuses a page for one text that is no Unicode; Python's parser lets it pass.
            kind = self._load_leniently(text)
        if kind != "ARRAY":
            raise PageDamaged(f"a page is no list of models but {kind}")

    def _load_leniently(self, text: str) -> str:
        try:
            records = json.loads(text)
        except ValueError as error:
            raise PageDamaged(f"a page is broken JSON: {error}") from None
        if not isinstance(records, list):
            return type(records).__name__
        lines = pl.DataFrame({"line": [json.dumps(record) for record in records]}, schema={"line": pl.String})
        self._connection.register("lines", ArrowTable(lines))
        self._connection.execute("CREATE OR REPLACE TEMP TABLE records AS SELECT line FROM lines")
        self._connection.unregister("lines")
        return "ARRAY"

    def _last_id(self) -> str | None:
        tail = self._connection.execute(f"SELECT line FROM records ORDER BY rowid DESC LIMIT {TAIL}").fetchall()
        for (line,) in tail:
            record = json.loads(line)
            if isinstance(record, dict) and isinstance(record.get("_id"), str):
                object_id: str = record["_id"]
                return object_id
        return None

    def _write(self, page: Page) -> None:
        target = self.folder / f"{page.number:06}.parquet"
        staged = target.with_suffix(".staged")
        metadata = json.dumps(asdict(page)).replace("'", "''")
        self._connection.execute(
            f"COPY records TO '{quoted(staged)}' "
            f"(FORMAT parquet, COMPRESSION zstd, KV_METADATA {{{METADATA}: '{metadata}'}})"
        )
        staged.replace(target)


def _page_of(file: Path) -> Page:
    written: Mapping[str, str] = pl.read_parquet_metadata(file)
    page = json.loads(written[METADATA])
    return Page(**page | {"fields": tuple(page["fields"])})

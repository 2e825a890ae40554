"""From a source's crawl to the two tables of the hub: the models and the manifest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from mdi_pipeline.hub.records import CARD_PARENT
from mdi_pipeline.hub.required_fields import require_fields
from mdi_pipeline.hub.source import Crawl, Source, SourceError

MAX_BAD_SHARE = 0.01
"""Above this share of unreadable records the source itself is broken, and a crawl of it would mislead."""

CHUNK_ROWS = 125_000
"""About a row group of the lake: Polars takes all lists of a chunk in hand for each row group that it writes of it."""


@dataclass(frozen=True)
class CrawlTables:
    """The frames of `model_snapshots` and `crawl_manifest`."""

    models: pl.DataFrame
    manifest: pl.DataFrame


def take_crawl(
    source: Source,
    crawl_date: date,
    workspace: Path,
    *,
    previous_crawl_date: date | None,
    max_bad_share: float = MAX_BAD_SHARE,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> CrawlTables:
    """Take the crawl of a date from a source, once each model, and say what it was.

    Raises `SourceError` when more than `max_bad_share` of the records cannot be read, or none can.
    """
    started_at = now()
    crawl = source.crawl(crawl_date, workspace)
    n_read = int(crawl.records.select(pl.len()).collect().item())
    _refuse_broken(crawl, crawl_date, n_read=n_read, max_bad_share=max_bad_share)
    _require_fields(crawl)
    unread = crawl.reading.unread_fields
    models = _once_each(crawl.records.collect())
    manifest = {
        "source": source.kind,
        "location": crawl.location,
        "revision": crawl.revision,
        "as_of": crawl.as_of,
        "started_at": started_at,
        "finished_at": now(),
        "n_requests": crawl.n_requests,
        "n_pages": crawl.n_pages,
        "n_models": models.height,
        "n_repeated_records": n_read - models.height,
        "n_bad_records": crawl.reading.n_bad_records,
        "n_card_parents_skipped": int(unread.filter(field=CARD_PARENT)["n_records"].sum()),
        "bad_records": crawl.reading.bad_records.to_dicts(),
        "unread_fields": unread.to_dicts(),
        "seconds_waited": crawl.seconds_waited,
        "content_hash": crawl.content_hash,
        "complete": crawl.complete,
        "previous_crawl_date": previous_crawl_date,
        **_carried_over(crawl, crawl_date),
    }
    from mdi_pipeline.tables.hub import CRAWL_MANIFEST

    return CrawlTables(models, pl.DataFrame([manifest], schema=CRAWL_MANIFEST.empty().schema))


def _once_each(records: pl.DataFrame) -> pl.DataFrame:
    """The first record of each model, by id, in chunks of `CHUNK_ROWS`."""
    place = pl.int_range(pl.len(), dtype=pl.UInt32)
    # By two keys Polars compares packed rows: a third of the time of a sort by one text. The place keeps the first.
    ordered = records.select("model_id", place=place).sort("model_id", "place")
    first = ordered.filter(pl.col("model_id").ne_missing(pl.col("model_id").shift()))
    # Rows are picked from one chunk four times as fast as from as many as the file had.
    whole = records.rechunk()
    chunks = [whole[chunk["place"]] for chunk in first.iter_slices(CHUNK_ROWS)]
    return pl.concat([records.clear(), *chunks], rechunk=False)


def _carried_over(crawl: Crawl, crawl_date: date) -> dict[str, object]:
    carried = crawl.carried_over
    return {
        "full_crawl_date": carried.full_crawl_date if carried else crawl_date,
        "carried_over_from": carried.crawl_date if carried else None,
        "modified_since": carried.modified_since if carried else None,
        "n_carried_over": carried.n_models if carried else 0,
    }


def _refuse_broken(crawl: Crawl, crawl_date: date, n_read: int, max_bad_share: float) -> None:
    n_bad = crawl.reading.n_bad_records
    if n_read == 0 and n_bad == 0:
        raise SourceError(f"{crawl.location}: no models on {crawl_date}")
    share = n_bad / (n_read + n_bad)
    if share > max_bad_share:
        first = crawl.reading.bad_records.row(0, named=True)
        raise SourceError(
            f"{crawl.location}: {n_bad:,} of {n_read + n_bad:,} records ({share:.1%}) cannot be read, more than the "
            f"{max_bad_share:.1%} that max_bad_share admits; the first: line {first['line_number']}, {first['reason']}"
        )


def _require_fields(crawl: Crawl) -> None:
    """Raise `SourceError` where records came and none has a field that is needed; what came instead is named."""
    reading = crawl.reading
    if reading.n_records == reading.n_bad_records:
        return
    shapes = (
        f"{field} ({shape} in {n_records:,} records)" for field, shape, n_records in reading.unread_fields.iter_rows()
    )
    require_fields(reading.had, [*reading.names, *shapes], crawl.location)

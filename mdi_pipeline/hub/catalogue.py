"""Which sources there are, and how each is opened."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mdi_pipeline.hub.source import PreviousCrawls, Source, SourceError, Watch, no_previous, unwatched

SOURCES = ("demo", "files", "archive", "hub")

SOURCE_OF_PAST = {"hub": "archive"}
"""Who has the days that a source itself can no longer give, and may share a home with it."""

FULL_CRAWL_DAYS = 7
"""Days after which a full crawl of the live Hub is due, for deletions and counters."""

MAX_REVISION_AGE_DAYS = 3
"""Days by which a revision of the archive may be older than the day that it stands for."""


@dataclass(frozen=True)
class Surroundings:
    """What a source is given by whoever runs it.

    `spool` is a folder for what must outlive a kill, `previous` gives the crawl that a new one may build upon,
    `watch` is told how far a crawl has come.
    """

    spool: Path
    previous: PreviousCrawls = no_previous
    watch: Watch = unwatched


def open_source(
    kind: str,
    surroundings: Surroundings,
    *,
    path: str | None = None,
    size: int = 20_000,
    seed: int = 0,
    full_crawl_days: int = FULL_CRAWL_DAYS,
    max_revision_age_days: int = MAX_REVISION_AGE_DAYS,
) -> Source:
    """The source of a kind.

    `demo` goes by `size` and `seed`, `files` by the `path` of a folder, `hub` by `full_crawl_days`, `archive` by
    `max_revision_age_days`. Raises `SourceError` for an unknown kind, a missing path, or a folder that holds
    no crawl.
    """
    if kind == "demo":
        from mdi_pipeline.hub.demo import DemoSource

        return DemoSource(size=size, seed=seed)
    if kind == "files":
        if path is None:
            raise SourceError("the source `files` needs a folder: --path DIR")
        from mdi_pipeline.hub.files import FilesSource

        return FilesSource(Path(path))
    if kind == "hub":
        from mdi_pipeline.hub.live import HubSource

        return HubSource(
            surroundings.spool,
            previous=surroundings.previous,
            watch=surroundings.watch,
            full_crawl_days=full_crawl_days,
        )
    if kind == "archive":
        from mdi_pipeline.hub.archive import ArchiveSource

        return ArchiveSource(max_age_days=max_revision_age_days)
    raise SourceError(f"no source {kind!r}; there are {', '.join(SOURCES)}")

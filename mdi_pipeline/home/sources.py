"""Which sources there are, and how each is opened for a home.

The simulated Hub is a source like the others; it is known here and not in `hub`, so that a change in it
makes no crawl of the real Hub anew.
"""

from __future__ import annotations

from pathlib import Path

from mdi_pipeline.home.folder import Home
from mdi_pipeline.home.settings import Settings
from mdi_pipeline.hub.source import PreviousCrawls, Source, SourceError, Watch, no_previous, unwatched

SOURCES = ("demo", "files", "archive", "hub")

SOURCE_OF_PAST = {"hub": "archive"}
"""Who has the days that a source itself can no longer give, and may share a home with it."""


def open_source(
    home: Home, settings: Settings, previous: PreviousCrawls = no_previous, watch: Watch = unwatched
) -> Source:
    """The source that settings name.

    `previous` gives the crawl that a new one may build upon, `watch` is told how far a crawl has come. Raises
    `SourceError` for an unknown kind, a missing path, or a folder that holds no crawl.
    """
    if settings.source == "demo":
        from mdi_pipeline.simulator.source import DemoSource

        return DemoSource(size=settings.size, seed=settings.seed)
    if settings.source == "files":
        if settings.path is None:
            raise SourceError("the source `files` needs a folder: --path DIR")
        from mdi_pipeline.hub.files import FilesSource

        return FilesSource(Path(settings.path))
    if settings.source == "hub":
        from mdi_pipeline.hub.live.source import HubSource

        return HubSource(home.spool, previous=previous, watch=watch, full_crawl_days=settings.full_crawl_days)
    if settings.source == "archive":
        from mdi_pipeline.hub.archive import ArchiveSource

        return ArchiveSource(max_age_days=settings.max_revision_age_days)
    raise SourceError(f"no source {settings.source!r}; there are {', '.join(SOURCES)}")

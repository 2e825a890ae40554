"""Which sources there are, and how each is opened for a home.

The simulated Hub is a source like the others; it is known here and not in `hub`, so that a change in it
makes no crawl of the real Hub anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mdi_pipeline.home.folder import Home
from mdi_pipeline.home.settings import Settings
from mdi_pipeline.hub.source import PreviousCrawls, Source, SourceError, Watch, no_previous, unwatched


@dataclass(frozen=True)
class Opening:
    """What a source is opened with.

    `previous` gives the crawl that a new one may build upon, `watch` is told how far a crawl has come.
    """

    home: Home
    settings: Settings
    previous: PreviousCrawls = no_previous
    watch: Watch = unwatched


def _demo(opening: Opening) -> Source:
    from mdi_pipeline.simulator.source import DemoSource

    return DemoSource(size=opening.settings.size, seed=opening.settings.seed)


def _files(opening: Opening) -> Source:
    from mdi_pipeline.hub.files import FilesSource

    if opening.settings.path is None:
        raise SourceError("the source `files` needs a folder: --path DIR")
    return FilesSource(Path(opening.settings.path))


def _archive(opening: Opening) -> Source:
    from mdi_pipeline.hub.archive import ArchiveSource

    return ArchiveSource(max_age_days=opening.settings.max_revision_age_days)


def _hub(opening: Opening) -> Source:
    from mdi_pipeline.hub.live.source import HubSource

    return HubSource(
        opening.home.spool,
        previous=opening.previous,
        watch=opening.watch,
        full_crawl_days=opening.settings.full_crawl_days,
    )


SOURCES: Mapping[str, Callable[[Opening], Source]] = {"demo": _demo, "files": _files, "archive": _archive, "hub": _hub}
"""What opens each kind of source. Each imports what it opens, and nothing else does: by that, code versions tell apart
whose change concerns a home."""

SOURCE_OF_PAST = {"hub": "archive"}
"""Which source has the days that a source itself can no longer give, and may share a home with it."""


def opener(kind: str) -> Callable[[Opening], Source]:
    """What opens a kind of source. Raises `SourceError` for an unknown one."""
    if kind not in SOURCES:
        raise SourceError(f"no source {kind!r}; there are {', '.join(SOURCES)}")
    return SOURCES[kind]


def open_source(
    home: Home, settings: Settings, previous: PreviousCrawls = no_previous, watch: Watch = unwatched
) -> Source:
    """The source that settings name. Raises `SourceError` for a missing path, or a folder that holds no crawl."""
    return opener(settings.source)(Opening(home, settings, previous, watch))

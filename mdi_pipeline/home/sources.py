"""Which sources there are, how each is opened for a home, and which family of crawls a home holds.

The simulated Hub is a source like the others; it is known here and not in `hub`, so that a change in it
makes no crawl of the real Hub stale.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from mdi_pipeline.home.folder import SETTINGS_FILE, Home
from mdi_pipeline.home.settings import SETTINGS, Settings, SettingsError, with_changes
from mdi_pipeline.hub.source import DateRefused, PreviousCrawls, Source, SourceError, Watch, no_previous, unwatched
from mdi_pipeline.lake.store import LakeError


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

    return ArchiveSource(opening.home.spool, max_age_days=opening.settings.max_revision_age_days, watch=opening.watch)


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


TOLD_BY: Mapping[str, tuple[str, ...]] = {
    "demo": ("source", "size", "seed"),
    "files": ("source", "path"),
    "archive": ("source",),
    "hub": ("source",),
}
"""The settings that say which source it is, by its kind."""

SIMULATED = re.compile(r"simulated Hub, (?P<size>[\d,]+) models on .*, seed (?P<seed>\d+)")
"""The location that a crawl of the simulated Hub names."""


@dataclass(frozen=True)
class LastCrawl:
    """The newest crawl of a home, and the settings by which its source is told."""

    crawl_date: date
    content_hash: str
    told_by: Mapping[str, Any]

    def as_arguments(self) -> str:
        """Those settings as `mdi config` takes them."""
        return shlex.join(f"{name}={SETTINGS[name].as_text(value)}" for name, value in self.told_by.items())


def opener(kind: str) -> Callable[[Opening], Source]:
    """What opens a kind of source."""
    return SOURCES[kind]


def open_source(
    home: Home, settings: Settings, previous: PreviousCrawls = no_previous, watch: Watch = unwatched
) -> Source:
    """The source that settings name.

    `previous` gives the crawl that a new one may build upon, `watch` is told how far a crawl has come. Raises
    `SourceError` for a missing path or a folder that holds no crawl, `SettingsError` where the home holds crawls that
    cannot be compared with that source's.
    """
    source = _opened(Opening(home, settings, previous, watch))
    held = last_crawl(home)
    if held and not _may_share(home, held, source):
        raise SettingsError(
            f"{home.path} holds crawls of: {_family(home, held)}. Crawls of another source ({source.family}) cannot be "
            "compared with them; give those a home of their own: --home DIR. If it is the settings that are wrong: "
            f"{_config(home)} {held.as_arguments()}"
        )
    return source


def _opened(opening: Opening) -> Source:
    return opener(opening.settings.source)(opening)


def _family(home: Home, held: LastCrawl) -> str:
    return _opened(Opening(home, with_changes(Settings(), **held.told_by))).family


def last_crawl(home: Home) -> LastCrawl | None:
    """The newest crawl of a home that can be read; None where there is none."""
    for crawl_date in reversed(home.lake.dates("crawl_manifest")):
        try:
            manifest = home.lake.read("crawl_manifest", crawl_date, ["source", "location", "content_hash"])
        except LakeError:
            continue  # The next run makes it again.
        for source, location, content_hash in manifest.iter_rows():
            return LastCrawl(crawl_date, content_hash, _told_by(source, location))
    return None


def require_settings(home: Home) -> None:
    """Raises `SettingsError` where a home with crawls has lost its `mdi.toml`: the defaults are of another family."""
    held = None if home.settings_file.exists() else last_crawl(home)
    if held:
        first_date = home.lake.dates("crawl_manifest")[0]
        raise SettingsError(
            f"{home.path} holds crawls, and its {SETTINGS_FILE} is gone. Make it again: "
            f"{_config(home)} {held.as_arguments()} first_date={first_date}"
        )


def _config(home: Home) -> str:
    return f"mdi config --home {shlex.quote(str(home.path))}"


def _told_by(source: str, location: str) -> dict[str, Any]:
    """The settings that give a source, from what the manifest of its crawl says."""
    told: dict[str, Any] = {"source": source}
    simulated = SIMULATED.fullmatch(location)
    if source == "demo" and simulated:
        told |= {"size": int(simulated["size"].replace(",", "")), "seed": int(simulated["seed"])}
    if source == "files":
        told["path"] = str(Path(location).parent)
    return told


def _may_share(home: Home, held: LastCrawl, source: Source) -> bool:
    """Whether a home may hold crawls of a source beside those that it holds."""
    if source.family == _family(home, held):
        return True
    if source.kind == held.told_by["source"] == "files":
        return _has_moved(held, source)
    return False


def _has_moved(held: LastCrawl, source: Source) -> bool:
    """Whether another folder of crawls is the same one moved: it holds the newest crawl's file, byte for byte."""
    try:
        return source.fingerprint(held.crawl_date) == held.content_hash
    except DateRefused:
        return False

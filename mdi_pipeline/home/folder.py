"""The folder that holds everything of one family of crawls: what lies where in it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mdi_pipeline.lake.reports import Reports
    from mdi_pipeline.lake.store import Lake

DEFAULT_HOME = "mdi_home"
SETTINGS_FILE = "mdi.toml"

ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/")
"""How an address begins; its second slash is gone where it was taken for a path."""


class HomeError(Exception):
    """A home cannot be what was asked for; the message says why and what to do."""


@dataclass(frozen=True)
class Home:
    """The folder that holds everything of one family of crawls."""

    path: Path

    @classmethod
    def at(cls, path: str | Path | None = None) -> Home:
        """The home at a path, else at `MDI_HOME`, else `./mdi_home`.

        Raises `HomeError` where that is an address (s3://…) or a file: a home is a local folder.
        """
        given = str(path or os.environ.get("MDI_HOME") or DEFAULT_HOME)
        address = ADDRESS.match(given)
        if address:
            raise HomeError(
                f"a home is a local folder, and {address[1]}://… is an address: give a folder with --home or MDI_HOME"
            )
        try:
            folder = Path(given).expanduser().resolve()
            in_the_way = next((part for part in (folder, *folder.parents) if part.exists() and not part.is_dir()), None)
        except (OSError, RuntimeError, ValueError) as error:  # not to be looked into, a circle of links, no path at all
            raise HomeError(f"the home {given!r} cannot be looked at: {error}") from None
        if in_the_way:
            raise HomeError(f"{in_the_way} is a file, and a home is a folder: give another with --home or MDI_HOME")
        return cls(folder)

    @property
    def lake(self) -> Lake:
        """The tables."""
        from mdi_pipeline.lake.store import Lake

        return Lake(self.path / "lake")

    @property
    def database(self) -> Path:
        """The DuckDB file with a view for each table."""
        return self.path / "mdi.duckdb"

    @property
    def instance(self) -> Path:
        """Dagster's own folder."""
        return self.path / "dagster"

    @property
    def reports(self) -> Reports:
        """The reports, by crawl date."""
        from mdi_pipeline.lake.reports import Reports

        return Reports(self.path / "reports")

    @property
    def spool(self) -> Path:
        """Where a source keeps what must outlive a kill."""
        return self.path / "spool"

    @property
    def settings_file(self) -> Path:
        """Where the settings are."""
        return self.path / SETTINGS_FILE

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Hold a lock between processes on this home. Raises `HomeError` where the home cannot be written."""
        from filelock import FileLock

        lock = FileLock(self.path / f".{name}.lock")
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except OSError as error:
            raise HomeError(f"the home {self.path} cannot be written: {error.strerror or error}") from error
        try:
            yield
        finally:
            lock.release()

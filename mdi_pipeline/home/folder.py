"""The folder that holds everything of one family of crawls: what lies where in it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from mdi_pipeline.lake.reports import Reports
from mdi_pipeline.lake.store import Lake

DEFAULT_HOME = "mdi_home"
SETTINGS_FILE = "mdi.toml"


@dataclass(frozen=True)
class Home:
    """The folder that holds everything of one family of crawls."""

    path: Path

    @classmethod
    def at(cls, path: str | Path | None = None) -> Home:
        """The home at a path, else at `MDI_HOME`, else `./mdi_home`."""
        return cls(Path(path or os.environ.get("MDI_HOME") or DEFAULT_HOME).expanduser().resolve())

    @property
    def lake(self) -> Lake:
        """The tables."""
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
        return Reports(self.path / "reports")

    @property
    def spool(self) -> Path:
        """Where a source keeps what must outlive a kill."""
        return self.path / "spool"

    @property
    def settings_file(self) -> Path:
        """Where the settings are."""
        return self.path / SETTINGS_FILE

    def lock(self, name: str) -> FileLock:
        """A lock between processes on this home."""
        self.path.mkdir(parents=True, exist_ok=True)
        return FileLock(self.path / f".{name}.lock")

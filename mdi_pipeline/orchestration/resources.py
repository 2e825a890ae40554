"""What assets are handed: the home with its settings, and the SQL views over its lake.

Belongs here: how the outside reaches an asset. Does not: anything computed.
Dagster's concept: https://docs.dagster.io/guides/build/external-resources
"""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any, Protocol

import dagster as dg
import duckdb
from dagster_duckdb import DuckDBResource
from pydantic import Field, create_model

from mdi_pipeline.home.folder import Home
from mdi_pipeline.home.settings import SETTINGS, Setting, Settings, load_settings, with_changes
from mdi_pipeline.home.sources import require_settings
from mdi_pipeline.hub.source import CrawlProgress, Watch, unwatched
from mdi_pipeline.lake.store import LakeError
from mdi_pipeline.lake.views import make_views, stale_views
from mdi_pipeline.orchestration.crawl_dates import crawl_date_of
from mdi_pipeline.orchestration.instance import name_process
from mdi_pipeline.orchestration.partition import Partition


class Progress(Protocol):
    """Who is told that a step begins, and how far a crawl has come."""

    def begin(self, step: str) -> None:
        """A step begins."""

    def crawled(self, progress: CrawlProgress) -> None:
        """A crawl has come so far."""


class Unwatched:
    """Nobody watches."""

    def begin(self, step: str) -> None:
        """A step begins."""

    def crawled(self, progress: CrawlProgress) -> None:
        """A crawl has come so far."""


def _configured(setting: Setting) -> tuple[Any, Any]:
    """The field of the run configuration that overrides a setting: its type, and what the UI says of it."""
    kind = list[str] if setting.kind is tuple else setting.kind
    meaning = f"{setting.meaning} It must be {setting.allowed}. {setting.home_default}"
    return kind | None, Field(default=None, description=meaning)


OF_A_RUN = {name: setting for name, setting in SETTINGS.items() if setting.of_a_run}
"""The settings that one run can have other than its home."""

RunConfiguration: Any = create_model(
    "RunConfiguration",
    __base__=dg.ConfigurableResource[None],
    **{name: _configured(setting) for name, setting in OF_A_RUN.items()},  # type: ignore[call-overload]
)


class PipelineResource(RunConfiguration):  # type: ignore[misc] # its fields are those of the settings
    """The settings of the home, which may be overridden for one run."""

    home: dg.ResourceDependency[str]
    """The home of the code location: no run configuration, or anyone who launches a run could write anywhere."""

    force: bool = Field(default=False, description="Compute again what is up to date.")

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """Name this process in the tags of the run that begins."""
        if context.instance and context.run:
            name_process(context.instance, context.run)

    def partition(self, partition_key: str, watch: Watch = unwatched) -> Partition:
        """What a step works on.

        Raises `SettingsError` where a setting is wrong, or `mdi.toml` is gone, `DateRefused` where the key is no date.
        """
        home = Home.at(self.home)
        return Partition(home, self._settings(home), crawl_date_of(partition_key), watch)

    def newest(self) -> Partition:
        """What a step across dates works on. Raises `LakeError` where nothing has been crawled."""
        home = Home.at(self.home)
        dates = home.lake.dates("models")
        if not dates:
            raise LakeError(f"{home.lake.root} holds no models yet. Make some: mdi run")
        return Partition(home, self._settings(home), dates[-1])

    def _settings(self, home: Home) -> Settings:
        require_settings(home)
        return with_changes(load_settings(home), **{name: getattr(self, name) for name in OF_A_RUN})


class Database(DuckDBResource):
    """The DuckDB file. Its parent waits minutes for a file that is held, and leaves it open where something fails."""

    @contextmanager
    def get_connection(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection. Raises `duckdb.IOException` where another process holds the file."""
        with closing(duckdb.connect(self.database, config=self.connection_config)) as connection:
            yield connection


class ViewsResource(dg.ConfigurableResource[None]):
    """The DuckDB file that shows the lake as commented views."""

    database: Database

    def refresh(self, home: Home, log: logging.Logger) -> None:
        """Make the views that are missing or no longer right; leave it for later where the file is held."""
        if not stale_views(home.lake):
            return
        with home.lock("views"), ExitStack() as opened:
            try:
                connection = opened.enter_context(self.database.get_connection())
            except duckdb.IOException:
                log.warning(
                    f"{self.database.database} is held open by another process: its views stay as they are until the "
                    "next run. Tables are not touched by that."
                )
                return
            make_views(home.lake, connection)

"""Dagster's storage in SQLite files, with the two that all runs share kept open.

Dagster itself opens a file for each of the thousand statements of a run, and makes an engine that compiles them all
anew: a fifth of the time of a run on a small crawl. The files are the same ones; either storage reads what the other
wrote. The file of a run's own events is still closed after each, since the UI follows a run by the changes of it; the
engine is kept.

Belongs here: how the files are reached. Does not: what is in them.
Dagster's concept: https://docs.dagster.io/deployment/oss/oss-instance-configuration
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME
from dagster._core.storage.runs import SqliteRunStorage
from dagster._core.storage.sql import create_engine
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import NullPool, Pool, QueuePool


class SharedFilesKeptOpen(DagsterSqliteStorage):
    """All of an instance's storage; named in the `dagster.yaml` of every home, so it stays where it is."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(base_dir, inst_data)
        self._run_storage = Runs(self._run_storage._conn_string)
        self._event_log_storage = EventLog(self._event_log_storage._base_dir)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> "SharedFilesKeptOpen":
        """What `dagster.yaml` asks for."""
        return cls.from_local(inst_data=inst_data, **config_value)


class Runs(SqliteRunStorage):
    """The table of runs."""

    def __init__(self, conn_string: str) -> None:
        super().__init__(conn_string)
        self._engine = _kept_open(conn_string)

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """A transaction."""
        with self._engine.begin() as connection:
            yield connection

    def dispose(self) -> None:
        """Close the file."""
        self._engine.dispose()


class EventLog(SqliteEventLogStorage):
    """The events: those of a run in a file of its own, those of the assets in an index too."""

    def __init__(self, base_dir: str) -> None:
        super().__init__(base_dir)
        self._index = _kept_open(self.conn_string_for_shard(INDEX_SHARD_NAME))

    @contextmanager
    def run_connection(self, run_id: str | None = None) -> Iterator[Connection]:
        """A transaction on the events of a run, alone in this process, as Dagster's own is."""
        assert run_id is not None
        if run_id not in self._initialized_dbs:
            with super().run_connection(run_id):
                pass
        with self._db_lock, _opened_anew(self.conn_string_for_shard(run_id)).begin() as connection:
            yield connection

    @contextmanager
    def index_connection(self) -> Iterator[Connection]:
        """A transaction on the index, alone in this process, as Dagster's own is."""
        if INDEX_SHARD_NAME not in self._initialized_dbs:
            with super().index_connection():
                pass
        with self._db_lock, self._index.begin() as connection:
            yield connection

    def dispose(self) -> None:
        """Close the file, and end what watches runs."""
        super().dispose()
        self._index.dispose()


def _kept_open(conn_string: str) -> Engine:
    return _engine(conn_string, QueuePool)


@lru_cache(maxsize=8)
def _opened_anew(conn_string: str) -> Engine:
    """An engine, which is kept, whose connections are not."""
    return _engine(conn_string, NullPool)


def _engine(conn_string: str, pool: type[Pool]) -> Engine:
    engine: Engine = create_engine(conn_string, poolclass=pool, connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS})
    return engine

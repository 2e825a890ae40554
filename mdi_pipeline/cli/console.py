"""What the commands write to: colours on a terminal only, errors on their own stream."""

from __future__ import annotations

import errno
import sqlite3

from rich.console import Console
from rich.text import Text

WIDE = 140
"""Columns of what is written to a file or a pipe, which has no width of its own."""


def _console(*, stderr: bool = False) -> Console:
    terminal = Console(stderr=stderr, highlight=False)
    return terminal if terminal.is_terminal else Console(stderr=stderr, highlight=False, width=WIDE)


console = _console()
errors = _console(stderr=True)


def complain(message: str) -> None:
    """One clear line on the error stream."""
    errors.print(Text.assemble(("error: ", "bold red"), message), soft_wrap=True)


def expected_errors() -> tuple[type[Exception], ...]:
    """Errors whose message is all that a user needs."""
    from mdi_pipeline.disruption.errors import GraphError
    from mdi_pipeline.home.folder import HomeError
    from mdi_pipeline.hub.source import SourceError
    from mdi_pipeline.lake.store import LakeError
    from mdi_pipeline.tables.registry import TableInvalid

    return SourceError, LakeError, HomeError, TableInvalid, GraphError


def refused_by_the_disk(error: BaseException | None) -> str | None:
    """What to say where a disk is the reason for an error, or for one that led to it; None where none is.

    SQLite, in which Dagster keeps its records, calls a full disk by several names.
    """
    while error is not None:
        if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO}:
            return f"{error.strerror}: {error.filename or 'a disk that is written to'}. {MAKE_ROOM}"
        if isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", 0) & 0xFF in OF_THE_DISK:
            return f"Dagster's database in the home cannot be written ({error}). {MAKE_ROOM}"
        error = error.__cause__ or error.__context__
    return None


MAKE_ROOM = (
    "Is its disk full, out of inodes or read-only? Mend that and run the same command again; nothing that had landed "
    "is lost"
)

OF_THE_DISK = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}
"""The primary codes of SQLite's errors that a disk can be the reason for."""


def percent(share: float | None, low: float | None = None, high: float | None = None) -> str:
    """A share with its interval, in per cent: `18 % [12, 25]`; a dash where it is undefined."""
    if share is None:
        return "-"
    interval = f" [{low * 100:.1f}, {high * 100:.1f}]" if low is not None and high is not None else ""
    return f"{share * 100:.1f} %{interval}"


def number(value: float | None, digits: int = 2) -> str:
    """A number with digits after the point; a dash where it is undefined."""
    return "-" if value is None else f"{value:+.{digits}f}"

"""What the commands write to: colours on a terminal only, errors on their own stream.

Ids and tasks are what anyone wrote. No text is read as markup, and no control character in it reaches the terminal,
which would obey it: one that moves the cursor, another that writes to the clipboard.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from mdi_pipeline.compute.visible_text import shortened, visible

WIDE = 140
"""Columns of what is written to a file or a pipe, which has no width of its own."""


LONGEST_CELL = 96
"""Characters of an id or a task that a table shows."""


MAKE_ROOM = (
    "Is its disk full, out of inodes or read-only? Mend that and run the same command again; nothing that had landed "
    "is lost"
)

OF_THE_DISK = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}
"""The primary codes of SQLite's errors that a disk can be the reason for."""


class PlainConsole(Console):
    """A console that shows texts as they are: no markup, no emoji codes, and control characters as their codes."""

    def __init__(self, *, stderr: bool = False, width: int | None = None) -> None:
        super().__init__(stderr=stderr, width=width, highlight=False, markup=False, emoji=False)

    def render_str(self, text: str, **options: Any) -> Text:
        """A text as it is laid out: with the codes of its control characters, some of which rich leaves out."""
        return super().render_str(_visible_lines(text), **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """All that is written passes here, before colours are added to it."""
        for segment in super().render(renderable, options):
            if segment.control is None:
                yield segment._replace(text=_visible_lines(segment.text))
            else:
                yield segment


def _console(*, stderr: bool = False) -> PlainConsole:
    terminal = PlainConsole(stderr=stderr)
    return terminal if terminal.is_terminal else PlainConsole(stderr=stderr, width=WIDE)


def _visible_lines(text: str) -> str:
    """The text, visible, in the lines that it is laid out in."""
    return "\n".join(map(visible, text.split("\n")))


def cell(text: str | None) -> str:
    """A text as a table or a tree shows it, in one line: of a long one, both ends."""
    return "-" if text is None else shortened(visible(text), LONGEST_CELL)


console = _console()
errors = _console(stderr=True)


def complain(message: str) -> None:
    """One clear line on the error stream."""
    errors.print(Text.assemble(("error: ", "bold red"), visible(" ".join(message.splitlines()))), soft_wrap=True)


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


def percent(share: float | None, low: float | None = None, high: float | None = None) -> str:
    """A share with its interval, in per cent: `18 % [12, 25]`; a dash where it is undefined."""
    if share is None:
        return "-"
    interval = f" [{low * 100:.1f}, {high * 100:.1f}]" if low is not None and high is not None else ""
    return f"{share * 100:.1f} %{interval}"


def number(value: float | None, digits: int = 2) -> str:
    """A number with digits after the point; a dash where it is undefined."""
    return "-" if value is None else f"{value:+.{digits}f}"

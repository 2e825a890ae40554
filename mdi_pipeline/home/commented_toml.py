"""A TOML file of top-level values, each under a comment that explains it, edited without losing its owner's words.

A value that is not set stands commented out, so that the file shows all that can be set.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import tomlkit


@dataclass(frozen=True)
class Entry:
    """What the file says of one value: `comment` stands above it, `example` is shown where the value is not set."""

    name: str
    comment: str
    example: object

    @property
    def unset(self) -> str:
        """The line of a value that is not set."""
        return f"# {self.name} = {_written(self.example)}"


def new_text(heading: Iterable[str], entries: Iterable[Entry]) -> str:
    """A file in which nothing is set."""
    head = "".join(f"# {line}\n" for line in heading)
    return head + "".join(f"\n# {entry.comment}\n{entry.unset}\n" for entry in entries)


def with_value(text: str, entry: Entry, value: object) -> str:
    """The text with a value set: where it stands, else in place of its commented example, else at the end."""
    document = tomlkit.parse(text)
    if entry.name in document:
        document[entry.name] = value
        return tomlkit.dumps(document)
    line = f"{entry.name} = {_written(value)}"
    commented = re.compile(rf"^{re.escape(entry.unset)}(?=[ \t]*(#.*)?$)", re.MULTILINE)
    if commented.search(text):
        return commented.sub(lambda _: line, text, count=1)
    end = "" if not text or text.endswith("\n") else "\n"
    return f"{text}{end}\n# {entry.comment}\n{line}\n"


def without_value(text: str, entry: Entry) -> str:
    """The text with a value no longer set: its line is commented out, and shows the example."""
    document = tomlkit.parse(text)
    if entry.name not in document:
        return text
    document[entry.name] = 0  # on one line, whatever it was
    line = re.compile(rf"^[ \t]*{entry.name}[ \t]*=[ \t]*0\b", re.MULTILINE)
    return line.sub(lambda _: entry.unset, tomlkit.dumps(document), count=1)


def _written(value: object) -> str:
    return tomlkit.item(list(value) if isinstance(value, tuple) else value).as_string()

"""Names that come from outside, as they may stand in a message."""

from __future__ import annotations

NAME_LENGTH = 60
"""Characters of a name that a message shows: it may be of any length."""


def printable(name: str) -> str:
    """A name, cut, with characters that a terminal would obey or hide as their codes."""
    cut = name if len(name) <= NAME_LENGTH else f"{name[:NAME_LENGTH]}…"
    return cut if cut.isprintable() else ascii(cut)

"""What a crawl cannot do without: a source that gives none of it is broken, or has another shape."""

from __future__ import annotations

from collections.abc import Collection

from mdi_pipeline.compute.visible_text import shown
from mdi_pipeline.hub.source import SourceError

REQUIRED: tuple[tuple[str, ...], ...] = (("createdAt",), ("tags", "cardData", "baseModels"))
"""Of each group of fields, named as the Hub names them, at least one record must have one.

Without times nothing can be placed in a window; without tags, cards and the Hub's own parents there are no edges.
"""

NAMES_SHOWN = 20
"""Names of fields that an error lists; the rest is counted."""


def require_fields(had: Collection[str], found: Collection[str], where: str) -> None:
    """Raise `SourceError` where no record of a crawl has a field that is needed.

    `had` are the fields, as the Hub names them, that at least one record has and that could be read; `found` says
    what the records hold instead: the names that came, or names with the shape that could not be read. `where` is
    the file or address.
    """
    for group in REQUIRED:
        if not set(group) & set(had):
            raise SourceError(f"{where}: no record has {_either(group)}. What was found: {_listed(found)}.")


def _either(names: tuple[str, ...]) -> str:
    *first, last = names
    return f"{', '.join(first)} or {last}, of which one is needed" if first else f"{last}, which is needed"


def _listed(found: Collection[str]) -> str:
    """Names, cut and escaped where they are not plain."""
    if not found:
        return "no fields at all"
    listed = [shown(name) for name in sorted(found)[:NAMES_SHOWN]]
    more = len(found) - len(listed)
    return ", ".join(listed) + (f" and {more:,} more" if more > 0 else "")

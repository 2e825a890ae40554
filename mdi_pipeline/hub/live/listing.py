"""What is asked of the Hub's listing: fields, order, and cursors made here."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from textwrap import shorten

from mdi_pipeline.hub.fields import FIELDS
from mdi_pipeline.hub.source import SourceError

ROUTE = "/api/models"

BY_ID = "createdAt"
"""The order in which the Hub pages by `_id`."""

PAGE_SIZE = 1_000
"""Models on a page: the most that the Hub gives."""

NEVER_ASKED = {"id", "_id"}
"""Come by themselves."""

NEEDED = {"createdAt", "lastModified", "tags"}
"""Without these fields a crawl would be of no use."""

SHOWN = 300
"""Characters of a refusal that an error shows."""

_WORD = re.compile(r"[\w-]+")


@dataclass(frozen=True)
class Listing:
    """A way through the Hub's listing: by an order, with some fields.

    Ordered by `createdAt` the Hub pages by `_id`, which never changes: nothing is skipped or repeated
    while the Hub grows. Ordered by `lastModified`, models change place while one pages.
    """

    order: str = BY_ID
    fields: tuple[str, ...] = tuple(sorted(set(FIELDS) - NEVER_ASKED))

    def parameters(self, cursor: str | None) -> list[tuple[str, str]]:
        """The query of the page after a cursor, or of the first."""
        asked = [("limit", str(PAGE_SIZE)), ("sort", self.order), ("direction", "-1")]
        asked += [("expand", field) for field in self.fields]
        return asked if cursor is None else [*asked, ("cursor", cursor)]

    def without_refused(self, message: str) -> Listing:
        """The listing without the fields that the Hub refused, by its message.

        The message names the valid fields, as far as is known; one that does not name those that surely are
        is taken to name the refused. Raises `SourceError` where it names none, or one that is needed.
        """
        named = set(_WORD.findall(message.rpartition("one of")[2])) & set(self.fields)
        refused = set(self.fields) - named if named >= NEEDED else named
        if not refused or refused & NEEDED:
            raise SourceError(f"the Hub refuses the listing: {shorten(message, SHOWN)}")
        return Listing(self.order, tuple(field for field in self.fields if field not in refused))


def cursor_after(object_id: str) -> str:
    """The cursor of the page after a model in a listing by `createdAt`, as the Hub itself makes it."""
    return base64.b64encode(json.dumps({"_id": {"$lt": object_id}}, separators=(",", ":")).encode()).decode()

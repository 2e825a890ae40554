"""Whether a way through the listing leads on: a Hub that goes in a circle, or sends nothing, is not read for ever."""

from __future__ import annotations

from dataclasses import replace

from mdi_pipeline.hub.live.journal import Journal, Page
from mdi_pipeline.hub.live.listing import cursor_after
from mdi_pipeline.hub.source import SourceError

MAX_STANDING = 5
"""Pages in a row without a model that lies behind those before."""

MAX_PAGES = 100_000
"""Pages of a listing: 33 times as many as that of 2026 has."""


def require_advance(journal: Journal, page: Page) -> None:
    """Raise `SourceError` where a page of a listing by `_id` that has come leads nowhere."""
    if page.is_told and page.next_cursor in journal.cursors:
        raise SourceError(
            f"the listing goes in a circle: page {page.number:,} leads to a page that has come already. "
            "Something between here and the Hub is broken; nothing of this crawl was taken. Run again later."
        )
    latest = [*journal.pages[-MAX_STANDING + 1 :], page]
    if page.is_told and len(latest) == MAX_STANDING and not any(one.is_behind for one in latest):
        raise SourceError(
            f"the listing leads nowhere: {MAX_STANDING} pages in a row, up to page {page.number:,}, have no model that "
            "lies behind those before, and each says that more comes. Nothing of this crawl was taken. Run again later."
        )
    if page.number >= MAX_PAGES:
        raise SourceError(f"the listing has no end: {MAX_PAGES:,} pages have come. Nothing of this crawl was taken.")


def asking_for_more(page: Page, last: Page | None) -> Page:
    """A page of a listing by `_id` that names no next one, with the cursor after its last model in place of that.

    A header is lost easily, and a page can come empty by mistake: the end is believed where the Hub, asked what comes
    after the last model, twice sends no other. `last` is the page before.
    """
    if page.is_told or page.last_id is None:
        return page
    has_asked = last is not None and not last.is_told and not last.is_behind
    return page if has_asked and not page.is_behind else replace(page, next_cursor=cursor_after(page.last_id))

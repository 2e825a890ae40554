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


def require_advance(journal: Journal, page: Page, *, by_id: bool) -> None:
    """Raise `SourceError` where a page that has come leads nowhere.

    `by_id`: the listing is in order of `_id`. Otherwise models change place while one pages, and only pages without
    models count as standing still.
    """
    if page.next_cursor is None:
        return
    if page.next_cursor in journal.cursors:
        raise SourceError(
            f"the listing goes in a circle: page {page.number:,} leads to a page that has come already. "
            "Something between here and the Hub is broken; nothing of this crawl was taken. Run again later."
        )
    latest = [*journal.pages[-MAX_STANDING + 1 :], page]
    if len(latest) == MAX_STANDING and not any(_leads_on(one, by_id=by_id) for one in latest):
        raise SourceError(
            f"the listing leads nowhere: {MAX_STANDING} pages in a row, up to page {page.number:,}, have no model that "
            "lies behind those before, and each says that more comes. Nothing of this crawl was taken. Run again later."
        )
    if page.number >= MAX_PAGES:
        raise SourceError(f"the listing has no end: {MAX_PAGES:,} pages have come. Nothing of this crawl was taken.")


def _leads_on(page: Page, *, by_id: bool) -> bool:
    return page.is_behind if by_id else page.n_records > 0


def asking_for_more(page: Page, asked: str | None) -> Page:
    """A page of a listing by `_id` that names no next one, with the cursor after its last model in place of that.

    A header is lost easily: the end is believed where the Hub, asked what comes after the last model, sends nothing.
    `asked` is the cursor by which the page was asked for.
    """
    if page.next_cursor is not None or page.last_id is None:
        return page
    more = cursor_after(page.last_id)
    return page if more == asked else replace(page, next_cursor=more)

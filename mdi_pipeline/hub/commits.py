"""The commits of a dataset on the Hub."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from mdi_pipeline.hub.live.connection import MIB, HubConnection
from mdi_pipeline.hub.live.pacing import RESUMED
from mdi_pipeline.hub.source import SourceError

MAX_PAGE = 16 * MIB
"""Bytes of a page of 50 commits; a few dozen KB are usual."""

MAX_PAGES = 2_000
"""Pages of commits: a hundred thousand commits, of about one a day."""

COMMIT_ID_LENGTH = 40


@dataclass(frozen=True)
class Commit:
    """A state of the dataset: its id, and since when it is there."""

    commit_id: str
    created_at: datetime


def commits_of(connection: HubConnection, repository: str) -> list[Commit]:
    """The commits of a dataset, oldest first; entries that are none are left out.

    Raises `SourceError` where they cannot be had, or the list has no end.
    """
    found: list[Commit] = []
    where = f"{connection.endpoint.address}/datasets/{repository}"
    path = f"/api/datasets/{repository}/commits/main"
    query: list[tuple[str, str]] = []
    asked: set[str] = set()
    while str(query) not in asked and len(asked) < MAX_PAGES:
        asked.add(str(query))
        entries, next_link = _page(connection, path, query)
        found += _read(entries)
        if next_link is None:
            return sorted(found, key=lambda commit: commit.created_at)
        query = parse_qsl(_query_of(next_link))
    raise SourceError(f"the commits of {where} have no end. Try again later.")


def _page(connection: HubConnection, path: str, query: list[tuple[str, str]]) -> tuple[list[Any], str | None]:
    for wait in connection.patience.waits():
        if wait:
            connection.pace.pause(wait)
        received = connection.get(path, query, most=MAX_PAGE)
        if received.status != HTTPStatus.OK:
            raise connection.refusal(received, connection.endpoint.message(received.reason))
        try:
            entries = json.loads(received.body)
        except (ValueError, RecursionError):
            continue
        if isinstance(entries, list):
            return entries, received.next_link
    raise SourceError(f"{connection.endpoint.address}{path} answers with what is no list of commits. {RESUMED}")


def _query_of(link: str) -> str:
    """The query of a next page: the rest of its address is not followed."""
    try:
        return urlsplit(link).query
    except ValueError:
        return ""


def _read(entries: list[Any]) -> Iterator[Commit]:
    for entry in entries:
        try:
            commit_id, created_at = str(entry["id"]), datetime.fromisoformat(entry["date"]).astimezone(UTC)
        except (KeyError, TypeError, ValueError, OverflowError):
            continue
        if len(commit_id) == COMMIT_ID_LENGTH and commit_id.isalnum() and commit_id.isascii():
            yield Commit(commit_id, created_at)

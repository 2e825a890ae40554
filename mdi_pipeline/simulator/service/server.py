"""A simulated Hub over HTTP: its routes, and the server that runs them."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from email.utils import formatdate
from http import HTTPStatus
from urllib.parse import urlencode

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from mdi_pipeline.compute.digest import sha256_of
from mdi_pipeline.simulator.service.answers import (
    ANOTHER_HOST,
    ODD_WAITS,
    CountedFile,
    PageAnswer,
    damaged_answer,
    hostile_answer,
)
from mdi_pipeline.simulator.service.archive import FILE, REPOSITORY, SimulatedArchive, revision_of
from mdi_pipeline.simulator.service.faults import Faults
from mdi_pipeline.simulator.service.pages import EXPANDABLE, MAX_LIMIT, ORDERS, BadCursor, SimulatedListing
from mdi_pipeline.simulator.service.quota import Quota

REFUSED = "baseModels"
"""The field whose place in the listing is disputed."""

CURSOR_LIFE = "at"
"""The key that says when a cursor was made, in cursors that can expire."""

STARTING = 10.0
"""Seconds within which a server must be up."""


@dataclass
class SimulatedHub:
    """A Hub: its models, its archive, its quota and its faults, and what was asked of it.

    `n_downloads` counts requests for files of the archive, `n_bytes` what was sent of them.
    """

    listing: SimulatedListing
    archive: SimulatedArchive
    quota: Quota = field(default_factory=Quota)
    faults: Faults = field(default_factory=Faults)
    page_limit: int = MAX_LIMIT
    n_calls: int = 0
    n_pages: int = 0
    n_downloads: int = 0
    n_bytes: int = 0
    n_harness_calls: int = 0
    struck: dict[str, int] = field(default_factory=dict)
    expired: set[str | None] = field(default_factory=set)
    authorizations: set[str | None] = field(default_factory=set)

    @property
    def application(self) -> Starlette:
        """The routes as an ASGI application."""
        dataset = "/api/datasets/{owner}/{name}"
        return Starlette(
            routes=[
                Route("/api/models", self.models),
                Route("/api/agent-harnesses", self.agent_harnesses),
                Route(f"{dataset}/commits/{{revision}}", self.commits),
                Route(dataset, self.dataset),
                Route(f"{dataset}/revision/{{revision}}", self.dataset),
                Route("/datasets/{owner}/{name}/resolve/{revision}/{file:path}", self.resolve),
            ]
        )

    async def models(self, request: Request) -> Response:
        """A page of the listing, or what goes wrong with it."""
        self.n_calls += 1
        self.authorizations.add(request.headers.get("authorization"))
        if not self.quota.take():
            return _refusal(HTTPStatus.TOO_MANY_REQUESTS, "You have reached your rate limit", self.quota.headers())
        fault = self.faults.of_call(self.n_calls)
        if "churn" in self.faults.kinds:
            self.listing.churn(self.faults.rng(self.n_calls))
        if fault:
            self.struck[fault] = self.struck.get(fault, 0) + 1
        refused = await self._refused(request, fault)
        if refused:
            return refused
        page = self._page(request)
        if isinstance(page, Response):
            return page
        self.n_pages += 1
        hostile = self.faults.hostile
        if hostile:
            return hostile_answer(hostile, page, request, self.faults.drip)
        return page.response() if fault is None else damaged_answer(fault, page, self.faults.rng(self.n_calls))

    async def _refused(self, request: Request, fault: str | None) -> Response | None:
        """The refusal of a call, where it is refused."""
        if fault == "rate_limit":
            told = {"RateLimit": '"api";r=0;t=1', "RateLimit-Policy": '"fixed window";"api";q=500;w=300'}
            return _refusal(HTTPStatus.TOO_MANY_REQUESTS, "You have reached your rate limit", told)
        if fault == "server_error":
            status = (500, 502, 504)[self.n_calls % 3]
            return _refusal(HTTPStatus(status), "Internal Error", self.quota.headers())
        if fault == "odd_wait":
            told = dict([ODD_WAITS[self.n_calls % len(ODD_WAITS)]])
            return _refusal(HTTPStatus.TOO_MANY_REQUESTS, "You have reached your rate limit", told)
        if fault == "stall":
            await asyncio.sleep(self.faults.stall)
        cursor = request.query_params.get("cursor")
        if fault == "expired_cursor" and _can_expire(cursor):
            self.expired.add(cursor)
        if cursor in self.expired:
            return _refusal(HTTPStatus.BAD_REQUEST, "Invalid cursor", self.quota.headers())
        return self._refused_parameters(request)

    def _refused_parameters(self, request: Request) -> Response | None:
        allowed = [name for name in EXPANDABLE if name != REFUSED or "refused_expand" not in self.faults.kinds]
        for position, name in enumerate(_expanded(request)):
            if name not in allowed:
                options = "|".join(f'"{option}"' for option in allowed)
                message = f"Invalid option at expand[{position}]: expected one of {options}"
                return _refusal(HTTPStatus.BAD_REQUEST, message, self.quota.headers())
        if request.query_params.get("sort", ORDERS[0]) not in ORDERS or request.query_params.get("direction") == "1":
            return _refusal(HTTPStatus.BAD_REQUEST, f"sort: expected one of {ORDERS}, descending", self.quota.headers())
        return None

    def _page(self, request: Request) -> PageAnswer | Response:
        query = request.query_params
        order = query.get("sort", ORDERS[0])
        limit = min(int(query.get("limit", self.page_limit)), self.page_limit)
        try:
            records, cursor = self.listing.page(
                order, limit, query.get("cursor"), _expanded(request), query.getlist("filter")
            )
        except BadCursor:
            return _refusal(HTTPStatus.BAD_REQUEST, "Invalid cursor", self.quota.headers())
        headers = self.quota.headers() | {"Date": formatdate(usegmt=True)}
        next_url = None if cursor is None else self.next_url(request, cursor)
        return PageAnswer([json.dumps(record, separators=(",", ":")) for record in records], next_url, headers)

    def next_url(self, request: Request, cursor: str) -> str:
        """Where the page after a cursor is: the same request with that cursor."""
        if "expired_cursor" in self.faults.kinds:
            key = json.loads(base64.b64decode(cursor)) | {CURSOR_LIFE: int(time.time())}
            cursor = base64.b64encode(json.dumps(key).encode()).decode()
        others = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
        return f"{request.url.replace(query='')}?{urlencode([*others, ('cursor', cursor)])}"

    async def agent_harnesses(self, _: Request) -> Response:
        """What huggingface_hub asks by itself, answered in a shape that it does not expect."""
        self.n_harness_calls += 1
        return JSONResponse(["of another shape"])

    async def commits(self, request: Request) -> Response:
        """The commits of the archive, newest first."""
        missing = _missing(request)
        return missing or JSONResponse(self.archive.commits(), headers=self.quota.headers())

    async def dataset(self, request: Request) -> Response:
        """What the archive is, at a revision."""
        day = self._day(request)
        if isinstance(day, Response):
            return day
        about = {"id": REPOSITORY, "sha": revision_of(day), "private": False, "gated": False, "tags": []}
        return JSONResponse(about | {"siblings": [{"rfilename": FILE}], "downloads": 0, "likes": 0})

    async def resolve(self, request: Request) -> Response:
        """A file of the archive at a revision."""
        self.authorizations.add(request.headers.get("authorization"))
        day = self._day(request)
        if isinstance(day, Response):
            return day
        if request.path_params["file"] != FILE:
            return _refusal(HTTPStatus.NOT_FOUND, "Entry not found", {"X-Error-Code": "EntryNotFound"})
        if self.faults.hostile == "elsewhere" and request.url.hostname != ANOTHER_HOST:
            return RedirectResponse(str(request.url.replace(hostname=ANOTHER_HOST)))
        self.n_downloads += request.method == "GET"
        fault = self.faults.of_call(self.n_downloads)
        if fault == "server_error":
            return _refusal(HTTPStatus.SERVICE_UNAVAILABLE, "Slow down", {})
        file = await asyncio.to_thread(self.archive.file, day)
        headers = {"X-Repo-Commit": revision_of(day), "ETag": f'"{sha256_of(file)}"'}
        return CountedFile(file, self._served, headers=headers, is_cut=fault == "cut")

    def _served(self, n_bytes: int) -> None:
        self.n_bytes += n_bytes

    def _day(self, request: Request) -> date | Response:
        """The day of the revision that is asked for, or the refusal."""
        day = self.archive.day_of(request.path_params.get("revision", "main"))
        if day is None:
            return _refusal(HTTPStatus.NOT_FOUND, "Revision not found", {"X-Error-Code": "RevisionNotFound"})
        return _missing(request) or day


def serve(hub: SimulatedHub, host: str, port: int) -> None:
    """Serve until stopped."""
    _server(hub, host, port).run()


@contextmanager
def served(hub: SimulatedHub) -> Iterator[str]:
    """Serve from a thread of this process, on a port that is free; the endpoint."""
    server = _server(hub, "127.0.0.1", 0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + STARTING
    while not server.started:
        if time.monotonic() > deadline or not thread.is_alive():
            raise RuntimeError("the simulated Hub does not start")
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        server.force_exit = True
        thread.join()


def _expanded(request: Request) -> list[str]:
    return [*request.query_params.getlist("expand"), *request.query_params.getlist("expand[]")]


def _can_expire(cursor: str | None) -> bool:
    return cursor is not None and CURSOR_LIFE in json.loads(base64.b64decode(cursor))


def _missing(request: Request) -> Response | None:
    if f"{request.path_params['owner']}/{request.path_params['name']}" == REPOSITORY:
        return None
    return _refusal(HTTPStatus.NOT_FOUND, "Repository not found", {"X-Error-Code": "RepoNotFound"})


def _refusal(status: HTTPStatus, message: str, headers: dict[str, str]) -> Response:
    return JSONResponse({"error": message}, status_code=status, headers=headers)


def _server(hub: SimulatedHub, host: str, port: int) -> uvicorn.Server:
    # Connections that are cut on purpose would each be logged with a traceback.
    return uvicorn.Server(
        uvicorn.Config(hub.application, host=host, port=port, log_level="critical", date_header=False)
    )

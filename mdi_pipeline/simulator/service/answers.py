"""A page as the simulated Hub sends it: whole, damaged on the way, or by a server that means harm."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import random
import zlib
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from mdi_pipeline.simulator.service.faults import ODD_RECORDS

MIB = 2**20

DEEP_RECORD = f'{{"nested": {"[" * 1_100}{"]" * 1_100}}}'
"""A record without an id, nested deeper than Python's own parser goes."""

HTML = b"<!DOCTYPE html><html><head><title>Log in</title></head><body>Welcome to our network</body></html>"

ODD_WAITS = (
    ("Retry-After", "\u00b2"),
    ("Retry-After", "9" * 400),
    ("Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT"),
    ("RateLimit", f'"api";r=0;t={"9" * 5_000}'),
    ("RateLimit", '"api";r=\u0660;t=\u00b2'.encode().decode("latin-1")),
)
"""Waits that cannot be read, as headers of a refusal."""

TEN_YEARS = 315_360_000
"""In seconds."""

ANOTHER_HOST = "localhost"
"""A name of the machine that is not the one by which the tests know the server."""

_numbers = itertools.count(1)


class ConnectionCut(Exception):
    """Raised in the middle of a body: the server then cuts the connection."""


@dataclass(frozen=True)
class PageAnswer:
    """A page: its records as JSON text, where the next one is (None: nowhere), and its other headers."""

    records: list[str]
    next_url: str | None
    others: dict[str, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        """The page's JSON."""
        return f"[{','.join(self.records)}]".encode()

    @property
    def headers(self) -> dict[str, str]:
        """All headers."""
        return self.others | ({} if self.next_url is None else {"Link": f'<{self.next_url}>; rel="next"'})

    def response(self, body: bytes | None = None) -> Response:
        """The answer with this body, or its own."""
        return Response(self.body if body is None else body, media_type="application/json", headers=self.headers)


def damaged_answer(fault: str, page: PageAnswer, rng: random.Random) -> Response:
    """A page that a fault of the call strikes; whole where the fault is none of the page."""
    damage = _DAMAGE.get(fault)
    return damage(page, rng) if damage else page.response()


def hostile_answer(kind: str, page: PageAnswer, request: Request, drip: float) -> Response:
    """What a Hub that is hostile in some way sends for a page; `drip` is the pause before each byte of a slow one."""
    if kind == "slow":
        return StreamingResponse(_dripping(page.body, drip), headers=page.headers)
    if kind in _DENIED:
        status, said = _DENIED[kind]
        return JSONResponse({"error": said}, status, headers=page.others)
    if kind in _PLACES:
        return _leading_nowhere(kind, page, request)
    return _HOSTILE[kind](page, request)


def _with_odd_record(page: PageAnswer, rng: random.Random) -> Response:
    records = list(page.records)
    records.insert(rng.randrange(len(records) + 1), rng.choice(ODD_RECORDS))
    return replace(page, records=records).response()


def _with_odd_headers(page: PageAnswer, _: random.Random) -> Response:
    odd = {"Date": "Fri, 31 Dec 9999 23:59:59 GMT", "Retry-After": "-1"}
    return replace(page, next_url="http://[::bad/", others=page.others | odd).response()


def _cut_off(page: PageAnswer, _: random.Random) -> Response:
    return StreamingResponse(_cut(page.body), headers=page.headers | {"Content-Length": str(len(page.body))})


_DAMAGE: dict[str, Callable[[PageAnswer, random.Random], Response]] = {
    "odd_records": _with_odd_record,
    "odd_headers": _with_odd_headers,
    "cut": _cut_off,
    "deep_record": lambda page, _: replace(page, records=[*page.records, DEEP_RECORD]).response(),
    "empty": lambda page, rng: replace(page, records=[], next_url=rng.choice([None, page.next_url])).response(),
    "lost_link": lambda page, _: replace(page, next_url=None).response(),
    "truncated": lambda page, _: page.response(page.body[: len(page.body) * 2 // 3]),
    "torn_character": lambda page, _: page.response(page.body[:-1] + ',{"author":"\u00e9'.encode()[:-1]),
    "byte_order_mark": lambda page, _: page.response(b"\xef\xbb\xbf" + page.body),
    "html": lambda page, _: Response(HTML, media_type="text/html", headers=page.headers),
}


def _with_ids_only(page: PageAnswer, _: Request) -> Response:
    return replace(page, records=[json.dumps({"id": json.loads(record)["id"]}) for record in page.records]).response()


def _with_an_echo(page: PageAnswer, request: Request) -> Response:
    echo = json.dumps({"id": 7, "author": request.headers.get("authorization", "")})
    return replace(page, records=[*page.records, echo] if page.records else []).response()


def _one_short(page: PageAnswer, _: Request) -> Response:
    """A page of one record less than there could be, which does not say that more comes."""
    return replace(page, records=page.records[:-1] or page.records, next_url=None).response()


def _for_ten_years(page: PageAnswer, _: Request) -> Response:
    headers = page.others | {"RateLimit": f'"api";r=0;t={TEN_YEARS}'}
    return JSONResponse({"error": "Too many requests"}, HTTPStatus.TOO_MANY_REQUESTS, headers=headers)


def _gzip(page: PageAnswer, _: Request) -> Response:
    return Response(_packed(), headers=page.headers | {"Content-Encoding": "gzip"})


_HOSTILE: dict[str, Callable[[PageAnswer, Request], Response]] = {
    "short_pages": _one_short,
    "no_links": lambda page, _: replace(page, next_url=None).response(),
    "ids_only": _with_ids_only,
    "echo": _with_an_echo,
    "always_html": lambda _page, _request: Response(HTML, media_type="text/html"),
    "huge": lambda page, _: StreamingResponse(_list_without_end(), headers=page.headers),
    "packed": _gzip,
    "long_wait": _for_ten_years,
    "elsewhere": lambda _, request: RedirectResponse(str(request.url.replace(hostname=ANOTHER_HOST))),
}

_DENIED = {
    "login": (HTTPStatus.UNAUTHORIZED, "Invalid username or password."),
    "forbidden": (HTTPStatus.FORBIDDEN, "\x1b[31mForbidden\x1b[0m " + "x" * 5_000),
}

_PLACES: dict[str, Callable[[int], str]] = {
    "circle": lambda _: "f" * 24,
    "two_cursors": lambda number: "fe"[number % 2] * 24,
    "endless": lambda number: f"{0xF << 92 | number:024x}",
    "standing": lambda number: f"{0xF << 92 | number:024x}",
}
"""Before which `_id` the next page is said to begin: always before those of all models."""


def _leading_nowhere(kind: str, page: PageAnswer, request: Request) -> Response:
    """A page whose `Link` leads back, or on and on."""
    key = {"_id": {"$lt": _PLACES[kind](next(_numbers))}}
    cursor = base64.b64encode(json.dumps(key, separators=(",", ":")).encode()).decode()
    next_url = f"{request.url.replace(query='')}?{urlencode({'cursor': cursor})}"
    return replace(page, records=[] if kind == "endless" else page.records, next_url=next_url).response()


class CountedFile(FileResponse):
    """A file, or the range of it that is asked for; its bytes are counted as they are sent. It may be cut off."""

    def __init__(self, file: Path, told: Callable[[int], None], *, headers: dict[str, str], is_cut: bool) -> None:
        super().__init__(file, headers=headers)
        self._told = told
        self._is_cut = is_cut

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""

        async def counted(message: Message) -> None:
            body = message.get("body", b"")
            if body and self._is_cut:
                await send({**message, "body": body[: len(body) // 2], "more_body": True})
                self._told(len(body) // 2)
                raise ConnectionCut
            self._told(len(body))
            await send(message)

        await super().__call__(scope, receive, counted)


async def _cut(body: bytes) -> AsyncIterator[bytes]:
    yield body[: len(body) // 2]
    raise ConnectionCut


async def _dripping(body: bytes, drip: float) -> AsyncIterator[bytes]:
    for byte in body:
        await asyncio.sleep(drip)
        yield bytes([byte])


def _list_without_end() -> Iterable[bytes]:
    """A list of 3 GiB that begins and does not end."""
    yield b"["
    block = b" " * MIB
    for _ in range(3 * 1_024):
        yield block


@cache
def _packed() -> bytes:
    """A list without an end that is 1 MB packed and 1 GiB unpacked: one packed block, again and again."""
    packer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    first = packer.compress(b"[" + b" " * MIB) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b" " * MIB) + packer.flush(zlib.Z_FULL_FLUSH)
    return first + block * 1_023

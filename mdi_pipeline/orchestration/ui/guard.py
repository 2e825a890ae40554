"""Refuse what a foreign web page can send to a server on this machine, before Dagster sees it.

Dagster's web server asks nobody who they are. A browser sends the requests of any page to any address, so a page of
an attacker could launch runs here, by its own name (cross-site requests) or by one that it makes resolve to this
machine (DNS rebinding). https://owasp.org/www-community/attacks/csrf
"""

from __future__ import annotations

import ipaddress
from collections.abc import MutableMapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
"""The names by which a browser on this machine reaches it."""

HTTP_PORT = 80
"""The port that browsers leave out of an address."""

RESPONSE_HEADERS = (
    (b"x-frame-options", b"SAMEORIGIN"),  # a frame in a foreign page lets it place the buttons under the user's clicks
    (b"cross-origin-resource-policy", b"same-origin"),
)
"""Added to every response."""

POLICY_VIOLATION = 1008
"""The code with which a WebSocket is closed that breaks a rule of the server (RFC 6455, 7.4.1)."""


@dataclass(frozen=True)
class Refusal:
    """Why a request is refused."""

    status: HTTPStatus
    reason: str


def allowed_hosts(host: str, port: int) -> frozenset[str]:
    """The values of the header Host, in small letters, that mean this server.

    `host` is the name or address that the user gave. An unspecified one (0.0.0.0) names no machine and adds nothing.
    """
    names = set(LOOPBACK_NAMES)
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        names.add(host.lower())
    else:
        if not address.is_unspecified:
            names.add(f"[{address}]" if isinstance(address, ipaddress.IPv6Address) else str(address))
    return frozenset({f"{name}:{port}" for name in names} | (names if port == HTTP_PORT else set()))


@dataclass(frozen=True)
class Guard:
    """An ASGI application that hands on to another one only what its own pages, or a program, can have sent.

    Refused are: another Host; another Origin, WebSockets included; what a foreign page embeds; a GraphQL query in an
    address; a POST whose body is not JSON, which a foreign page could send unasked; all other methods.
    """

    application: ASGIApp
    hosts: frozenset[str]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or one WebSocket."""
        refusal = None if scope["type"] == "lifespan" else self._refusal(scope)
        if refusal is None:
            await self.application(scope, receive, _with_headers(send))
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": refusal.reason})
        else:
            await _answer(refusal, _with_headers(send))

    def _refusal(self, scope: Scope) -> Refusal | None:
        host = _only(scope, b"host").lower()
        if host not in self.hosts:
            names = ", ".join(sorted(self.hosts))
            return Refusal(HTTPStatus.FORBIDDEN, f"this server answers only to the names {names} (mdi ui --host NAME)")
        origins = _values(scope, b"origin")
        if origins and origins != [f"http://{host}"]:
            return Refusal(HTTPStatus.FORBIDDEN, "requests of pages of other origins are refused")
        if _is_embedded_elsewhere(scope):
            return Refusal(HTTPStatus.FORBIDDEN, "pages of other origins may link here, not embed what is here")
        return _refused_method(scope) if scope["type"] == "http" else None


def _refused_method(scope: Scope) -> Refusal | None:
    if scope["method"] in {"GET", "HEAD"}:
        if scope["query_string"] and "graphql" in scope["path"].lower():
            return Refusal(HTTPStatus.METHOD_NOT_ALLOWED, "GraphQL is taken by POST only")
        return None
    if scope["method"] != "POST":
        return Refusal(HTTPStatus.METHOD_NOT_ALLOWED, "only GET, HEAD and POST are taken")
    media_type = _only(scope, b"content-type").partition(";")[0].strip().lower()
    if media_type != "application/json":
        return Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "a POST must be of the type application/json")
    return None


def _is_embedded_elsewhere(scope: Scope) -> bool:
    """Whether a browser says that a page of another origin asks for this, other than by a link or a typed address."""
    site = _only(scope, b"sec-fetch-site") or "none"
    return site not in {"same-origin", "none"} and _only(scope, b"sec-fetch-dest") != "document"


def _values(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for header, value in scope["headers"] if header == name]


def _only(scope: Scope, name: bytes) -> str:
    """The value of a header; empty where it is missing or there more than once."""
    values = _values(scope, name)
    return values[0] if len(values) == 1 else ""


def _with_headers(send: Send) -> Send:
    async def sending(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *RESPONSE_HEADERS]}
        await send(message)

    return sending


async def _answer(refusal: Refusal, send: Send) -> None:
    body = f"{refusal.reason}\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    start: Message = {"type": "http.response.start", "status": int(refusal.status), "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": body})

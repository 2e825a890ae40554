"""S1: what the guard before Dagster's web application hands on, and what it refuses."""

import asyncio
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from mdi_pipeline.orchestration.ui.guard import Guard, allowed_hosts

HOST = "127.0.0.1:3000"
JSON = {"content-type": "application/json"}
MUTATION = "query=mutation%7Bx%7D"


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that takes everything."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
    else:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"taken"})


def sent(kind: str, method: str, path: str, query: str, headers: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """All that the guard answers to one request."""
    messages: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        messages.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"} if kind == "websocket" else {"type": "http.request", "body": b"{}"}

    scope = {
        "type": kind,
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers],
    }
    asyncio.run(Guard(application, allowed_hosts("127.0.0.1", 3000))(scope, receive, send))
    return messages


def status(method: str, path: str, query: str = "", **headers: str) -> int:
    """The status of the answer to an HTTP request of the right host, where no other is given."""
    named = {"host": HOST} | {name.replace("_", "-"): value for name, value in headers.items()}
    return int(sent("http", method, path, query, list(named.items()))[0]["status"])


@pytest.mark.parametrize(
    "host", ["127.0.0.1:3000", "localhost:3000", "LocalHost:3000", "[::1]:3000"], ids=lambda host: host
)
def test_s1_the_names_of_this_machine_are_taken(host: str) -> None:
    assert status("GET", "/assets", host=host) == 200
    assert status("POST", "/graphql", host=host, origin=f"http://{host.lower()}", **JSON) == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example:3000", "evil.example", "127.0.0.1", "127.0.0.1:3001", "localhost.:3000",
     "127.0.0.1:3000.evil.example", "0.0.0.0:3000", "127.1:3000", "localhost:3000@evil.example", ""],
    ids=lambda host: host or "empty",
)  # fmt: skip
def test_s1_a_name_that_was_rebound_to_this_machine_is_refused(host: str) -> None:
    assert status("GET", "/assets", host=host) == 403
    assert status("POST", "/graphql", host=host, **JSON) == 403


@pytest.mark.parametrize("hosts", [[], [("host", HOST), ("host", HOST)], [("host", HOST), ("host", "evil.example")]])
def test_s1_a_request_names_one_host(hosts: list[tuple[str, str]]) -> None:
    assert sent("http", "GET", "/", "", hosts)[0]["status"] == 403


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "http://evil.example:3000", "null", "", "http://127.0.0.1:3001", "https://127.0.0.1:3000",
     "http://localhost:3000", "http://127.0.0.1:3000.evil.example", "http://127.0.0.1:3000, http://evil.example"],
)  # fmt: skip
def test_s1_another_origin_is_refused_by_every_way(origin: str) -> None:
    assert status("POST", "/graphql", origin=origin, **JSON) == 403
    assert status("GET", "/assets", origin=origin) == 403
    socket = sent("websocket", "GET", "/graphql", "", [("host", HOST), ("origin", origin)])
    assert [message["type"] for message in socket] == ["websocket.close"]


def test_s1_two_origins_are_refused() -> None:
    own = ("origin", f"http://{HOST}")
    assert sent("http", "POST", "/graphql", "", [("host", HOST), own, own, *JSON.items()])[0]["status"] == 403


def test_s1_websockets_of_the_ui_and_of_programs_are_taken() -> None:
    for headers in ([("host", HOST), ("origin", f"http://{HOST}")], [("host", HOST)]):
        assert sent("websocket", "GET", "/graphql", "", headers) == [{"type": "websocket.accept"}]
    rebound = [("host", "evil.example:3000"), ("origin", "http://evil.example:3000")]
    assert sent("websocket", "GET", "/graphql", "", rebound)[0]["type"] == "websocket.close"


@pytest.mark.parametrize("path", ["/graphql", "/graphql/", "/graphql\n", "/GraphQL", "//graphql"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_s1_no_graphql_by_get(method: str, path: str) -> None:
    assert status(method, path, MUTATION, accept="application/json") == 405
    assert status(method, path, MUTATION, accept="text/html") == 405
    assert status(method, path) == 200, "which asks nothing: the page on which one writes a query"


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/graphql",
     "text/plain; application/json", "text/plain;charset=application/json", "application/jsonp", ""],
)  # fmt: skip
def test_s1_a_post_that_is_not_json_is_refused(kind: str) -> None:
    for path in ("/graphql", "/report_asset_materialization/models", "/elsewhere"):
        assert status("POST", path, MUTATION, content_type=kind) == 415
        assert status("POST", path, MUTATION) == 415


def test_s1_json_with_its_encoding_is_taken() -> None:
    assert status("POST", "/graphql", content_type="application/json; charset=utf-8") == 200
    both = [("host", HOST), ("content-type", "text/plain"), ("content-type", "application/json")]
    assert sent("http", "POST", "/graphql", "", both)[0]["status"] == 415


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "get"])
def test_s1_no_other_methods(method: str) -> None:
    assert status(method, "/graphql", MUTATION, **JSON) == 405


def test_s1_other_pages_may_link_here_and_embed_nothing() -> None:
    assert status("GET", "/assets", sec_fetch_site="cross-site", sec_fetch_dest="document") == 200
    for place in ("iframe", "image", "script", "embed", "empty"):
        for site in ("cross-site", "same-site"):
            assert status("GET", "/assets", sec_fetch_site=site, sec_fetch_dest=place) == 403
        assert status("GET", "/assets", sec_fetch_site="same-origin", sec_fetch_dest=place) == 200
    headers = dict(sent("http", "GET", "/assets", "", [("host", HOST)])[0]["headers"])
    assert headers[b"x-frame-options"] == b"SAMEORIGIN"


def test_s1_refusals_say_why_and_repeat_nothing() -> None:
    start, body = sent("http", "GET", "/", "", [("host", "<script>evil")])
    assert b"this server answers only to the names 127.0.0.1:3000" in body["body"]
    assert b"script" not in body["body"]
    assert dict(start["headers"])[b"content-type"].startswith(b"text/plain")


@pytest.mark.parametrize(
    ("host", "port", "more"),
    [
        ("127.0.0.1", 3000, set()),
        ("0.0.0.0", 3000, set()),
        ("::", 3000, set()),
        ("mdi.Example.org", 3000, {"mdi.example.org:3000"}),
        ("192.168.0.7", 3000, {"192.168.0.7:3000"}),
        ("fd00::0007", 3000, {"[fd00::7]:3000"}),
    ],
)
def test_s1_the_given_host_is_one_of_the_names(host: str, port: int, more: set[str]) -> None:
    assert allowed_hosts(host, port) == {"localhost:3000", "127.0.0.1:3000", "[::1]:3000"} | more


def test_s1_browsers_leave_out_port_80() -> None:
    assert {"localhost", "localhost:80", "mdi.lan"} <= allowed_hosts("mdi.lan", 80)

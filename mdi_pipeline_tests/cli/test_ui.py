"""`mdi ui` as people and services start and stop it: what listens, what ends, and what a read-only one refuses."""

import base64
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import psutil
import pytest

from mdi_pipeline.home.folder import Home
from mdi_pipeline_tests.dagster_servers import PATIENCE, Served, ask, processes_of, served, wait_for

pytestmark = pytest.mark.slow

CODE = "{ workspaceOrError { ... on Workspace { locationEntries { name loadStatus } } } }"
LAUNCH = """mutation($params: ExecutionParams!) { launchRun(executionParams: $params) {
  __typename ... on LaunchRunSuccess { run { runId } } ... on RunConfigValidationInvalid { errors { message } } } }"""
MUTATIONS = [
    'mutation { startSensor(sensorSelector: {repositoryLocationName: "mdi_pipeline.definitions",'
    ' repositoryName: "__repository__", sensorName: "failed_runs"}) { __typename } }',
    "mutation { wipeAssets(assetPartitionRanges: []) { __typename } }",
    "mutation { setNuxSeen }",
    'mutation { logTelemetry(action: "x", clientTime: "1", clientId: "1", metadata: "{}") { __typename } }',
    "query A { version } mutation B { reloadWorkspace { __typename } }",
]
"""Some that a read-only workspace refuses by its permissions, and some that it does not."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home without crawls."""
    return Home(tmp_path_factory.mktemp("ui") / "home")


@pytest.fixture(scope="module")
def ui(home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A UI, started from a folder with a file that is called like a library that Dagster imports."""
    stray = tmp_path_factory.mktemp("stray")
    for name in ("gql", "graphql", "grpc", "sqlalchemy", "polars"):
        (stray / f"{name}.py").write_text("raise RuntimeError('a stray file')\n")
    with served(home, cwd=stray) as ui:
        yield ui


def status(address: str, body: bytes | None = None, **headers: str) -> int:
    """The status of the answer to a request."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urlopen(Request(address, body, named), timeout=60) as response:
            return int(response.status)
    except HTTPError as refused:
        return refused.code


def left(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that still run."""
    return [one for one in processes if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]


def test_d8_no_stray_module_and_no_superseded_command(ui: Served) -> None:
    location = {"name": "mdi_pipeline.definitions", "loadStatus": "LOADED"}
    assert ask(ui.address, CODE)["workspaceOrError"]["locationEntries"] == [location]
    kind = "{ repositoriesOrError { ... on RepositoryConnection { nodes { name } } ... on PythonError { message } } }"
    assert ask(ui.address, kind)["repositoriesOrError"]["nodes"] == [{"name": "__repository__"}]
    said = ui.log.read_text()
    assert "supersede" not in said.lower()
    assert "a stray file" not in said
    assert f"http://127.0.0.1:{ui.port}" in said


def test_s1_one_port_is_listened_on_and_no_other(ui: Served) -> None:
    processes = processes_of(ui.process.pid)
    assert len(processes) >= len(["web server", "daemon", "code server", "the process that holds its code"])
    listening = [
        connection.laddr
        for process in processes
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN or connection.type == socket.SOCK_DGRAM
    ]
    assert [(address.ip, address.port) for address in listening] == [("127.0.0.1", ui.port)]


def test_s1_the_code_server_is_its_owners(ui: Served) -> None:
    sockets = {
        Path(connection.laddr)
        for process in processes_of(ui.process.pid)
        for connection in process.net_connections("unix")
        if connection.laddr and Path(connection.laddr).exists()
    }
    ours = next(file for file in sockets if file.name == "code-server.sock")
    assert ours.parent.stat().st_mode & 0o777 == 0o700
    for file in sockets:
        assert file.stat().st_mode & 0o022 == 0, f"{file} can be connected to by others"


def test_s1_foreign_requests_are_refused_and_own_ones_taken(ui: Served) -> None:
    graphql = f"{ui.address}/graphql"
    body = json.dumps({"query": CODE}).encode()
    as_json = {"Content_Type": "application/json"}
    assert status(graphql, body, Origin=ui.address, **as_json) == 200
    assert status(graphql, body, **as_json) == 200
    assert status(graphql, body, Origin="https://evil.example", **as_json) == 403
    assert status(graphql, body, Host=f"evil.example:{ui.port}", **as_json) == 403
    assert status(graphql, body, Content_Type="text/plain") == 415
    assert status(f"{graphql}?query=mutation%7BsetNuxSeen%7D") == 405
    assert status(f"{ui.address}/report_asset_materialization/models?description=evil", b"") == 415
    assert status(ui.address, Host=f"evil.example:{ui.port}") == 403


def handshake(ui: Served, origin: str | None) -> str:
    """The first line that answers the beginning of a WebSocket."""
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [
        "GET /graphql HTTP/1.1", f"Host: 127.0.0.1:{ui.port}", "Connection: Upgrade", "Upgrade: websocket",
        "Sec-WebSocket-Version: 13", "Sec-WebSocket-Protocol: graphql-ws", f"Sec-WebSocket-Key: {key}",
        *([f"Origin: {origin}"] if origin else []), "", "",
    ]  # fmt: skip
    with socket.create_connection(("127.0.0.1", ui.port), timeout=60) as client:
        client.sendall("\r\n".join(lines).encode())
        return client.recv(4096).decode().partition("\r\n")[0]


def test_s1_websockets_of_other_pages_are_refused(ui: Served) -> None:
    assert "101" in handshake(ui, ui.address)
    assert "101" in handshake(ui, None)
    assert "403" in handshake(ui, "https://evil.example")
    assert "403" in handshake(ui, "null")


def launch(ui: Served, resources: dict[str, Any]) -> dict[str, Any]:
    """What the UI answers to a launch of the job of a crawl date."""
    selector = {"repositoryLocationName": "mdi_pipeline.definitions", "repositoryName": "__repository__"}
    params = {
        "selector": {**selector, "jobName": "crawl_date"},
        "runConfigData": {"resources": resources},
        "executionMetadata": {"tags": [{"key": "dagster/partition", "value": "2026-08-31"}]},
    }
    answer: dict[str, Any] = ask(ui.address, LAUNCH, params=params)["launchRun"]
    return answer


def test_s1_the_home_is_no_configuration_of_a_run(ui: Served, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    answer = launch(ui, {"pipeline": {"config": {"home": str(elsewhere)}}})
    assert answer["__typename"] == "RunConfigValidationInvalid"
    assert 'unexpected config entry "home"' in answer["errors"][0]["message"]
    assert not elsewhere.exists()


def test_s1_a_second_one_on_the_port_says_so_in_one_line(ui: Served, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mdi_pipeline", "ui", "--home", str(tmp_path / "home"), "--port", str(ui.port)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert f"cannot listen on 127.0.0.1, port {ui.port}: Address already in use" in line
    assert "--port" in line


def test_s1_read_only_refuses_every_mutation_and_shows_the_rest(home: Home) -> None:
    with served(home, "--read-only") as ui:
        assert ask(ui.address, CODE)["workspaceOrError"]["locationEntries"][0]["loadStatus"] == "LOADED"
        as_json = {"Content_Type": "application/json"}
        for mutation in MUTATIONS:
            body = {"query": mutation, "operationName": "A" if "query A" in mutation else None}
            assert status(f"{ui.address}/graphql", json.dumps(body).encode(), **as_json) == 400
        reported = f"{ui.address}/report_asset_materialization/models"
        assert status(reported, b"{}", **as_json) == 401
        allowed = ask(ui.address, "{ permissions { permission value } }")["permissions"]
        assert [one["permission"] for one in allowed if one["value"]] == []
        assert "read-only" in ui.log.read_text()


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_told_to_end_it_ends_with_all_that_it_started(tmp_path: Path, told: signal.Signals) -> None:
    home = Home(tmp_path / "home")
    with served(home) as ui:
        started = processes_of(ui.process.pid)
        ui.process.send_signal(told)
        assert ui.process.wait(PATIENCE) == 0
        assert left(started) == []
        assert str(home.path) in ui.log.read_text()
        assert "Traceback" not in ui.log.read_text()


@pytest.mark.parametrize("part", ["dagster-daemon", "code-server"])
def test_s1_where_one_process_dies_all_end(tmp_path: Path, part: str) -> None:
    with served(Home(tmp_path / "home")) as ui:
        started = processes_of(ui.process.pid)
        next(one for one in started if part in one.cmdline()).kill()
        assert ui.process.wait(PATIENCE) == 1
        assert left(started) == []
        last = ui.log.read_text().splitlines()[-1]
        assert last.startswith(f"error: Dagster's {part.removeprefix('dagster-').replace('-', ' ')} ended by itself")


def test_s1_where_the_web_server_is_killed_the_others_end_too(tmp_path: Path) -> None:
    with served(Home(tmp_path / "home")) as ui:
        others = processes_of(ui.process.pid)[1:]
        ui.process.kill()
        ui.process.wait(PATIENCE)
        wait_for(lambda: not left(others), "the others to end")

"""S1: `mdi ui` driven from a foreign page in Chromium, which is refused, and from its own, which works."""

import functools
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from urllib.parse import quote

import pytest

from mdi_pipeline.home.folder import Home
from mdi_pipeline.home.settings import Settings, save_settings
from mdi_pipeline_tests.chromium import Browser, browser, needs_driver
from mdi_pipeline_tests.dagster_servers import Served, ask, served
from mdi_pipeline_tests.pipeline import write_crawl

pytestmark = [pytest.mark.slow, needs_driver]

DAY = date(2026, 7, 1)

SENSOR = (
    'sensorSelector: {repositoryLocationName: "mdi_pipeline.definitions", '
    'repositoryName: "__repository__", sensorName: "failed_runs"}'
)
START = f"mutation {{ startSensor({SENSOR}) {{ __typename }} }}"
STATE = f"{{ sensorOrError({SENSOR}) {{ ... on Sensor {{ sensorState {{ status }} }} }} }}"

BACKFILL = f"""mutation {{ launchPartitionBackfill(backfillParams: {{partitionNames: ["{DAY}"],
  assetSelection: [{{path: ["model_snapshots"]}}, {{path: ["crawl_manifest"]}}]}}) {{ __typename }} }}"""
RUNS = "{ runsOrError(limit: 1) { ... on Runs { results { runId status } } } }"

ATTACK = """<!DOCTYPE html><title>a foreign page</title><p id="state">at work</p>
<iframe id="framed" name="framed"></iframe><iframe name="target"></iframe>
<script>
const ui = "ADDRESS", mutation = MUTATION, inAddress = ui + "/graphql?query=" + encodeURIComponent(mutation)
const body = JSON.stringify({query: mutation}), found = []
const tried = (name, promise) =>
  promise.then(() => found.push(name + ": answered"), () => found.push(name + ": failed"))
function form(encoding) {
  const form = Object.assign(document.createElement("form"),
    {method: "POST", action: inAddress, enctype: encoding, target: "target"})
  const name = '{"query": "' + mutation + '", "x": "'
  form.append(Object.assign(document.createElement("input"), {name, value: '"}'}))
  document.body.append(form)
  form.submit()
}
async function attack() {
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
    await tried("unasked " + type, fetch(ui + "/graphql", {method: "POST", mode: "no-cors", body,
      headers: {"Content-Type": type}}))
  await tried("json", fetch(ui + "/graphql", {method: "POST", body, headers: {"Content-Type": "application/json"}}))
  await tried("read", fetch(ui + "/server_info").then(answer => answer.text()))
  await tried("get", fetch(inAddress, {mode: "no-cors"}))
  await tried("beacon", Promise.resolve(navigator.sendBeacon(inAddress, body)))
  await new Promise(done => {
    const image = new Image()
    image.onload = image.onerror = done
    image.src = inAddress
  })
  form("text/plain")
  form("multipart/form-data")
  await new Promise(done => {
    document.getElementById("framed").onload = done
    document.getElementById("framed").src = ui + "/runs"
  })
  await tried("websocket", new Promise((opened, failed) => {
    const socket = new WebSocket(ui.replace("http", "ws") + "/graphql", "graphql-ws")
    socket.onopen = opened
    socket.onerror = failed
  }))
  setTimeout(() => { document.getElementById("state").textContent = "done. " + found.join(", ") + "." }, 1000)
}
attack()
</script>"""

SUBSCRIBE = """
window.told = []
const socket = new WebSocket(`ws://${location.host}/graphql`, "graphql-ws")
socket.onopen = () => {
  socket.send(JSON.stringify({type: "connection_init", payload: {}}))
  socket.send(JSON.stringify({type: "start", id: "1", payload: {
    query: `subscription { pipelineRunLogs(runId: "${arguments[0]}") {
      ... on PipelineRunLogsSubscriptionSuccess { messages { __typename } } } }`}}))
}
socket.onmessage = message => window.told.push(message.data)
"""

OWN_REQUEST = """
window.answer = null
const body = JSON.stringify({query: arguments[0]})
fetch("/graphql", {method: "POST", headers: {"Content-Type": "application/json"}, body})
  .then(answer => answer.text()).then(text => { window.answer = text })
"""


@pytest.fixture(scope="module")
def ui(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("foreign")
    write_crawl(folder / "crawls", DAY, 30)
    home = Home(folder / "home")
    save_settings(home, Settings(source="files", path=str(folder / "crawls"), first_date=DAY))
    with served(home) as ui:
        yield ui


@pytest.fixture(scope="module")
def window() -> Iterator[Browser]:
    """A window in whose eyes evil.example is this machine, as an attacker's name server could have it."""
    with browser("--host-resolver-rules=MAP evil.example 127.0.0.1") as window:
        yield window


@contextmanager
def pages(folder: Path) -> Iterator[int]:
    """The port on which a folder is served."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def sensor(ui: Served) -> str:
    return str(ask(ui.address, STATE)["sensorOrError"]["sensorState"]["status"])


def own_request(window: Browser, query: str) -> None:
    """Ask what a page of the UI asks, from within it."""
    body = "JSON.stringify({query: arguments[0]})"
    options = f"{{method: 'POST', headers: {{'Content-Type': 'application/json'}}, body: {body}}}"
    window.run(
        f"window.answer = null; fetch('/graphql', {options}).then(a => a.text()).then(t => window.answer = t)", query
    )
    window.wait_until(lambda: window.run("return window.answer") is not None, "an answer")


@pytest.mark.parametrize("host", ["evil.example", "localhost", "127.0.0.1"])
def test_s1_a_foreign_page_can_do_nothing(window: Browser, ui: Served, tmp_path: Path, host: str) -> None:
    page = ATTACK.replace("ADDRESS", ui.address).replace("MUTATION", repr(START))
    (tmp_path / "attack.html").write_text(page)
    with pages(tmp_path) as port:
        window.open(f"http://{host}:{port}/attack.html")
        window.wait_for("done.")
        said = window.text()
        # An answer that a page may not read reaches it as an empty one, or fails.
        for way in ("json", "read", "websocket"):
            assert f"{way}: failed" in said
        assert sensor(ui) == "STOPPED"


def test_s1_a_link_that_carries_a_mutation_changes_nothing(window: Browser, ui: Served) -> None:
    window.open(f"{ui.address}/graphql?query={quote(START)}")
    window.wait_for("GraphQL is taken by POST only")
    assert sensor(ui) == "STOPPED"


def test_s1_a_name_rebound_to_this_machine_shows_nothing(window: Browser, ui: Served) -> None:
    window.open(f"http://evil.example:{ui.port}/runs")
    window.wait_for("this server answers only to the names")
    own_request(window, START)
    assert "answers only to the names" in window.run("return window.answer")
    assert sensor(ui) == "STOPPED"


def test_s1_the_ui_itself_works_and_is_told_of_a_run_while_it_lasts(window: Browser, ui: Served) -> None:
    window.console()  # what the attacks left there
    window.open(f"{ui.address}/automation")
    window.wait_for("failed_runs")
    own_request(window, BACKFILL)
    window.wait_until(lambda: bool(ask(ui.address, RUNS)["runsOrError"]["results"]), "a run")
    run_id = ask(ui.address, RUNS)["runsOrError"]["results"][0]["runId"]
    window.open(f"{ui.address}/runs/{run_id}")
    window.run(SUBSCRIBE, run_id)
    window.wait_until(
        lambda: any("RunSuccessEvent" in told for told in window.run("return window.told")),
        "the end over the WebSocket",
    )
    window.wait_for("RUN_SUCCESS", "Success")
    refused = [said for said in window.console() if "403" in said or "405" in said or "415" in said]
    assert refused == []


def test_s1_the_mutation_of_the_attacks_works_from_the_ui_itself(window: Browser, ui: Served) -> None:
    window.open(f"{ui.address}/automation")
    window.wait_for("failed_runs")
    assert sensor(ui) == "STOPPED"
    own_request(window, START)
    assert sensor(ui) == "RUNNING"

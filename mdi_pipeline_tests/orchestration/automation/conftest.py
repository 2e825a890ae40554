"""A home with nothing in it as yet, and what a webhook hears."""

import json
import threading
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import dagster as dg
import pytest

from mdi_pipeline.home.folder import Home
from mdi_pipeline.home.settings import Settings, save_settings
from mdi_pipeline_tests.pipeline import write_crawl

DAYS = [date(2026, 8, day) for day in (1, 8, 15)]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home over a folder of three dates; nothing has been crawled yet."""
    for day in DAYS:
        write_crawl(tmp_path / "crawls", day, 20)
    home = Home(tmp_path / "home")
    save_settings(home, Settings(source="files", path=str(tmp_path / "crawls"), first_date=date(2026, 8, 1)))
    return home


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[str]]]:
    """A webhook's address, and the texts that it was sent."""
    texts: list[str] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            texts.append(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"])
            self.send_response(500 if "refuse" in self.path else 200)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/secret", texts
    server.shutdown()
    server.server_close()


def land(instance: dg.DagsterInstance, asset: str, day: date | None, version: str) -> None:
    """Report an asset as materialised with a data version, its blocking checks as passed."""
    partition = str(day) if day else None
    instance.report_runless_asset_event(
        dg.AssetMaterialization(asset, partition=partition, tags={"dagster/data_version": version})
    )

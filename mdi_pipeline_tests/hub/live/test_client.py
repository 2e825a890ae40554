"""A Hub that stays broken, one that leads astray, and the token that it is asked with."""

import logging
import re
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mdi_pipeline.hub.live.connection import Patience
from mdi_pipeline.hub.source import SourceError
from mdi_pipeline.simulator.service.server import SimulatedHub, served
from mdi_pipeline_tests.simulator.hub_over_http import SIZE, TODAY, crawl, hub, live, manifest, stopped_at

TOKEN = "hf_thisIsNoTokenOfAnybody"


def test_a_hub_that_stays_broken_is_said_and_what_came_is_kept(tmp_path: Path) -> None:
    simulated = hub()
    patience = Patience(connect=1, read=1, retries=1, first_wait=0.01)
    with served(simulated) as endpoint, stopped_at(10) as watch:
        crawl(live(endpoint, tmp_path, watch=watch), tmp_path / "before")
    with pytest.raises(SourceError, match="goes on from the last page"):
        crawl(live(endpoint, tmp_path, patience=patience), tmp_path / "broken")
    assert len(list((tmp_path / "hub" / str(TODAY) / "pages").glob("*.parquet"))) == 10


class Astray(SimulatedHub):
    """A Hub whose next pages are said to be on another host."""

    @property
    def application(self) -> Starlette:
        """The Hub's own, but for the host in its links."""
        application = super().application
        application.add_middleware(LinksElsewhere)
        return application


class LinksElsewhere:
    """Puts a host where nobody listens into the links that answers carry."""

    def __init__(self, application: ASGIApp) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def misdirected(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if "link" in headers:
                    headers["link"] = re.sub("//[^/]+/", "//127.0.0.1:9/", headers["link"])
            await send(message)

        await self.application(scope, receive, misdirected)


def test_the_token_is_used_and_appears_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    caplog.set_level(logging.DEBUG)
    simulated = Astray(**vars(hub("server_error", "cut")))
    with served(simulated) as endpoint:
        tables = crawl(live(endpoint, tmp_path), tmp_path)
    assert simulated.authorizations == {f"Bearer {TOKEN}"}
    assert tables.models.height == SIZE
    with pytest.raises(SourceError) as error:
        crawl(live("http://127.0.0.1:9", tmp_path / "x", patience=Patience(retries=0)), tmp_path / "nobody")
    written = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert TOKEN.encode() not in written
    said = [str(manifest(tables)), str(error.value), repr(error), caplog.text, *capfd.readouterr()]
    assert not any(TOKEN in text for text in said)

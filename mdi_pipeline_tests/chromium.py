"""Headless Chromium, which the tests of the report and of Dagster's UI look through where there is one."""

from __future__ import annotations

import base64
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import Request, urlopen

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium")
needs_driver = pytest.mark.skipif(
    CHROMIUM is None or DRIVER is None, reason="no Chromium with its driver here: apt-get install chromium-driver"
)

FONTS = ("Liberation Sans", "Arial", "Helvetica")
"""Fonts of the widths by which figures are laid out."""


def _has_a_font() -> bool:
    try:
        listed = subprocess.run(["fc-list", ":", "family"], capture_output=True, text=True, check=False).stdout
    except FileNotFoundError:
        return False
    return any(font in listed for font in FONTS)


needs_fonts = pytest.mark.skipif(
    not _has_a_font(), reason=f"none of the fonts {', '.join(FONTS)} here: apt-get install fonts-liberation"
)

OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

INNERMOST = """
const found = [...document.querySelectorAll('body *')].filter(e => e.innerText?.trim() === arguments[0]).at(-1);
"""

PATIENCE = 60
"""Seconds to wait for what a page should show, on a machine that does other things too."""


def dumped_dom(url: str, profile: Path, *options: str) -> str:
    """The DOM of a page once it has settled."""
    command = [str(CHROMIUM), *OPTIONS, f"--user-data-dir={profile}", *options, "--dump-dom", url]
    return subprocess.run(command, capture_output=True, text=True, timeout=180, check=True).stdout


class Place(NamedTuple):
    """A place on the page, in pixels from its upper left."""

    left: float
    top: float
    height: float


class Browser:
    """A window of Chromium, told what to do by WebDriver (https://www.w3.org/TR/webdriver2/)."""

    def __init__(self, session: str) -> None:
        self._session = session

    def open(self, url: str) -> None:
        """Go to a page."""
        _tell(f"{self._session}/url", url=url)

    def text(self) -> str:
        """All that the page shows as text."""
        return str(self.run("return document.body.innerText"))

    def wait_for(self, *words: str) -> None:
        """Wait until the page shows all the words; fails with those that it does not."""
        until = time.monotonic() + PATIENCE
        while missing := [word for word in words if word not in self.text()]:
            assert time.monotonic() < until, f"{missing} not in: {self.text()}"
            time.sleep(0.1)

    def wait_until(self, true: Callable[[], bool], what: str) -> None:
        """Wait until something is true of the page."""
        until = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < until, f"waited {PATIENCE} s for {what}"
            time.sleep(0.1)

    def click(self, words: str, *, shows: str) -> None:
        """Click the innermost thing that shows just these words, until the page shows others.

        What is clicked before the page listens is lost on it.
        """
        self.wait_for(words)
        until = time.monotonic() + PATIENCE
        while shows not in self.text():
            assert time.monotonic() < until, f"a click on {words!r} does not show {shows!r}: {self.text()}"
            self.run(f"{INNERMOST} found?.click()", words)
            time.sleep(0.3)

    def place(self, words: str) -> Place:
        """Where the innermost thing is that shows just these words."""
        found = self.run(
            f"{INNERMOST} const box = found?.getBoundingClientRect(); return box && [box.left, box.top, box.height]",
            words,
        )
        assert found, f"nothing says just {words!r}"
        return Place(*found)

    def run(self, script: str, *arguments: object) -> Any:
        """What a script in the page returns."""
        return _tell(f"{self._session}/execute/sync", script=script, args=list(arguments))

    def console(self) -> list[str]:
        """What the console was told since it was last asked: errors of scripts and of loading, broken policies."""
        return [str(entry["message"]) for entry in _tell(f"{self._session}/se/log", type="browser")]

    def picture(self, file: Path) -> None:
        """Keep what the window shows as PNG."""
        with urlopen(f"{self._session}/screenshot", timeout=60) as answer:
            file.write_bytes(base64.b64decode(json.load(answer)["value"]))


@contextmanager
def browser(*options: str, width: int = 1400, height: int = 900) -> Iterator[Browser]:
    """A window of that size, of a Chromium with those options besides the usual ones; gone afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    driver = subprocess.Popen([str(DRIVER), f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_until_ready(address)
        chrome = {
            "binary": CHROMIUM,
            "args": [*OPTIONS, *options, "--hide-scrollbars", f"--window-size={width},{height}"],
        }
        logged = {"browser": "ALL"}
        wanted = {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": chrome, "goog:loggingPrefs": logged}}
        session = f"{address}/session/{_tell(f'{address}/session', capabilities=wanted)['sessionId']}"
        try:
            yield Browser(session)
        finally:
            urlopen(Request(session, method="DELETE"), timeout=60).close()
    finally:
        driver.terminate()
        driver.wait()


def _tell(address: str, **what: object) -> Any:
    request = Request(address, json.dumps(what).encode(), {"Content-Type": "application/json"})
    with urlopen(request, timeout=120) as answer:
        return json.load(answer)["value"]


def _wait_until_ready(address: str) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            with urlopen(f"{address}/status", timeout=5) as answer:
                if json.load(answer)["value"]["ready"]:
                    return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the driver of Chromium does not answer")

"""Which crawls a home may hold: those of the family of the newest one that is there."""

import shlex
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from mdi_pipeline.compute.digest import sha256_of
from mdi_pipeline.home.folder import Home
from mdi_pipeline.home.settings import SETTINGS, Settings, SettingsError, load_settings, save_settings, with_changes
from mdi_pipeline.home.sources import TOLD_BY, last_crawl, open_source, require_settings
from mdi_pipeline.hub.source import SourceError
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline_tests.pipeline import TODAY_THERE, write_crawl

CRAWLED = date(2026, 8, 20)


def crawled(home: Home, crawl_date: date, source: str, location: str, content_hash: str = "0" * 64) -> None:
    """Put the manifest of a crawl into the lake, as if it had been taken."""
    now = datetime(2026, 8, 22, tzinfo=UTC)
    row = {"source": source, "location": location, "as_of": now, "started_at": now, "finished_at": now}
    numbers = {name: 0 for name in TABLES["crawl_manifest"].empty().columns if name.startswith("n_")}
    known = {"seconds_waited": 0.0, "content_hash": content_hash, "complete": True, "bad_records": []}
    frame = pl.DataFrame([row | numbers | known], schema=TABLES["crawl_manifest"].empty().schema)
    home.lake.write(TABLES["crawl_manifest"], crawl_date, frame, {"by": "a test"}, {})


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


HELD: dict[str, Callable[[Path], tuple[str, str]]] = {
    "demo": lambda _: ("demo", "simulated Hub, 20,000 models on 2026-08-31, seed 0"),
    "files": lambda folder: ("files", f"{folder}/crawls/2026-08-20.jsonl"),
    "archive": lambda _: ("archive", "https://huggingface.co/datasets/cfahlgren1/hub-stats"),
    "hub": lambda _: ("hub", "https://huggingface.co"),
}
WANTED: dict[str, Callable[[Path], dict[str, Any]]] = {
    "demo": lambda _: {},
    "another size": lambda _: {"size": 5_000},
    "another seed": lambda _: {"seed": 1},
    "files": lambda folder: {"source": "files", "path": f"{folder}/crawls"},
    "another folder": lambda folder: {"source": "files", "path": f"{folder}/others"},
    "archive": lambda _: {"source": "archive"},
    "hub": lambda _: {"source": "hub"},
}
TOGETHER = {("demo", "demo"), ("files", "files"), *((a, b) for a in ("archive", "hub") for b in ("archive", "hub"))}


@pytest.mark.parametrize("wanted", WANTED)
@pytest.mark.parametrize("held", HELD)
def test_a_home_takes_what_can_be_compared_with_its_crawls_and_nothing_else(
    home: Home, tmp_path: Path, held: str, wanted: str
) -> None:
    """Whatever mdi.toml says: the crawls count."""
    write_crawl(tmp_path / "crawls", TODAY_THERE, 5)
    write_crawl(tmp_path / "others", TODAY_THERE, 6)
    settings = Settings(**WANTED[wanted](tmp_path))
    save_settings(home, settings)
    open_source(home, load_settings(home))
    crawled(home, CRAWLED, *HELD[held](tmp_path))
    if (held, wanted) in TOGETHER:
        open_source(home, load_settings(home))
        return
    with pytest.raises(SettingsError) as refused:
        open_source(home, load_settings(home))
    said = str(refused.value)
    assert "give those a home of their own" in said
    assert "\n" not in said
    assert "another source" in said
    arguments = shlex.split(said.partition("mdi config ")[2])
    assert arguments[:2] == ["--home", str(home.path)]
    changes = dict(argument.split("=", 1) for argument in arguments[2:])
    mended = {name: SETTINGS[name].from_text(text) for name, text in changes.items()}
    save_settings(home, with_changes(settings, **mended))
    open_source(home, load_settings(home))


def test_a_folder_of_crawls_may_be_moved(home: Home, tmp_path: Path) -> None:
    old, new, other = tmp_path / "old", tmp_path / "new", tmp_path / "other"
    write_crawl(old, CRAWLED, 5)
    write_crawl(other, CRAWLED, 6)
    file = old / f"{CRAWLED}.jsonl"
    crawled(home, CRAWLED, "files", str(file), sha256_of(file))
    old.rename(new)
    open_source(home, Settings(source="files", path=str(new)))
    with pytest.raises(SettingsError, match="home of their own"):
        open_source(home, Settings(source="files", path=str(other)))
    with pytest.raises(SourceError, match="no such folder"):
        open_source(home, Settings(source="files", path=str(old.with_name("gone")))).dates()


@pytest.mark.parametrize("held", HELD)
def test_crawls_without_settings_are_refused_with_the_command_that_mends_it(
    home: Home, tmp_path: Path, held: str
) -> None:
    require_settings(home)
    crawled(home, CRAWLED, *HELD[held](tmp_path))
    crawled(home, date(2026, 8, 1), *HELD[held](tmp_path))
    with pytest.raises(SettingsError) as refused:
        require_settings(home)
    arguments = shlex.split(str(refused.value).partition("mdi config ")[2])
    changes = dict(argument.split("=", 1) for argument in arguments[2:])
    assert changes.pop("first_date") == "2026-08-01"
    assert set(changes) == set(TOLD_BY[held])
    assert changes["source"] == held
    save_settings(home, Settings(**{name: SETTINGS[name].from_text(text) for name, text in changes.items()}))
    require_settings(home)


def test_the_newest_crawl_that_can_be_read_counts(home: Home, tmp_path: Path) -> None:
    assert last_crawl(home) is None
    crawled(home, date(2026, 8, 1), *HELD["hub"](tmp_path))
    crawled(home, CRAWLED, *HELD["archive"](tmp_path))
    held = last_crawl(home)
    assert held
    assert (held.crawl_date, held.told_by) == (CRAWLED, {"source": "archive"})
    home.lake.file("crawl_manifest", CRAWLED).write_bytes(b"broken")
    held = last_crawl(home)
    assert held
    assert (held.crawl_date, held.told_by) == (date(2026, 8, 1), {"source": "hub"})


def test_the_simulated_hub_is_known_by_what_its_crawls_say(demo_home: Path) -> None:
    held = last_crawl(Home(demo_home))
    assert held
    assert held.told_by == {"source": "demo", "size": 2_000, "seed": 0}

"""What is wrong with the pages that wait for their crawl to go on."""

from pathlib import Path

import pytest

from mdi_pipeline.hub.live.spool import spool_damage
from mdi_pipeline.simulator.service.server import served
from mdi_pipeline_tests.simulator.hub_over_http import TODAY, crawl, hub, live, stopped_at


@pytest.fixture
def begun(tmp_path: Path) -> Path:
    """The folder of a crawl that was broken off after four pages."""
    with served(hub()) as endpoint, stopped_at(4) as watch:
        crawl(live(endpoint, tmp_path, watch=watch), tmp_path / "work")
    return tmp_path / "hub" / str(TODAY)


def test_s6_a_spool_that_is_whole_has_nothing_wrong(tmp_path: Path, begun: Path) -> None:
    assert len(list(begun.glob("pages/*.parquet"))) == 4
    assert not list(spool_damage(tmp_path))


def test_s6_an_emptied_page_is_said_with_what_is_read_again(tmp_path: Path, begun: Path) -> None:
    (begun / "pages" / "000003.parquet").write_bytes(b"")
    damage = list(spool_damage(tmp_path))
    assert len(damage) == 1
    assert "000003.parquet cannot be read" in damage[0].what
    assert "2 of 4 pages are read again" in damage[0].what
    for file in damage[0].files:
        file.unlink()
    assert not list(spool_damage(tmp_path))


@pytest.mark.parametrize("text", ["", "[]", '{"endpoint": "x"}', '{"endpoint": "x", "as_of": "then"}', None])
def test_s6_a_crawl_that_does_not_say_when_it_began_is_said(tmp_path: Path, begun: Path, text: str | None) -> None:
    if text is None:
        (begun / "crawl.json").unlink()
    else:
        (begun / "crawl.json").write_text(text)
    damage = list(spool_damage(tmp_path))
    assert len(damage) == 1
    assert "begins again, 4 pages are read again" in damage[0].what

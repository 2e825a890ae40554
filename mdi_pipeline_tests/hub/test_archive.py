"""The archive as a source: the Hub's past, revision by revision."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from mdi_pipeline.hub.archive import ArchiveSource
from mdi_pipeline.hub.source import DateRefused, SourceError
from mdi_pipeline.simulator.service.archive import COMMITTED_AT, revision_of
from mdi_pipeline.simulator.service.server import SimulatedHub, served
from mdi_pipeline.simulator.source import DemoSource
from mdi_pipeline_tests.simulator.hub_over_http import SIZE, crawl, hub, manifest

FIRST = date(2025, 1, 1)
DAYS = [FIRST + timedelta(days=number) for number in (0, 1, 2, 4, 5)]
TOKEN = "hf_thisIsNoTokenOfAnybody"


@pytest.fixture
def archived(tmp_path: Path) -> Iterator[tuple[SimulatedHub, ArchiveSource]]:
    simulated = hub(days=DAYS, spool=tmp_path / "archived")
    with served(simulated) as endpoint:
        yield simulated, ArchiveSource(max_age_days=3, endpoint=endpoint, cache=tmp_path / "cache")


def assert_same(models: pl.DataFrame, day: date, folder: Path, *, except_for: set[str]) -> None:
    expected = crawl(DemoSource(SIZE, 0), folder, day).models.sort("model_id")
    compared = [name for name in models.columns if name not in except_for]
    assert models.sort("model_id").select(compared).equals(expected.select(compared))


def test_a_day_is_its_revision_whatever_shape_the_columns_had(
    tmp_path: Path, archived: tuple[SimulatedHub, ArchiveSource]
) -> None:
    _, source = archived
    missing_then = {"base_models", "base_model_relation", "downloads_all_time"}
    for day, except_for in ((DAYS[0], missing_then), (DAYS[-1], set[str]())):
        tables = crawl(source, tmp_path / str(day), day)
        assert_same(tables.models, day, tmp_path / f"demo-{day}", except_for=except_for)
        said = manifest(tables)
        assert said["revision"] == revision_of(day)
        assert said["as_of"] == datetime.combine(day, COMMITTED_AT)
        assert said["source"] == "archive"


def test_a_day_without_a_commit_is_the_newest_before_its_end(
    tmp_path: Path, archived: tuple[SimulatedHub, ArchiveSource]
) -> None:
    _, source = archived
    gap = FIRST + timedelta(days=3)
    assert manifest(crawl(source, tmp_path, gap))["revision"] == revision_of(DAYS[2])
    assert source.fingerprint(gap) == source.fingerprint(DAYS[2]) != source.fingerprint(DAYS[3])


def test_days_before_the_first_commit_and_long_after_the_last_are_refused(
    archived: tuple[SimulatedHub, ArchiveSource],
) -> None:
    _, source = archived
    assert source.dates() == [FIRST + timedelta(days=number) for number in range(8)]
    refused = {
        FIRST - timedelta(days=1): "begins on 2025-01-01",
        FIRST + timedelta(days=8): "max_revision_age_days",
        datetime.now(UTC).date() + timedelta(days=1): "still to come",
    }
    for day, reason in refused.items():
        with pytest.raises(DateRefused, match=reason):
            source.fingerprint(day)


def test_a_file_is_fetched_once(tmp_path: Path, archived: tuple[SimulatedHub, ArchiveSource]) -> None:
    simulated, source = archived
    first = crawl(source, tmp_path / "first", DAYS[1])
    again = crawl(source, tmp_path / "again", DAYS[1])
    assert simulated.n_downloads == 1
    assert first.models.equals(again.models)
    assert manifest(first)["content_hash"] == manifest(again)["content_hash"]


def test_the_token_is_used_and_appears_nowhere(
    tmp_path: Path,
    archived: tuple[SimulatedHub, ArchiveSource],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    caplog.set_level("DEBUG")
    simulated, source = archived
    tables = crawl(source, tmp_path, DAYS[0])
    assert simulated.authorizations == {f"Bearer {TOKEN}"}
    nowhere = ArchiveSource(max_age_days=3, endpoint="http://127.0.0.1:9", cache=tmp_path / "cache")
    monkeypatch.setattr("mdi_pipeline.hub.archive.HfApi.list_repo_commits", _echo_the_token)
    with pytest.raises(SourceError, match="<token>") as error:
        nowhere.dates()
    written = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert TOKEN.encode() not in written
    assert not any(TOKEN in text for text in (str(manifest(tables)), str(error.value), repr(error), caplog.text))


def _echo_the_token(*_: object, **__: object) -> None:
    raise OSError(f"Authorization: Bearer {TOKEN}")

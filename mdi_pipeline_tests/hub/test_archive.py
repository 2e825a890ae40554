"""The archive as a source: the Hub's past, revision by revision."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from mdi_pipeline.hub.archive import ArchiveSource
from mdi_pipeline.hub.live.connection import Patience
from mdi_pipeline.hub.remote_file import RemoteFile
from mdi_pipeline.hub.source import DateRefused, SourceError
from mdi_pipeline.simulator.service.archive import COMMITTED_AT, revision_of
from mdi_pipeline.simulator.service.server import SimulatedHub, served
from mdi_pipeline.simulator.source import DemoSource
from mdi_pipeline_tests.simulator.hub_over_http import SIZE, crawl, hub, manifest

FIRST = date(2025, 1, 1)
DAYS = [FIRST + timedelta(days=number) for number in (0, 1, 2, 4, 5)]
TOKEN = "hf_thisIsNoTokenOfAnybody"


PATIENCE = Patience(connect=2, read=5, whole=20, retries=3, first_wait=0.01)


def archive(endpoint: str, tmp_path: Path) -> ArchiveSource:
    return ArchiveSource(tmp_path / "spool", max_age_days=3, endpoint=endpoint, patience=PATIENCE)


@pytest.fixture
def archived(tmp_path: Path) -> Iterator[tuple[SimulatedHub, ArchiveSource]]:
    simulated = hub(days=DAYS, spool=tmp_path / "archived")
    with served(simulated) as endpoint:
        yield simulated, archive(endpoint, tmp_path)


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


def test_what_was_fetched_is_kept_until_it_has_landed(
    tmp_path: Path, archived: tuple[SimulatedHub, ArchiveSource]
) -> None:
    simulated, source = archived
    first = crawl(source, tmp_path / "first", DAYS[1])
    n_downloads = simulated.n_downloads
    again = crawl(source, tmp_path / "again", DAYS[1])
    assert simulated.n_downloads == n_downloads
    assert first.models.equals(again.models)
    assert manifest(first)["content_hash"] == manifest(again)["content_hash"]
    source.landed(DAYS[1])
    assert not list((tmp_path / "spool").rglob("*.parquet"))


@pytest.mark.parametrize("day", [DAYS[0], DAYS[-1]])
def test_item_8_less_than_a_third_of_a_file_is_fetched(
    tmp_path: Path, archived: tuple[SimulatedHub, ArchiveSource], monkeypatch: pytest.MonkeyPatch, day: date
) -> None:
    simulated, source = archived
    # The file is a ten thousandth of the real one, and so must be what is asked for beyond the need.
    monkeypatch.setattr("mdi_pipeline.hub.partial_parquet.FIRST_TAIL", 4_096)
    monkeypatch.setattr("mdi_pipeline.hub.partial_parquet.GAP", 256)
    tables = crawl(source, tmp_path / "work", day)
    size = simulated.archive.file(day).stat().st_size
    assert tables.models.height > 0
    assert 0 < simulated.n_bytes < size / 3


@pytest.mark.parametrize("n_ranges", [1, 3, 5])
def test_item_8_a_fetch_that_was_killed_goes_on_after_its_last_range(
    tmp_path: Path, archived: tuple[SimulatedHub, ArchiveSource], monkeypatch: pytest.MonkeyPatch, n_ranges: int
) -> None:
    simulated, source = archived
    monkeypatch.setattr("mdi_pipeline.hub.partial_parquet.PART", 16_384)
    whole = crawl(source, tmp_path / "whole", DAYS[-1])
    n_bytes, n_downloads = simulated.n_bytes, simulated.n_downloads
    source.landed(DAYS[-1])
    with monkeypatch.context() as patched:
        patched.setattr(RemoteFile, "read", _killed_after(n_ranges))
        with pytest.raises(KeyboardInterrupt):
            crawl(source, tmp_path / "killed", DAYS[-1])
    with (tmp_path / "spool" / "archive" / str(DAYS[-1]) / "ranges.jsonl").open("a") as written:
        written.write("[12, ")
    resumed = crawl(source, tmp_path / "resumed", DAYS[-1])
    assert resumed.models.equals(whole.models)
    assert manifest(resumed)["content_hash"] == manifest(whole)["content_hash"]
    assert simulated.n_bytes == 2 * n_bytes
    assert simulated.n_downloads == 2 * n_downloads


def _killed_after(n_ranges: int) -> Callable[[RemoteFile, int, int], bytes]:
    left = [n_ranges]
    read = RemoteFile.read

    def killed(remote: RemoteFile, start: int, stop: int) -> bytes:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        return read(remote, start, stop)

    return killed


@pytest.mark.parametrize("fault", ["server_error", "cut"])
def test_item_8_a_store_that_fails_now_and_then_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr("mdi_pipeline.hub.partial_parquet.PART", 8_192)
    simulated = hub(fault, seed=2, share=0.2, days=DAYS, spool=tmp_path / "archived")
    with served(simulated) as endpoint:
        tables = crawl(archive(endpoint, tmp_path), tmp_path / "work", DAYS[-1])
        n_asked_by_crawl = simulated.n_downloads
        well = hub(days=DAYS, spool=tmp_path / "archived")
    with served(well) as endpoint:
        crawl(archive(endpoint, tmp_path / "other"), tmp_path / "well", DAYS[-1])
    assert_same(tables.models, DAYS[-1], tmp_path / "demo", except_for=set())
    assert n_asked_by_crawl > well.n_downloads


def test_s14_a_store_on_another_host_is_followed_without_the_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    simulated = hub("elsewhere", days=DAYS, spool=tmp_path / "archived")
    with served(simulated) as endpoint:
        tables = crawl(archive(endpoint, tmp_path), tmp_path / "work", DAYS[0])
    assert tables.models.height > 0
    # The Hub is asked once, with the token; its store is asked for all ranges, without.
    assert simulated.authorizations == {f"Bearer {TOKEN}", None}
    assert manifest(tables)["n_requests"] == simulated.n_downloads + 2


@pytest.mark.parametrize("content", [b"", b"PAR1", b"<html>" * 100, b"PAR1" + b"\xff" * 4_000 + b"PAR1"])
def test_what_is_no_parquet_file_is_refused_in_one_line(
    tmp_path: Path, archived: tuple[SimulatedHub, ArchiveSource], content: bytes
) -> None:
    simulated, source = archived
    simulated.archive.file(DAYS[0]).write_bytes(content)
    with pytest.raises(SourceError) as refused:
        crawl(source, tmp_path / "work", DAYS[0])
    assert "\n" not in str(refused.value)


def test_s8_the_archive_asks_for_no_coding_agents(
    tmp_path: Path, archived: tuple[SimulatedHub, ArchiveSource], monkeypatch: pytest.MonkeyPatch
) -> None:
    simulated, source = archived
    monkeypatch.setattr("huggingface_hub.constants.AGENT_HARNESSES_PATH", str(tmp_path / "harnesses"))
    monkeypatch.setattr("huggingface_hub.utils._detect_agent._registry", None)
    crawl(source, tmp_path / "work", DAYS[0])
    assert simulated.n_harness_calls == 0


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
    with pytest.raises(SourceError) as error:
        archive("http://127.0.0.1:9", tmp_path).dates()
    written = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert TOKEN.encode() not in written
    assert not any(TOKEN in text for text in (str(manifest(tables)), str(error.value), repr(error), caplog.text))

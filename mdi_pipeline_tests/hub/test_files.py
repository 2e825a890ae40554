"""The source `files`: every shape that a listing comes in, and records that cannot be read."""

import gzip
import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdi_pipeline.hub import bounded_lines
from mdi_pipeline.hub.crawl import CrawlTables, take_crawl
from mdi_pipeline.hub.files import FilesSource
from mdi_pipeline.hub.source import DateRefused, SourceError
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline_tests.shared import SHARED, needs_shared

DAY = date(2026, 8, 22)

RECORD = {
    "_id": "66bfbb1a43a701a837a745ac",
    "id": "org/name",
    "author": "org",
    "createdAt": "2026-08-06T17:14:34.000Z",
    "lastModified": "2026-08-06T17:20:00.000Z",
    "gated": "auto",
    "downloads": 5742,
    "downloadsAllTime": 99,
    "likes": 2,
    "pipeline_tag": "text-generation",
    "library_name": "gguf",
    "tags": ["gguf", "base_model:o/b", "base_model:quantized:o/b"],
    "cardData": {"base_model": "o/b", "base_model_relation": "quantized", "license": "mit"},
    "baseModels": {"relation": "quantized", "models": [{"_id": "1", "id": "o/b"}, {"_id": "2", "id": "o/c"}]},
    "safetensors": {"parameters": {"BF16": 1}, "total": 7},
    "gguf": {"total": 8, "architecture": "qwen2"},
    "config": {"model_type": "qwen2_moe", "peft": {"base_model_name_or_path": "o/b"}},
    "model-index": [
        {
            "name": "name",
            "results": [
                {
                    "task": {"type": "text-generation"},
                    "dataset": {"type": "gsm8k", "name": "GSM8K"},
                    "metrics": [{"type": "acc", "value": 0.5}, {"type": "loss", "value": "about 2"}],
                },
                {"dataset": {"name": "mine"}, "metrics": [{"type": "f1", "value": 71}]},
            ],
        }
    ],
}

CANONICAL = {
    "model_id": "org/name",
    "repository_id": "66bfbb1a43a701a837a745ac",
    "author": "org",
    "created_at": datetime(2026, 8, 6, 17, 14, 34, tzinfo=UTC),
    "last_modified": datetime(2026, 8, 6, 17, 20, tzinfo=UTC),
    "tags": RECORD["tags"],
    "base_models": ["o/b", "o/c"],
    "base_model_relation": "quantized",
    "card_base_models": ["o/b"],
    "card_base_model_relation": "quantized",
    "config_base_model": "o/b",
    "model_type": "qwen2_moe",
    "gguf_architecture": "qwen2",
    "benchmarks": [
        {"dataset": "gsm8k", "metric": "acc", "value": 0.5},
        {"dataset": "gsm8k", "metric": "loss", "value": None},
        {"dataset": "mine", "metric": "f1", "value": 71.0},
    ],
    "pipeline_tag": "text-generation",
    "library_name": "gguf",
    "downloads": 5742,
    "downloads_all_time": 99,
    "likes": 2,
    "n_parameters": 7,
    "gated": "auto",
}


def crawl(folder: Path, crawl_date: date = DAY, **options: float) -> CrawlTables:
    workspace = folder / "workspace"
    workspace.mkdir()
    return take_crawl(FilesSource(folder), crawl_date, workspace, previous_crawl_date=None, **options)


def write_lines(folder: Path, *lines: str | bytes, name: str = f"{DAY}.jsonl") -> None:
    text = b"\n".join(line.encode() if isinstance(line, str) else line for line in lines) + b"\n"
    (folder / name).write_bytes(gzip.compress(text) if name.endswith(".gz") else text)


def model(model_id: str, **fields: object) -> str:
    """A record with what every crawl needs, and further fields."""
    return json.dumps({"id": model_id, "createdAt": "2025-01-01T00:00:00.000Z", "tags": [], **fields})


def unread(tables: CrawlTables) -> dict[str, tuple[str, int]]:
    """The fields that could not be read, with their shape and the number of records."""
    found = tables.manifest["unread_fields"].item().to_list()
    return {entry["field"]: (entry["shape"], entry["n_records"]) for entry in found}


def bad(tables: CrawlTables) -> list[tuple[int, str]]:
    records = tables.manifest["bad_records"].item().to_list()
    return [(record["line_number"], record["reason"]) for record in records]


@pytest.mark.parametrize("name", [f"{DAY}.jsonl", f"{DAY}.jsonl.gz"])
def test_a_json_record_becomes_canonical(tmp_path: Path, name: str) -> None:
    write_lines(tmp_path, json.dumps(RECORD), name=name)
    assert crawl(tmp_path).models.to_dicts() == [CANONICAL]


@pytest.mark.parametrize("card_as_text", [True, False])
@pytest.mark.parametrize("name", [f"{DAY}.parquet", "models-20260822-abc123.parquet"])
def test_a_parquet_record_becomes_the_same(tmp_path: Path, name: str, card_as_text: bool) -> None:
    row = dict(RECORD)
    row["createdAt"] = datetime(2026, 8, 6, 17, 14, 34)  # noqa: DTZ001 - as the archive stores it
    row["lastModified"] = datetime(2026, 8, 6, 17, 20, tzinfo=UTC)
    if card_as_text:
        row["cardData"] = json.dumps(row["cardData"])
        row["config"] = json.dumps(row["config"])
        row["model-index"] = json.dumps(row["model-index"])
    pl.DataFrame([row], strict=False).write_parquet(tmp_path / name)
    assert crawl(tmp_path).models.to_dicts() == [CANONICAL]


@pytest.mark.parametrize(
    "written",
    [None, [], {}, "text", [None], [{"results": None}], [{"results": [{"metrics": 3}]}], [{"results": [[1]]}], 7],
)
def test_a_model_index_of_no_known_shape_holds_no_results(tmp_path: Path, written: object) -> None:
    write_lines(tmp_path, model("a/b", **{"model-index": written}))
    tables = crawl(tmp_path)
    assert bad(tables) == []
    assert tables.models["benchmarks"].to_list() == [None]


def test_a_model_index_may_stand_in_the_card(tmp_path: Path) -> None:
    write_lines(tmp_path, model("a/b", cardData={"model-index": RECORD["model-index"]}))
    assert crawl(tmp_path).models["benchmarks"].to_list() == [CANONICAL["benchmarks"]]


def test_a_record_of_nothing_but_an_id_is_a_model(tmp_path: Path) -> None:
    write_lines(tmp_path, '{"id": "a/b"}', '{"id": "bare"}', model("c/d"))
    models = crawl(tmp_path).models
    assert models["model_id"].to_list() == ["a/b", "bare", "c/d"]
    assert models["author"].to_list() == ["a", None, "c"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"id": "a/b"', "broken JSON"),
        (b'{"id": "a/\xff"}', "id is text that is not Unicode"),
        ('{"id": "a/\\ud800"}', "id is text that is not Unicode"),
        (b'{"id": "a/b"}\xff', "broken JSON"),
        ("[1, 2]", "not a JSON object"),
        ('{"author": "a"}', "no id"),
        ('{"id": ""}', "no id"),
        ('{"id": " "}', "no id"),
        ('{"id": null}', "no id"),
        ('{"id": 7}', "id is number"),
        ('{"id": {"name": "a/b"}}', "id is object"),
    ],
)
def test_an_unreadable_record_is_kept_aside_with_its_line(tmp_path: Path, line: str | bytes, reason: str) -> None:
    write_lines(tmp_path, model("good/one"), "", line, model("good/two"))
    tables = crawl(tmp_path, max_bad_share=0.5)
    assert tables.models["model_id"].to_list() == ["good/one", "good/two"]
    assert bad(tables) == [(3, reason)]
    assert tables.manifest["n_bad_records"].item() == 1


def test_a_time_with_an_offset_is_read_as_utc(tmp_path: Path) -> None:
    write_lines(tmp_path, model("a/b", createdAt="2026-08-06T19:14:34+02:00"))
    assert crawl(tmp_path).models["created_at"].item() == datetime(2026, 8, 6, 17, 14, 34, tzinfo=UTC)


def test_too_many_unreadable_records_fail_the_crawl(tmp_path: Path) -> None:
    write_lines(tmp_path, *[model("a/b")] * 97, *["broken"] * 3)
    with pytest.raises(SourceError, match=r"3 of 100 records \(3\.0%\).*line 98, broken JSON"):
        crawl(tmp_path)


def test_a_repeated_id_counts_once_and_is_counted(tmp_path: Path) -> None:
    write_lines(tmp_path, model("a/b", likes=1), model("a/b", likes=2))
    tables = crawl(tmp_path)
    assert tables.models["likes"].to_list() == [1]
    assert tables.manifest["n_repeated_records"].item() == 1


def test_odd_shapes_of_the_cards_parent_are_skipped_and_counted(tmp_path: Path) -> None:
    cards = ["o/b", ["o/b", "o/c"], 5, {"name": "o/b"}, ["o/b", 5], None]
    write_lines(tmp_path, *(model(f"a/{i}", cardData={"base_model": card}) for i, card in enumerate(cards)))
    tables = crawl(tmp_path)
    assert tables.models["card_base_models"].to_list() == [["o/b"], ["o/b", "o/c"], None, None, ["o/b"], None]
    assert tables.manifest["n_card_parents_skipped"].item() == 3


def test_a_byte_order_mark_is_no_error(tmp_path: Path) -> None:
    write_lines(tmp_path, b"\xef\xbb\xbf" + model("a/b").encode())
    assert crawl(tmp_path).models["model_id"].to_list() == ["a/b"]


def test_a_truncated_archive_is_named(tmp_path: Path) -> None:
    whole = gzip.compress(b'{"id": "a/b"}\n' * 5_000)
    (tmp_path / f"{DAY}.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SourceError, match=r"2026-08-22\.jsonl\.gz: cannot be read"):
        crawl(tmp_path)


def test_a_date_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    write_lines(tmp_path, '{"id": "a/b"}')
    with pytest.raises(DateRefused, match="no crawl of 2026-01-01: its 1 dates go from 2026-08-22 to 2026-08-22"):
        FilesSource(tmp_path).fingerprint(date(2026, 1, 1))


def test_the_dates_are_those_of_the_files_oldest_first(tmp_path: Path) -> None:
    for name in (
        "2026-08-15.jsonl",
        "models-20260801.parquet",
        "2026-08-08.jsonl.zst",
        "2026-13-01.jsonl",
        "notes.txt",
    ):
        write_lines(tmp_path, model("a/b"), name=name)
    assert FilesSource(tmp_path).dates() == [date(2026, 8, day) for day in (1, 8, 15)]


def test_two_files_of_one_date_are_refused(tmp_path: Path) -> None:
    write_lines(tmp_path, '{"id": "a/b"}')
    write_lines(tmp_path, '{"id": "a/b"}', name=f"{DAY}.jsonl.gz")
    with pytest.raises(SourceError, match="are of the same day"):
        FilesSource(tmp_path).dates()


def test_m10_what_is_named_like_a_crawl_and_is_none_is_left_aside(tmp_path: Path) -> None:
    write_lines(tmp_path, model("a/b"))
    (tmp_path / "2026-01-01.jsonl").mkdir()
    (tmp_path / "2026-01-02.jsonl").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "2026-01-03.jsonl")
    (tmp_path / "2026-01-04.jsonl").symlink_to("/dev/zero")
    (tmp_path / "2026-01-05.jsonl").symlink_to("2026-01-05.jsonl")
    write_lines(tmp_path, model("a/b"), name="2026-01-06.jsonl")
    write_lines(tmp_path, model("a/b"), name="models-20260106-\x1b[31m.parquet")
    write_lines(tmp_path, model("a/b"), name="2026-09-03.jsonl")
    source = FilesSource(tmp_path, now=lambda: datetime(2026, 9, 1, 23, 59, tzinfo=UTC))
    assert source.dates() == [DAY]
    assert source.left_aside() == [
        "2026-01-01.jsonl: a folder",
        "2026-01-02.jsonl: a link that leads nowhere",
        "2026-01-03.jsonl: no regular file",
        "2026-01-04.jsonl: no regular file",
        "2026-01-05.jsonl: cannot be read (Too many levels of symbolic links)",
        r"2026-01-06.jsonl, models-20260106-\x1b[31m.parquet: are of the same day",
        "2026-09-03.jsonl: a day still to come",
    ]
    with pytest.raises(DateRefused, match=r"2026-01-03\.jsonl: left aside: no regular file"):
        source.fingerprint(date(2026, 1, 3))


def test_m10_a_file_of_tomorrow_is_a_crawl(tmp_path: Path) -> None:
    write_lines(tmp_path, model("a/b"))
    source = FilesSource(tmp_path, now=lambda: datetime(2026, 8, 21, tzinfo=UTC))
    assert source.dates() == [DAY]


def test_m10_a_folder_of_nothing_but_what_is_left_aside_says_so(tmp_path: Path) -> None:
    (tmp_path / f"{DAY}.jsonl").mkdir()
    with pytest.raises(SourceError, match=r"no crawl in it but what is left aside: 2026-08-22\.jsonl: a folder"):
        FilesSource(tmp_path).dates()


def test_m10_a_file_that_may_not_be_read_is_left_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_lines(tmp_path, model("a/b"))
    write_lines(tmp_path, model("a/b"), name="2026-01-01.jsonl")
    monkeypatch.setattr("os.access", lambda file, _: file.name != "2026-01-01.jsonl")
    assert FilesSource(tmp_path).left_aside() == ["2026-01-01.jsonl: may not be read"]


def test_other_files_are_no_crawls(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("no crawl")
    (tmp_path / "2026-02-31.jsonl").write_text("no such day")
    with pytest.raises(SourceError, match="no crawl in it"):
        FilesSource(tmp_path).dates()


def test_the_fingerprint_follows_the_content(tmp_path: Path) -> None:
    write_lines(tmp_path, '{"id": "a/b"}')
    before = FilesSource(tmp_path).fingerprint(DAY)
    write_lines(tmp_path, '{"id": "a/c"}')
    assert FilesSource(tmp_path).fingerprint(DAY) != before


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2**70) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(records=st.lists(st.dictionaries(st.sampled_from(list(RECORD)), JSON_VALUES), min_size=1, max_size=20))
def test_any_record_is_a_model_or_kept_aside(tmp_path_factory: pytest.TempPathFactory, records: list[object]) -> None:
    folder = tmp_path_factory.mktemp("crawl")
    write_lines(folder, model("a/b"), *(json.dumps(record) for record in records))
    tables = crawl(folder, max_bad_share=1.0)
    manifest = tables.manifest.row(0, named=True)
    assert manifest["n_models"] + manifest["n_repeated_records"] + manifest["n_bad_records"] == 1 + len(records)
    TABLES["model_snapshots"].conform(tables.models)
    TABLES["crawl_manifest"].conform(tables.manifest)


@needs_shared
@pytest.mark.parametrize(
    ("folder", "sizes"),
    [
        ("radar", {date(2026, 8, 19): 11_566, date(2026, 8, 20): 12_772, date(2026, 8, 21): 13_192, DAY: 15_156}),
        ("weekly", {date(2025, 3, 19): 24_255}),
    ],
)
def test_real_crawls_are_read_whole(tmp_path: Path, folder: str, sizes: dict[date, int]) -> None:
    source = FilesSource(SHARED / "data" / folder)
    assert set(sizes) <= set(source.dates())
    for crawl_date, size in sizes.items():
        workspace = tmp_path / str(crawl_date)
        workspace.mkdir()
        tables = take_crawl(source, crawl_date, workspace, previous_crawl_date=None)
        assert (tables.models.height, tables.manifest["n_bad_records"].item()) == (size, 0)


def test_records_of_many_pieces_keep_their_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_lines, "PIECE_BYTES", 200)
    lines = [model(f"a/{number:02}") for number in reversed(range(40))]
    lines[17], lines[31] = "broken", ""
    write_lines(tmp_path, *lines, lines[5])
    tables = crawl(tmp_path, max_bad_share=0.5)
    assert bad(tables) == [(18, "broken JSON")]
    assert tables.models["model_id"].to_list() == [f"a/{number:02}" for number in range(40) if number not in {22, 8}]
    assert tables.manifest["n_repeated_records"].item() == 1


def test_a_parquet_file_damaged_in_the_middle_is_told_in_a_line(tmp_path: Path) -> None:
    file = tmp_path / f"{DAY}.parquet"
    pl.DataFrame({"id": [f"a/{number * 7919 % 10_007}" for number in range(10_000)]}).write_parquet(
        file, row_group_size=500
    )
    held = bytearray(file.read_bytes())
    held[len(held) // 2 : len(held) // 2 + 500] = bytes(500)
    file.write_bytes(held)
    with pytest.raises(SourceError, match=rf"{DAY}.parquet: cannot be read: [^\n]*$"):
        crawl(tmp_path)


@pytest.mark.parametrize("name", [f"{DAY}.jsonl", f"{DAY}.parquet"])
def test_duckdb_leaves_nothing_behind_when_python_ends(tmp_path: Path, name: str) -> None:
    if name.endswith("parquet"):
        pl.DataFrame([{"id": "a/b"}]).write_parquet(tmp_path / name)
    else:
        write_lines(tmp_path, '{"id": "a/b"}')
    code = (
        "from datetime import date; from pathlib import Path; from mdi_pipeline.hub.files import FilesSource; "
        f"folder = Path({str(tmp_path)!r}); kept = FilesSource(folder).crawl(date({DAY:%Y, %-m, %-d}), folder)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stderr == ""

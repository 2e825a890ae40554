"""Fields in shapes that the Hub does not write: read where that is sure, else null in that field alone and counted."""

import json
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from mdi_pipeline.hub.source import SourceError
from mdi_pipeline_tests.hub.test_files import CANONICAL, DAY, RECORD, bad, crawl, model, unread, write_lines

MISSING = "nothing"
"""Stands for a value that counts as absent: it has no shape."""


@pytest.mark.parametrize(
    ("field", "written", "column", "value", "shape"),
    [
        ("downloads", "10.0", "downloads", 10, MISSING),
        ("downloads", "1e3", "downloads", 1000, MISSING),
        ("downloads", '"345"', "downloads", 345, MISSING),
        ("downloads", '" 345.0 "', "downloads", 345, MISSING),
        ("downloads", "1.5", "downloads", None, "fraction"),
        ("downloads", '"1.5"', "downloads", None, "fraction"),
        ("downloads", "-1", "downloads", None, "negative number"),
        ("downloads", "123456789012345678901234567890", "downloads", None, "number too large"),
        ("downloads", '"many"', "downloads", None, "text"),
        ("downloads", '"0x1F"', "downloads", None, "text"),
        ("downloads", "true", "downloads", None, "boolean"),
        ("downloads", "[3]", "downloads", None, "list"),
        ("downloads", "{}", "downloads", None, "object"),
        ("downloads", '""', "downloads", None, MISSING),
        ("downloadsAllTime", "NaN", "downloads_all_time", None, MISSING),
        ("downloadsAllTime", '"NaN"', "downloads_all_time", None, MISSING),
        ("downloadsAllTime", "Infinity", "downloads_all_time", None, "number"),
        ("likes", "null", "likes", None, MISSING),
        ("library_name", "false", "library_name", None, "boolean"),
        ("library_name", "NaN", "library_name", None, MISSING),
        ("pipeline_tag", '["text-generation"]', "pipeline_tag", None, "list"),
        ("pipeline_tag", '"text\\ud800"', "pipeline_tag", None, "text that is not Unicode"),
        ("pipeline_tag", '"\\ud83d\\ude00 \\\\ud800"', "pipeline_tag", "\N{GRINNING FACE} \\ud800", MISSING),
        ("author", "7", "author", "a", "number"),
        ("gated", "false", "gated", "false", MISSING),
        ("gated", "[]", "gated", None, "list"),
        ("tags", '"[\\"x\\"]"', "tags", ["x"], MISSING),
        ("tags", '"x"', "tags", None, "text that is not JSON"),
        ("tags", "\"['x', 'y']\"", "tags", None, "text that is not JSON"),
        ("tags", '["x", 5, null]', "tags", ["x"], "list with other than text"),
        ("tags", '["x", "\\udc00"]', "tags", ["x"], "text that is not Unicode"),
        ("tags", '{"x": 1}', "tags", None, "object"),
        ("cardData", '"{\\"base_model\\": \\"a/p\\"}"', "card_base_models", ["a/p"], MISSING),
        ("cardData", '"{\\"base_model\\": \\"a/p\\", \\"x\\": NaN}"', "card_base_models", ["a/p"], MISSING),
        ("cardData", '"{\\"base_model\\": \\"a/p\\", \\"x\\": \\"\\\\ud800\\"}"', "card_base_models", ["a/p"], MISSING),
        ("cardData", '{"base_model": "a/p", "license": "\\ud800"}', "card_base_models", ["a/p"], MISSING),
        ("cardData", '""', "card_base_models", None, MISSING),
        ("cardData", '"null"', "card_base_models", None, MISSING),
        ("cardData", "[1]", "card_base_models", None, "list"),
        ("cardData", '"base_model: a/p"', "card_base_models", None, "text that is not JSON"),
        ("baseModels", "[]", "base_models", None, MISSING),
        ("baseModels", "{}", "base_models", None, MISSING),
        ("baseModels", '["a/p", "a/q"]', "base_models", ["a/p", "a/q"], MISSING),
        ("baseModels", '[{"id": "a/p"}]', "base_models", ["a/p"], MISSING),
        ("baseModels", '{"models": ["a/p"]}', "base_models", ["a/p"], MISSING),
        ("baseModels", '{"models": [{"id": "a/p"}, {"id": 5}]}', "base_models", ["a/p"], "list with other than text"),
        ("baseModels", '{"models": 5}', "base_models", None, "number"),
        ("baseModels", '{"parents": ["a/p"]}', "base_models", None, "object without models"),
        ("baseModels", '"a/p"', "base_models", None, "text that is not JSON"),
        ("lastModified", '"yesterday"', "last_modified", None, "text"),
        ("lastModified", '"2026-13-01"', "last_modified", None, "text"),
        ("lastModified", '"1926-01-01"', "last_modified", None, "impossible time"),
        ("lastModified", '"infinity"', "last_modified", None, "impossible time"),
        ("lastModified", "1735689600", "last_modified", datetime(2025, 1, 1, tzinfo=UTC), MISSING),
        ("lastModified", "1735689600000", "last_modified", datetime(2025, 1, 1, tzinfo=UTC), MISSING),
        ("lastModified", "1e300", "last_modified", None, "number"),
        ("safetensors", '{"total": 10.0}', "n_parameters", 10, MISSING),
        ("safetensors", '{"total": "many"}', "n_parameters", 8, "text"),
        ("safetensors", "5", "n_parameters", 8, "number"),
        ("config", '{"model_type": 5}', "model_type", None, "number"),
        ("config", '{"peft": "lora"}', "config_base_model", None, MISSING),
    ],
)
def test_m3_an_odd_field_harms_itself_alone(
    tmp_path: Path, field: str, written: str, column: str, value: object, shape: str
) -> None:
    odd = json.dumps(dict(RECORD, **{field: "HERE"})).replace('"HERE"', written)
    write_lines(tmp_path, json.dumps(RECORD | {"id": "org/other"}), odd)
    tables = crawl(tmp_path)
    assert bad(tables) == []
    row = tables.models.filter(model_id="org/name").row(0, named=True)
    if column == "author":
        value = "org"
    assert row[column] == value
    others = set(CANONICAL) - _columns_of(field)
    assert {name: row[name] for name in others} == {name: CANONICAL[name] for name in others}
    counted = [(shape, 1)] if shape != MISSING else []
    assert list(unread(tables).values()) == counted
    assert all(name.split(".")[0] == field for name in unread(tables))


def _columns_of(field: str) -> set[str]:
    """The columns that are made of a field."""
    names = {
        "downloadsAllTime": {"downloads_all_time"},
        "lastModified": {"last_modified"},
        "cardData": {"card_base_models", "card_base_model_relation"},
        "baseModels": {"base_models", "base_model_relation"},
        "safetensors": {"n_parameters"},
        "config": {"config_base_model", "model_type"},
    }
    return names.get(field, {field})


def test_m3_bytes_that_are_not_utf8_harm_their_field_alone(tmp_path: Path) -> None:
    write_lines(tmp_path, model("a/b", library_name="peft", pipeline_tag="x").encode().replace(b'"x"', b'"\xff\xfe"'))
    tables = crawl(tmp_path)
    assert tables.models.select("model_id", "library_name", "pipeline_tag").rows() == [("a/b", "peft", None)]
    assert unread(tables) == {"pipeline_tag": ("text that is not Unicode", 1)}


def test_m3_a_field_is_counted_once_for_each_shape_and_record(tmp_path: Path) -> None:
    write_lines(tmp_path, *(model(f"a/{number}", likes="x") for number in range(3)), model("a/3", likes=False))
    found = crawl(tmp_path).manifest["unread_fields"].item().to_list()
    assert found == [
        {"field": "likes", "shape": "boolean", "n_records": 1},
        {"field": "likes", "shape": "text", "n_records": 3},
    ]


def test_s9_a_record_nested_deeply_is_read(tmp_path: Path) -> None:
    deep = "[" * 100_000 + "]" * 100_000
    write_lines(tmp_path, model("a/b", likes=3, config="HERE").replace('"HERE"', f'{{"x": {deep}}}'), model("c/d"))
    tables = crawl(tmp_path)
    assert bad(tables) == []
    assert tables.models.select("model_id", "likes").rows() == [("a/b", 3), ("c/d", None)]


def write_parquet(folder: Path, **columns: object) -> None:
    frame = pl.DataFrame({"id": ["a/b", "c/d"], "createdAt": [datetime(2025, 1, 1)] * 2, "tags": [[], []], **columns})  # noqa: DTZ001
    frame.write_parquet(folder / f"{DAY}.parquet")


@pytest.mark.parametrize("field", [name for name in RECORD if name not in {"_id", "id", "createdAt"}])
def test_m4_a_column_of_nulls_is_null(tmp_path: Path, field: str) -> None:
    pl.DataFrame(
        {"id": ["a/b"], "createdAt": ["2025-01-01"], "cardData": ["{}"], "baseModels": ["{}"], field: [None]}
    ).write_parquet(tmp_path / f"{DAY}.parquet")
    tables = crawl(tmp_path)
    assert tables.models["model_id"].to_list() == ["a/b"]
    assert unread(tables) == {}


@pytest.mark.parametrize(
    ("card", "parents"),
    [
        ([b'{"base_model": "a/p"}', None], [["a/p"], None]),
        (['{"base_model": ["a/p", "a/q"]}', ""], [["a/p", "a/q"], None]),
        ([{"base_model": ["a/p"]}, {"base_model": None}], [["a/p"], None]),
    ],
)
def test_m4_a_card_is_read_from_bytes_text_and_structs(tmp_path: Path, card: list[object], parents: object) -> None:
    write_parquet(tmp_path, cardData=card)
    tables = crawl(tmp_path)
    assert tables.models["card_base_models"].to_list() == parents
    assert unread(tables) == {}


@pytest.mark.parametrize(
    ("card", "shape"),
    [
        (["{'base_model': 'a/p'}", None], "text that is not JSON"),
        ([b"\xff\xfe", None], "text that is not Unicode"),
        ([5, None], "number"),
    ],
)
def test_m4_a_card_that_cannot_be_read_is_counted(tmp_path: Path, card: list[object], shape: str) -> None:
    write_parquet(tmp_path, cardData=card)
    tables = crawl(tmp_path)
    assert tables.models["model_id"].to_list() == ["a/b", "c/d"]
    assert unread(tables) == {"cardData": (shape, 1)}


@pytest.mark.parametrize(
    "written",
    [
        [["a/p"], None],
        [{"models": ["a/p"]}, None],
        [[{"id": "a/p"}], None],
        [[b"a/p"], None],
        [b'["a/p"]', None],
        ['{"models": [{"id": "a/p"}]}', None],
        [{"relation": None, "models": [{"_id": "1", "id": "a/p"}]}, {"relation": None, "models": None}],
    ],
)
def test_m4_the_hubs_own_parents_are_read_in_every_shape(tmp_path: Path, written: list[object]) -> None:
    write_parquet(tmp_path, baseModels=written)
    tables = crawl(tmp_path)
    assert tables.models["base_models"].to_list() == [["a/p"], None]
    assert unread(tables) == {}


@pytest.mark.parametrize(
    "name",
    ["reason", "file_row_number", "FILE_ROW_NUMBER", "mdi_created_at", "line_number", "problem", "unread", "id text",
     "createdAt moment", "record", "filename", "model_id", 'a"b', "excerpt"],
)  # fmt: skip
def test_m4_a_column_of_the_source_may_have_any_name(tmp_path: Path, name: str) -> None:
    write_parquet(tmp_path, **{name: ["x", "y"], "likes": ["many", "3"]})
    tables = crawl(tmp_path)
    assert tables.models.select("model_id", "likes").rows() == [("a/b", None), ("c/d", 3)]
    assert unread(tables) == {"likes": ("text", 1)}


def test_m4_rows_without_an_id_keep_their_number_beside_a_column_named_like_it(tmp_path: Path) -> None:
    write_parquet(tmp_path, id=["a/b", None], file_row_number=[70, 71])
    assert bad(crawl(tmp_path, max_bad_share=0.5)) == [(2, "no id")]


@pytest.mark.parametrize(
    ("written", "likes"),
    [
        (pl.Series([1.5, 2.0]), [None, 2]),
        (pl.Series([float("nan"), 2.0]), [None, 2]),
        (pl.Series(["7", "8.0"]), [7, 8]),
        (pl.Series(["7", "8.00"]).cast(pl.Decimal(10, 2)), [7, 8]),
        (pl.Series([7, 8], dtype=pl.UInt8), [7, 8]),
        (pl.Series([2**64 - 1, 8], dtype=pl.UInt64), [None, 8]),
        (pl.Series([True, None]), [None, None]),
    ],
)
def test_m4_a_number_is_read_from_any_type(tmp_path: Path, written: pl.Series, likes: list[int | None]) -> None:
    write_parquet(tmp_path, likes=written)
    assert crawl(tmp_path).models["likes"].to_list() == likes


def test_m4_a_parquet_file_that_claims_more_rows_than_it_can_hold_is_refused(tmp_path: Path) -> None:
    rows = "SELECT 'a/b' AS id, '2025-01-01' AS \"createdAt\", '[]' AS tags FROM range(30_000_000)"
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({rows}) TO '{tmp_path / f'{DAY}.parquet'}' (FORMAT parquet)")
    with pytest.raises(SourceError, match=r"30,000,000 rows in [0-9,]+ bytes"):
        crawl(tmp_path)


DUMPED = {
    "id": "org/name",
    "author": "org",
    "created_at": "2026-08-06 17:14:34+00:00",
    "last_modified": "2026-08-06T17:20:00+00:00",
    "gated": "auto",
    "downloads": 5742,
    "downloads_all_time": 99,
    "likes": 2,
    "pipeline_tag": "text-generation",
    "library_name": "gguf",
    "tags": RECORD["tags"],
    "card_data": RECORD["cardData"],
    "base_models": RECORD["baseModels"],
    "safetensors": RECORD["safetensors"],
    "gguf": RECORD["gguf"],
    "config": RECORD["config"],
    "model_index": RECORD["model-index"],
    "model-index": None,
    "siblings": None,
}
"""A record as huggingface_hub dumps it."""


def test_m5_a_dump_of_huggingface_hub_is_read_from_json_lines(tmp_path: Path) -> None:
    write_lines(tmp_path, json.dumps(DUMPED))
    assert crawl(tmp_path).models.to_dicts() == [CANONICAL | {"repository_id": None}]


def test_m5_a_dump_of_huggingface_hub_is_read_from_parquet(tmp_path: Path) -> None:
    moments = {
        "created_at": datetime(2026, 8, 6, 17, 14, 34, tzinfo=UTC),
        "last_modified": datetime(2026, 8, 6, 17, 20, tzinfo=UTC),
    }
    row = DUMPED | moments | {"model_index": json.dumps(DUMPED["model_index"])}
    pl.DataFrame([row], strict=False).write_parquet(tmp_path / f"{DAY}.parquet")
    assert crawl(tmp_path).models.to_dicts() == [CANONICAL | {"repository_id": None}]


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ([{"id": "a/b"}], r"no record has createdAt, which is needed\. What was found: id\.$"),
        ([{"id": "a/b", "created": "2025-01-01", "tags": []}], "no record has createdAt.*created, id, tags"),
        ([{"id": "a/b", "createdAt": "soon", "tags": []}], r"createdAt, createdAt \(text in 1 records\), id"),
        (
            [{"id": "a/b", "createdAt": "2025-01-01"}],
            "no record has tags, cardData or baseModels, of which one is needed",
        ),
        ([{"id": "a/b", "createdAt": "2025-01-01", "cardData": "{'x': 1}"}], r"cardData \(text that is not JSON in 1"),
    ],
)
@pytest.mark.parametrize("as_parquet", [False, True])
def test_m5_a_field_that_no_record_has_is_named_with_what_came(
    tmp_path: Path, records: list[dict[str, object]], message: str, as_parquet: bool
) -> None:
    if as_parquet:
        pl.DataFrame(records).write_parquet(tmp_path / f"{DAY}.parquet")
    else:
        write_lines(tmp_path, *map(json.dumps, records))
    with pytest.raises(SourceError, match=message):
        crawl(tmp_path)

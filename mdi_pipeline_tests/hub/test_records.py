"""What the canonical columns say of a record, the same from every shape of file."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from mdi_pipeline.hub.json_lines import parse_json_lines
from mdi_pipeline.hub.parquet import parse_parquet


def read(folder: Path, record: dict[str, Any], shape: str) -> dict[str, Any]:
    """A record as it is read from JSON lines, or from Parquet with structs or with JSON text in their place."""
    if shape == "lines":
        (folder / "listing.jsonl").write_text(json.dumps(record))
        parsed = parse_json_lines(folder / "listing.jsonl")
    else:
        as_text = {name: json.dumps(value) if isinstance(value, dict) else value for name, value in record.items()}
        pl.DataFrame([as_text if shape == "text" else record]).write_parquet(folder / "listing.parquet")
        parsed = parse_parquet(folder / "listing.parquet", folder)
    return parsed.records.row(0, named=True)


@pytest.mark.parametrize("shape", ["lines", "struct", "text"])
@pytest.mark.parametrize(
    ("fields", "n_parameters"),
    [
        ({"safetensors": {"parameters": {"BF16": 7_615_616_512}, "total": 333_312}}, 7_615_616_512),
        ({"safetensors": {"parameters": {"I32": 1_000, "F16": 24}, "total": 8_000}}, 8_000),
        ({"safetensors": {"parameters": {"BF16": 1_000, "F32": 24}}}, 1_024),
        ({"safetensors": {"total": 0}, "gguf": {"total": 5}}, 5),
        ({"safetensors": {"total": 3}, "gguf": {"total": 5}}, 3),
        ({"safetensors": {"parameters": {"F32": 0}, "total": -1}, "gguf": {"total": 5}}, 5),
        ({"safetensors": {"parameters": {"F32": 7, "BF16": -5}}}, 7),
        ({"safetensors": {"parameters": {"F32": "1000", "BF16": 24.0}}}, 1_024),
        ({"safetensors": {"parameters": {"F32": 7, "BF16": None}}}, 7),
        ({"safetensors": {"parameters": {"F32": 2**62, "BF16": 2**62}, "total": 9}}, 9),
        ({"safetensors": {"parameters": [1, 2], "total": 9}}, 9),
        ({"safetensors": {"parameters": {"F32": 1e40}}, "gguf": {"total": 0}}, None),
        ({"safetensors": {"parameters": None, "total": None}}, None),
    ],
)
def test_m6_the_number_of_parameters_is_the_largest_that_the_weights_state(
    tmp_path: Path, fields: dict[str, object], n_parameters: int | None, shape: str
) -> None:
    assert read(tmp_path, {"id": "o/b", **fields}, shape)["n_parameters"] == n_parameters


@pytest.mark.parametrize("safetensors", [5, [1], "many", {"parameters": {"F32": {"count": 1}}}, None])
def test_m6_weights_of_no_known_shape_state_no_parameters(tmp_path: Path, safetensors: object) -> None:
    record = {"id": "o/b", "safetensors": safetensors, "gguf": {"total": 5}}
    assert read(tmp_path, record, "lines")["n_parameters"] == 5


@pytest.mark.parametrize("shape", ["lines", "struct", "text"])
@pytest.mark.parametrize(
    ("fields", "repository_id"),
    [
        ({"_id": "66bfbb1a43a701a837a745ac"}, "66bfbb1a43a701a837a745ac"),
        ({"_id": None}, None),
        ({}, None),
    ],
)
def test_m7_the_hubs_own_name_of_a_repository_is_kept(
    tmp_path: Path, fields: dict[str, object], repository_id: str | None, shape: str
) -> None:
    assert read(tmp_path, {"id": "o/b", **fields}, shape)["repository_id"] == repository_id


@pytest.mark.parametrize("odd", [5, ["66bf"], {"$oid": "66bf"}, True, ""])
def test_m7_a_name_of_another_shape_is_null_and_costs_no_record(tmp_path: Path, odd: object) -> None:
    assert read(tmp_path, {"id": "o/b", "_id": odd}, "lines")["repository_id"] is None

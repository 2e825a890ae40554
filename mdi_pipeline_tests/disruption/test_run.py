"""Scores of files: what goes in, what comes out, and what is said when something is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from mdi_pipeline.disruption.errors import FileError, GraphError
from mdi_pipeline.disruption.run import score_files, score_graph
from mdi_pipeline.disruption.text import typed_ids, typed_times
from mdi_pipeline_tests.disruption.oracle import oracle

EDGES = {
    "child": ["f", "f", "g", "c", "c", "d", "d", "g", "p"],
    "parent": ["p", "p", "p", "f", "p", "f", "d", "away", "f"],
}
MODELS = {"id": ["p", "f", "g", "c", "d", "dateless"], "created_at": [0, 10, 20, 30, 99, None]}


def written(folder: Path, edges: Any, models: Any, kind: str = "csv", models_kind: str | None = None) -> list[Path]:
    paths = [folder / f"edges.{kind}", folder / f"models.{models_kind or kind}"]
    for path, table in zip(paths, (edges, models), strict=True):
        frame = pl.DataFrame(table)
        if path.suffix == ".csv":
            frame.write_csv(path)
        else:
            frame.write_parquet(path)
    return paths


def read(path: Path) -> pl.DataFrame:
    return pl.read_csv(path) if path.suffix == ".csv" else pl.read_parquet(path)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize("out", ["out.csv", "out.parquet"])
def test_scores_and_counts_of_what_went_in(tmp_path: Path, kind: str, out: str) -> None:
    run = score_files(*written(tmp_path, EDGES, MODELS, kind), tmp_path / out, 90)
    scores = read(tmp_path / out)
    assert scores.columns == [
        "id",
        "n_parents",
        "n_children",
        "n_i",
        "n_j",
        "n_k",
        "mdi",
        "cd",
        "cd_nok",
        "mcd",
        "di5",
        "dep",
    ]
    assert scores["id"].to_list() == [*MODELS["id"], "away"]
    times = dict(zip(*MODELS.values(), strict=True))
    for name, expected in oracle(list(zip(*EDGES.values(), strict=True)), times, 90).items():
        row = scores.row(by_predicate=pl.col("id") == name, named=True)
        assert {column: row[column] for column in expected if column in row} == pytest.approx(
            {column: value for column, value in expected.items() if column in row}
        )
    assert (run.n_models, run.n_edges, run.n_stubs) == (6, 9, 1)
    assert (run.n_duplicates, run.n_loops, run.n_time_reversed) == (1, 1, 1)
    mdi = scores["mdi"]
    assert run.share_negative == (mdi < 0).sum() / 7 > 0
    assert run.share_zero == (mdi == 0).sum() / 7
    assert run.share_positive == (mdi > 0).sum() / 7 > 0
    assert run.share_undefined == mdi.null_count() / 7 > 0
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([f"edges.{kind}", f"models.{kind}", out])


def test_files_and_frames_give_the_same(tmp_path: Path) -> None:
    score_files(*written(tmp_path, EDGES, MODELS, "parquet"), tmp_path / "out.parquet", None)
    expected = score_graph(pl.DataFrame(EDGES), pl.DataFrame(MODELS), None)
    assert read(tmp_path / "out.parquet").equals(expected)


@pytest.mark.parametrize(("kind", "models_kind"), [("csv", "csv"), ("csv", "parquet"), ("parquet", "csv")])
def test_whole_numbers_are_integers_even_from_text(tmp_path: Path, kind: str, models_kind: str) -> None:
    edges, models = {"child": [2, 3], "parent": [1, 2]}, {"id": [1, 2, 3], "created_at": [1, 2, 3]}
    score_files(*written(tmp_path, edges, models, kind, models_kind), tmp_path / "out.parquet", 9)
    assert read(tmp_path / "out.parquet")["id"].dtype == pl.Int64


def test_text_ids_meet_across_kinds_of_files(tmp_path: Path) -> None:
    run = score_files(*written(tmp_path, EDGES, MODELS, "csv", "parquet"), tmp_path / "out.csv", 9)
    assert run.n_stubs == 1


@pytest.mark.parametrize("odd", ["007", "+7", "7.0", "seven", "99999999999999999999"])
def test_one_odd_id_makes_all_of_them_text(odd: str) -> None:
    columns = typed_ids(pl.Series("child", ["1", "2"]), pl.Series("id", ["3", odd]))
    assert [column.dtype for column in columns] == [pl.String] * 2


@pytest.mark.parametrize(
    ("times", "dtype"),
    [
        (["1", "-5", "", None], pl.Int64),
        (["2025-01-31", None], pl.Date),
        (["2025-01-31 10:00:00", "2025-01-31T10:00:00.123456"], pl.Datetime("us")),
        (["2025-01-31T10:00:00.000Z", "2025-01-31 10:00:00+02:00"], pl.Datetime("us", "UTC")),
        (["", None], pl.Int64),
    ],
)
def test_times_are_what_all_of_them_are(times: list[str], dtype: Any) -> None:
    assert typed_times(pl.Series("created_at", times, dtype=pl.String)).dtype == dtype


@pytest.mark.parametrize(
    ("times", "message"),
    [
        (["5", "2025-01-31"], r"'created_at' mixes integers \(5\) and dates \(2025-01-31\)"),
        (["2025-01-31", "2025-01-31 10:00:00"], r"mixes dates \(2025-01-31\) and datetimes \(2025-01-31 10:00:00\)"),
        (["5", "soon"], r"mixes integers \(5\) and what is no time at all \(soon\)"),
    ],
)
def test_mixed_times_are_named(times: list[str], message: str) -> None:
    with pytest.raises(GraphError, match=message):
        typed_times(pl.Series("created_at", times))


def test_what_is_wrong_with_a_file_is_said_and_nothing_is_written(tmp_path: Path) -> None:
    edges, models = written(tmp_path, EDGES, MODELS)
    broken = tmp_path / "broken.parquet"
    broken.write_text("no Parquet at all")
    empty = tmp_path / "empty.csv"
    empty.touch()
    out = tmp_path / "out.csv"
    before = set(tmp_path.iterdir())
    for arguments, message in [
        ((tmp_path / "none.csv", models, out), "none.csv: there is no such file"),
        ((broken, models, out), "broken.parquet: cannot be read as parquet"),
        ((empty, models, out), "empty.csv: cannot be read as csv"),
        ((models, models, out), "models.csv: no column 'child'; it has id, created_at"),
        ((edges, models, tmp_path / "out.xlsx"), "out.xlsx: the name must end in .parquet or .csv"),
        ((edges, models, tmp_path / "none" / "out.csv"), "there is no folder"),
        ((edges, models, models), "would overwrite what they are made from"),
    ]:
        with pytest.raises(FileError, match=message):
            score_files(*arguments, 90)
    with pytest.raises(GraphError, match="must be positive"):
        score_files(edges, models, out, 0)
    assert set(tmp_path.iterdir()) == before


def test_progress_ends_with_all_of_it(tmp_path: Path) -> None:
    heard: list[float] = []
    score_files(*written(tmp_path, EDGES, MODELS), tmp_path / "out.csv", 90, heard.append)
    assert heard == sorted(heard)
    assert heard[-1] == 1

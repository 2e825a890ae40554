"""Scores of files: what goes in, what comes out, and what is said when something is wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime
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


INTEGERS = [pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.Int128, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64]
CHAIN = pl.DataFrame({"child": [2, 3], "parent": [1, 2]})


def followed(times: pl.Series, window: int | None) -> list[int]:
    """The models that follow on each of three, of which each derives from the one before."""
    models = pl.DataFrame({"id": [1, 2, 3], "created_at": times})
    return score_graph(CHAIN, models, window)["n_i"].to_list()


@pytest.mark.parametrize("dtype", [*INTEGERS, pl.Decimal(10, 0), pl.Decimal(10, 2), pl.Float32, pl.Float64])
def test_g1_times_may_be_whole_numbers_of_any_type(dtype: Any) -> None:
    assert followed(pl.Series([1, 2, 5]).cast(dtype), 2) == [1, 0, 0]
    assert followed(pl.Series([1, 2, None]).cast(dtype), None) == [1, 0, 0]


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_g1_times_may_be_durations_and_times_of_day(unit: Any) -> None:
    days = pl.Series([1, 2, 5]) * 86_400
    ticks = days * {"ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}[unit]
    assert followed(ticks.cast(pl.Duration(unit)), 2) == [1, 0, 0]
    assert followed(ticks.cast(pl.Datetime(unit)), 2) == [1, 0, 0]
    assert followed((pl.Series([1, 2, 5]) * 10**9).cast(pl.Time), 1) == [1, 1, 0]


@pytest.mark.parametrize(
    "times",
    [
        pl.Series([1.5, 2.0, 3.0]),
        pl.Series([float("nan"), 2.0, 3.0]),
        pl.Series([float("inf"), 2.0, 3.0]),
        pl.Series(["1.50", "2", "3"]).cast(pl.Decimal(10, 2)),
        pl.Series([2**63, 2, 3], dtype=pl.UInt64),
        pl.Series([-(2**62), 2, 3]),
        pl.Series([True, False, True]),
    ],
)
def test_g1_times_that_are_not_whole_or_too_large_are_an_error(times: pl.Series) -> None:
    with pytest.raises(GraphError, match="'created_at'"):
        followed(times, 2)


@pytest.mark.parametrize("window", [2**31, 2**62, 2**63 - 1, 2**63, 10**30])
@pytest.mark.parametrize(
    "times",
    [
        pl.Series([-(2**62) + 1, 0, 2**62 - 1]),
        pl.Series([date(1, 1, 1), date(2025, 1, 1), date(9999, 1, 1)]),
        pl.Series([datetime(1, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)]),
    ],
    ids=["integers", "dates", "datetimes"],
)
def test_g1_a_window_longer_than_all_time_holds_all_that_comes_later(times: pl.Series, window: int) -> None:
    reaches = window >= 2**62 or not times.dtype.is_integer()
    assert followed(times, window) == ([1, 1, 0] if reaches else [0, 0, 0])


PLAIN_EDGES = "child,parent\n2,1\n3,2\n"
PLAIN_MODELS = "id,created_at\n1,2025-01-01\n2,2025-01-02\n3,\n"


def scores_of(folder: Path, edges: str, models: str) -> pl.DataFrame:
    (folder / "edges.csv").write_bytes(edges.encode())
    (folder / "models.csv").write_bytes(models.encode())
    score_files(folder / "edges.csv", folder / "models.csv", folder / "out.parquet", 90)
    return pl.read_parquet(folder / "out.parquet")


@pytest.mark.parametrize(
    ("edges", "models"),
    [
        (PLAIN_EDGES + "\n", PLAIN_MODELS + "\n\n"),
        ("child,parent\n\n2,1\n  \n3,2\n , \n", PLAIN_MODELS),
        ("child, parent\n2, 1\n 3 ,2\t\n", " id ,created_at \n1 , 2025-01-01\n2,2025-01-02 \n3, \n"),
        (PLAIN_EDGES.replace("\n", "\r\n") + "\r\n", PLAIN_MODELS.replace("\n", "\r\n")),
        ("\ufeff" + PLAIN_EDGES, "\ufeff" + PLAIN_MODELS),
        (
            "child,parent\n'2','1'\n".replace("'", '"') + '"3"," 2"\n',
            PLAIN_MODELS.replace("2025-01-01", '"2025-01-01"'),
        ),
        ("child,note,parent\n2,x,1\n,,\n3,,2\n", PLAIN_MODELS),
        ("child,parent\n2,1\n3,\u00a02\n", PLAIN_MODELS),
    ],
    ids=["trailing lines", "lines between", "blanks", "crlf", "byte-order mark", "quotes", "other columns", "no-break"],
)
def test_g2_blanks_and_blank_lines_of_csv_do_not_count(tmp_path: Path, edges: str, models: str) -> None:
    expected = scores_of(tmp_path, PLAIN_EDGES, PLAIN_MODELS)
    assert expected["id"].to_list() == [1, 2, 3]
    assert scores_of(tmp_path, edges, models).equals(expected)


def test_g2_a_line_without_an_id_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"edges.csv: no 'parent' in line 4, and in 1 others"):
        scores_of(tmp_path, "child,parent\n2,1\n\n3,\n3, \n", PLAIN_MODELS)
    with pytest.raises(FileError, match=r"models.csv: no 'id' in line 2"):
        scores_of(tmp_path, PLAIN_EDGES, "id,created_at\n,2025-01-01\n")
    with pytest.raises(GraphError, match=r"'parent' of the edges is null in 1 rows, first in row 2"):
        score_graph(CHAIN.with_columns(parent=pl.Series([1, None])), pl.DataFrame({"id": [1], "created_at": [1]}))


def test_g2_edges_whose_ids_are_written_otherwise_are_an_error_that_shows_one_of_each(tmp_path: Path) -> None:
    with pytest.raises(GraphError, match=r"of the 4 ends of the edges 0 are among .* an end is '1.0', a model is '1'"):
        scores_of(tmp_path, "child,parent\n2.0,1.0\n3.0,2.0\n", PLAIN_MODELS)
    with pytest.raises(GraphError, match="there are no models"):
        score_graph(CHAIN, pl.DataFrame(schema={"id": pl.Int64, "created_at": pl.Int64}))
    assert not (tmp_path / "out.parquet").exists()
    many = pl.DataFrame({"child": [f"o/{number}" for number in range(100)], "parent": ["p"] * 100})
    born = pl.DataFrame({"id": ["o/0"], "created_at": [1]})
    with pytest.raises(GraphError, match=r"of the 200 ends of the edges 1 are among"):
        score_graph(many, born)
    few = pl.concat([born, pl.DataFrame({"id": ["o/1", "o/2"], "created_at": [1, 1]})])
    assert score_graph(many, few).height == 101


def test_g2_no_edges_are_no_error() -> None:
    assert score_graph(CHAIN.clear(), pl.DataFrame({"id": [1], "created_at": [1]})).height == 1

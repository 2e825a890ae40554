"""SQL over the lake."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from mdi_pipeline.lake.store import Lake
from mdi_pipeline.lake.views import make_views, stale_views
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline_tests.lake.test_store import summary

MADE_FROM = {"by": "a test"}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path / "it's a lake")
    lake.write(TABLES["network_summary"], date(2026, 8, 21), summary(2), MADE_FROM, {})
    return lake


def test_views_show_all_partitions_with_their_date_and_words(lake: Lake) -> None:
    with duckdb.connect() as connection:
        assert make_views(lake, connection) == ["network_summary"]
        lake.write(TABLES["network_summary"], date(2026, 8, 22), summary(3), MADE_FROM, {})
        rows = connection.execute("SELECT crawl_date, count(*) FROM network_summary GROUP BY ALL ORDER BY 1").fetchall()
        comments = dict(
            connection.execute(
                "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = 'network_summary'"
            ).fetchall()
        )
    assert rows == [(date(2026, 8, 21), 2), (date(2026, 8, 22), 3)]
    assert comments["value"] == TABLES["network_summary"].columns[1].meaning


def test_views_are_made_again_only_when_the_place_changes(lake: Lake, tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        make_views(lake, connection)
        assert stale_views(lake) == []
        moved = Lake(lake.root.rename(tmp_path / "moved"))
        assert stale_views(moved) == ["network_summary"]
        make_views(moved, connection)
        assert connection.execute("SELECT count(*) FROM network_summary").fetchone() == (2,)


def test_a_column_that_older_partitions_lack_is_null_there(lake: Lake) -> None:
    older = lake.file("network_summary", date(2026, 8, 20))
    older.parent.mkdir()
    summary(1).drop("meaning").with_columns(former=pl.lit(1)).write_parquet(older)
    with duckdb.connect() as connection:
        make_views(lake, connection)
        rows = connection.execute("SELECT crawl_date, count(meaning) FROM network_summary GROUP BY ALL ORDER BY 1")
        assert rows.fetchall() == [(date(2026, 8, 20), 0), (date(2026, 8, 21), 2)]
    columns = {column.name: column.dtype for column in TABLES["network_summary"].columns}
    history = (
        lake.history("network_summary", columns)
        .group_by("crawl_date")
        .agg(pl.col("meaning").count())
        .sort("crawl_date")
    )
    assert history.collect().rows() == [(date(2026, 8, 20), 0), (date(2026, 8, 21), 2)]
    assert "former" not in lake.history("network_summary", columns).collect_schema()


def test_the_view_of_a_table_that_is_no_more_goes(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    with duckdb.connect() as connection:
        monkeypatch.setitem(TABLES, "former", replace(TABLES["network_summary"], name="former"))
        lake.write(TABLES["former"], date(2026, 8, 21), summary(2), MADE_FROM, {})
        assert set(make_views(lake, connection)) == {"former", "network_summary"}
        assert connection.execute("SELECT count(*) FROM former").fetchone() == (2,)
        monkeypatch.undo()
        lake.write(TABLES["crawl_manifest"], date(2026, 8, 21), TABLES["crawl_manifest"].empty(), MADE_FROM, {})
        assert make_views(lake, connection) == ["crawl_manifest"]
        with pytest.raises(duckdb.CatalogException):
            connection.execute("FROM former")
        assert make_views(lake, connection) == []


def test_tables_that_have_not_landed_have_no_view(lake: Lake) -> None:
    with duckdb.connect() as connection:
        make_views(lake, connection)
        assert connection.execute("SELECT count(*) FROM duckdb_views() WHERE NOT internal").fetchone() == (1,)


def test_a_table_across_dates_is_one_file_and_its_view_has_no_date(lake: Lake) -> None:
    assert lake.held("model_history") == []
    lake.write(TABLES["model_history"], None, TABLES["model_history"].empty(), MADE_FROM, {})
    assert lake.held("model_history") == [None]
    assert lake.stamp("model_history", None).made_from == MADE_FROM
    assert lake.dates("model_history") == []
    with duckdb.connect() as connection:
        make_views(lake, connection)
        columns = [row[0] for row in connection.execute("DESCRIBE model_history").fetchall()]
    assert columns == [column.name for column in TABLES["model_history"].columns]

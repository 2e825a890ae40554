from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
import pytest

from mdi_pipeline_tests.made_up import made_up_crawl

Query = Callable[..., list[tuple[object, ...]]]


@pytest.fixture(scope="session")
def crawl() -> dict[str, pl.DataFrame]:
    return made_up_crawl(800, seed=3)


@pytest.fixture
def query(tmp_path: Path) -> Query:
    """Rows of an SQL query over frames, each a view of the name it is given."""

    def rows(sql: str, **frames: pl.DataFrame) -> list[tuple[object, ...]]:
        with duckdb.connect() as connection:
            for name, frame in frames.items():
                frame.write_parquet(tmp_path / f"{name}.parquet")
                connection.execute(f"CREATE VIEW {name} AS FROM read_parquet('{tmp_path / name}.parquet')")
            return connection.execute(sql).fetchall()

    return rows

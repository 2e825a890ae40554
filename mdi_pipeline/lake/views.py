"""SQL over the lake: a DuckDB file with a commented view for each table.

Views are made when a table first lands, and again only when its columns or the home's place change; new
partitions show by themselves. Nothing of the pipeline reads this file, so a program that holds it open delays a
change of views and nothing else.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from mdi_pipeline.lake.store import PART, PARTITIONS, Lake
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline.tables.registry import Table

if TYPE_CHECKING:
    import duckdb

STATE = ".views.json"


def stale_views(lake: Lake) -> list[str]:
    """The tables that have landed and whose view is missing or no longer right."""
    made, landed = _made(lake), [name for name in TABLES if lake.held(name)]
    resolved = Lake(lake.root.resolve())
    return [name for name in landed if made.get(name) != _digest(_statements(resolved, TABLES[name]))]


def make_views(lake: Lake, connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Make the views that are stale, all or none; their names come back. Those of tables that are no more go."""
    stale = stale_views(lake)
    made, resolved = _made(lake), Lake(lake.root.resolve())
    connection.begin()
    for name in made.keys() - TABLES.keys():
        connection.execute(f"DROP VIEW IF EXISTS {name}")
        del made[name]
    for name in stale:
        statements = _statements(resolved, TABLES[name])
        for statement in statements:
            connection.execute(statement)
        made[name] = _digest(statements)
    connection.commit()
    if stale:
        _remember(lake, made)
    return stale


def _statements(resolved: Lake, table: Table) -> list[str]:
    columns = ", ".join(column.name for column in table.columns)
    # Partitions that an earlier version wrote may lack a column: it is null there.
    lacking = "SELECT " + ", ".join(f"NULL AS {column.name}" for column in table.columns) + " WHERE false"
    comments = [f"COMMENT ON VIEW {table.name} IS {_literal(table.row)}"]
    if table.across_dates:
        file = _literal(str(resolved.file(table.name, None)))
        view = (
            f"CREATE OR REPLACE VIEW {table.name} AS SELECT {columns} FROM ({lacking} "
            f"UNION ALL BY NAME FROM read_parquet({file}))"
        )
    else:
        files = _literal(str(resolved.root / table.name / PARTITIONS / PART))
        view = (
            f"CREATE OR REPLACE VIEW {table.name} AS SELECT crawl_date, {columns} FROM ({lacking} "
            f"UNION ALL BY NAME FROM read_parquet({files}, hive_partitioning = true, "
            "hive_types = {'crawl_date': DATE}, union_by_name = true))"
        )
        comments.append(f"COMMENT ON COLUMN {table.name}.crawl_date IS 'Date of the crawl (UTC).'")
    for column in table.columns:
        unit = f" [{column.unit}]" if column.unit else ""
        comments.append(f"COMMENT ON COLUMN {table.name}.{column.name} IS {_literal(column.meaning + unit)}")
    return [view, *comments]


def _literal(text: str) -> str:
    escaped = text.replace("'", "''")
    return f"'{escaped}'"


def _digest(statements: list[str]) -> str:
    return hashlib.sha256("\n".join(statements).encode()).hexdigest()


def _made(lake: Lake) -> dict[str, str]:
    try:
        made: dict[str, str] = json.loads(_state(lake).read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return made


def _remember(lake: Lake, made: dict[str, str]) -> None:
    with lake.workspace() as folder:
        staged = folder / "views.json"
        staged.write_text(json.dumps(made, indent=1, sort_keys=True))
        staged.replace(_state(lake))


def _state(lake: Lake) -> Path:
    return lake.root / STATE

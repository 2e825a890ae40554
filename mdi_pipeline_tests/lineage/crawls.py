"""Small crawls in canonical columns, and the lineage of one in rows."""

from datetime import datetime
from typing import Any

import polars as pl

from mdi_pipeline.lineage.parsing import Lineage
from mdi_pipeline.tables.catalogue import TABLES

SCHEMA = {column.name: column.dtype for column in TABLES["model_snapshots"].columns}


def crawl(*models: dict[str, Any]) -> pl.LazyFrame:
    """A crawl of models, each given by what matters of it."""
    return pl.DataFrame([{name: model.get(name) for name in SCHEMA} for model in models], schema=SCHEMA).lazy()


def model(model_id: str, created_at: datetime | None = None, **fields: Any) -> dict[str, Any]:
    """One model."""
    return {"model_id": model_id, "created_at": created_at, **fields}


def edges(lineage: Lineage, *columns: str) -> list[tuple[object, ...]]:
    """The edges, by child and parent."""
    return lineage.edges.sort("child_id", "parent_id").select("child_id", "parent_id", *columns).rows()


def rejected(lineage: Lineage) -> list[tuple[object, ...]]:
    """The declarations that make no edge."""
    return lineage.rejected.sort(pl.all()).select("child_id", "declared_parent", "phase", "reason").rows()

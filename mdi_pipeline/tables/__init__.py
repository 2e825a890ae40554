"""The one registry of tables: their columns, types, units, meaning, keys and invariants.

Everything that must agree on a column reads it here: the checks before a table lands, Dagster's
column schemas, the comments in DuckDB and docs/tables.md. Imports nothing else of this project.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mdi_pipeline.tables.catalogue import TABLES

_MODULES = {"TABLES": "catalogue"}
"""Where each public name is defined; imported when it is first asked for, since the schemas take half a second."""

__all__ = ["TABLES"]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)

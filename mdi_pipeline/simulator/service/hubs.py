"""Hubs ready to be served: the simulation of a size and a seed, or any folder of crawls."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl

from mdi_pipeline.hub.database import ArrowTable, connect, quoted
from mdi_pipeline.hub.fields import COUNTS, FIELDS
from mdi_pipeline.hub.files import FilesSource
from mdi_pipeline.simulator.listing import simulated_listing
from mdi_pipeline.simulator.service.archive import SimulatedArchive
from mdi_pipeline.simulator.service.faults import Faults
from mdi_pipeline.simulator.service.pages import SimulatedListing, rendered
from mdi_pipeline.simulator.service.quota import Quota
from mdi_pipeline.simulator.service.server import SimulatedHub
from mdi_pipeline.simulator.source import DemoSource


def demo_hub(
    size: int, seed: int, spool: Path, *, quota: Quota, faults: Faults, archived: Sequence[date] | None = None
) -> SimulatedHub:
    """The simulated Hub of a size and a seed on its last date; its archive has all its days, or those given."""
    days = DemoSource(size, seed).dates()
    archive = SimulatedArchive(
        days if archived is None else archived, lambda day: simulated_listing(size, seed, day), spool
    )
    listing = SimulatedListing(rendered(simulated_listing(size, seed, days[-1])))
    return SimulatedHub(listing, archive, quota, faults)


def folder_hub(folder: Path, spool: Path, *, quota: Quota, faults: Faults) -> SimulatedHub:
    """The Hub as the newest crawl of a folder has it; its archive has all crawls of the folder.

    Raises `SourceError` where the folder holds none.
    """
    source = FilesSource(folder)
    archive = SimulatedArchive(source.dates(), lambda day: _listing_of(source.file(day), spool), spool)
    newest = source.dates()[-1]
    return SimulatedHub(SimulatedListing(rendered(_listing_of(source.file(newest), spool))), archive, quota, faults)


def _listing_of(file: Path, spool: Path) -> pl.DataFrame:
    """The listing that a file holds; lines that are no record are left out."""
    if file.suffix == ".parquet":
        return pl.read_parquet(file)
    spool.mkdir(parents=True, exist_ok=True)
    typed = spool / "typed.parquet"
    structure = json.dumps({name: _structure(name) for name in FIELDS})
    with connect() as connection:
        connection.register("lines", ArrowTable(pl.scan_lines(file, name="line").collect()))
        connection.execute(
            f"COPY (SELECT unnest(json_transform(line, '{structure}')) FROM lines "
            f"WHERE json_valid(line) AND json_type(line) = 'OBJECT') TO '{quoted(typed)}' (FORMAT parquet)"
        )
    return pl.read_parquet(typed).filter(pl.col("id").is_not_null())


def _structure(field: str) -> str | list[str]:
    """A field's type as DuckDB's JSON functions take it; fields of any shape stay JSON text."""
    if field == "tags":
        return ["VARCHAR"]
    return "BIGINT" if field in COUNTS else "VARCHAR"

"""Homes on small crawls, and what is in them."""

import hashlib
import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
from typer.testing import CliRunner, Result

from mdi_pipeline.cli.main import app
from mdi_pipeline.home.folder import Home
from mdi_pipeline.tables.catalogue import TABLES

TODAY_THERE = date(2026, 8, 22)


def mdi(home: Path, *arguments: str) -> Result:
    """Run a command of `mdi` on a home, in this process."""
    return CliRunner().invoke(app, [*arguments, "--home", str(home)], catch_exceptions=True)


def process(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `mdi` in a process of its own, as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "mdi_pipeline", *arguments], capture_output=True, text=True, check=False
    )


def contents(home: Path) -> dict[str, str]:
    """A digest of every partition but the manifest, which holds the times of the crawl, and of every report."""
    files = [*(home / "lake").glob("*/**/*.parquet"), *(home / "reports").glob("*/report.html")]
    return {
        str(file.relative_to(home)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(files)
        if "crawl_manifest" not in file.parts
    }


def n_partitions(home: Path) -> int:
    """How many partitions of tables there are."""
    return sum(len(Home(home).lake.held(table)) for table in TABLES)


def write_crawl(folder: Path, crawl_date: date, n_models: int) -> None:
    """A crawl with a root, finetunes of it a day apart, and a copy of each of them a day later."""
    folder.mkdir(parents=True, exist_ok=True)
    born = datetime(2026, 1, 1, tzinfo=UTC)
    records = [{"id": "lab/base", "createdAt": born.isoformat(), "tags": ["text-generation"]}]
    for i in range(1, n_models):
        parent = "lab/base" if i % 2 else f"author-{i - 1}/tune"
        kind = "finetune" if i % 2 else "quantized"
        records.append(
            {
                "id": f"author-{i}/tune",
                "createdAt": (born + timedelta(days=i % 120, seconds=i)).isoformat(),
                "tags": [f"base_model:{parent}", f"base_model:{kind}:{parent}"],
            }
        )
    lines = "\n".join(json.dumps(record) for record in records)
    (folder / f"{crawl_date}.jsonl").write_text(lines)


def read(home: Path, table: str, crawl_date: date) -> pl.DataFrame:
    """A partition."""
    return Home(home).lake.read(table, crawl_date)

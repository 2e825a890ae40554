"""`mdi doctor`: what is wrong with the installation, the home or the lake, and what to do."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.progress import track
from rich.text import Text

from mdi_pipeline.cli.console import console, errors
from mdi_pipeline.home.folder import Home
from mdi_pipeline.home.settings import SettingsError, load_settings
from mdi_pipeline.home.sources import open_source, require_settings
from mdi_pipeline.hub.source import SourceError
from mdi_pipeline.lake.liveness import Fate, fate_of, process_named
from mdi_pipeline.lake.store import LakeError
from mdi_pipeline.lake.views import make_views, stale_views
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline.tables.registry import TableInvalid

if TYPE_CHECKING:
    from collections.abc import Callable

REQUIRED = ("dagster", "dagster-webserver", "dagster-duckdb", "polars", "duckdb", "dataframely", "igraph", "numba")

LITTLE_SPACE = 2**30
"""Bytes below which a crawl of the whole Hub may not fit."""

NOT_FROM_HERE = "whether that process still runs cannot be seen from here"


@dataclass(frozen=True)
class Note:
    """Something to know that need not be wrong."""

    what: str


@dataclass(frozen=True)
class Ailment:
    """Something wrong, and what mends it without losing anything, where anything does."""

    what: str
    mend: Callable[[], object] | None = None


def examine(home_path: Path | None, *, mend: bool) -> None:
    """Examine everything; exit with 1 where something is wrong and was not mended."""
    home = Home.at(home_path)
    console.print(f"home  {home.path}", soft_wrap=True)
    found = [*_installation(), *_settings(home), *_instance(home), *_partitions(home), *_left_behind(home)]
    found += [*_spool(home), *_views(home)]
    stale = list(_stale(home))
    unmended = 0
    for finding in found:
        if isinstance(finding, Note):
            console.print(f"note    {finding.what}", soft_wrap=True)
        elif mend and finding.mend:
            finding.mend()
            console.print(f"mended  {finding.what}", soft_wrap=True)
        else:
            unmended += 1
            hint = "  (mdi doctor --mend)" if finding.mend else ""
            console.print(Text.assemble(("wrong", "bold red"), f"   {finding.what}{hint}"), soft_wrap=True)
    for said in stale:
        console.print(f"stale   {said}", soft_wrap=True)
    n_partitions = sum(len(home.lake.held(table)) for table in TABLES)
    old = f", {len(stale)} stale" if stale else ""
    console.print(f"{n_partitions} partitions of {len(TABLES)} tables; {unmended or 'nothing'} wrong{old}")
    if unmended:
        raise typer.Exit(1)


def _installation() -> Iterator[Ailment]:
    for package in REQUIRED:
        try:
            version(package)
        except PackageNotFoundError:
            yield Ailment(f"{package} is not installed: pip install mdi_pipeline")


def _settings(home: Home) -> Iterator[Ailment | Note]:
    if not home.path.exists():
        yield Ailment(f"{home.path} is not there yet. Make it: mdi run")
        return
    try:
        settings = load_settings(home)
        require_settings(home)
        if settings.source == "files":  # others are asked over the network, or have nothing that could be missing
            yield from (
                Note(f"{settings.path}: {left}: left aside") for left in open_source(home, settings).left_aside()
            )
    except (SettingsError, SourceError) as error:
        yield Ailment(str(error))
    if home.lake.root.exists() and not os.access(home.lake.root, os.W_OK):
        yield Ailment(f"{home.lake.root} cannot be written: is its disk mounted read-only, or is it another user's?")
    if shutil.disk_usage(home.path).free < LITTLE_SPACE:
        yield Ailment(f"less than 1 GB is free on the disk of {home.path}")


def _instance(home: Home) -> Iterator[Ailment | Note]:
    """Dagster's own database must be whole, and no run in progress whose process is gone."""
    broken = list(_broken_databases(home))
    yield from broken or _runs_in_progress(home)


def _runs_in_progress(home: Home) -> Iterator[Ailment | Note]:
    if not (home.instance / "dagster.yaml").exists():
        return
    from mdi_pipeline.orchestration.instance import end_dead_runs, open_instance, runs_in_progress

    def end() -> None:
        with open_instance(home) as instance:
            end_dead_runs(instance)

    try:
        with open_instance(home) as instance:
            in_progress = runs_in_progress(instance)
    except SettingsError as error:
        yield Ailment(str(error))
        return
    for judged in in_progress:
        named = f"run {judged.run.run_id} of {judged.run.tags.get('dagster/partition', 'all crawls')}"
        if judged.fate is Fate.GONE:
            yield Ailment(f"the process of {named} was killed, and it still counts as in progress", end)
        elif judged.fate is Fate.UNKNOWN:
            yield Note(
                f"{named} counts as in progress, in {process_named(judged.process)}; {NOT_FROM_HERE}. If it is gone, "
                "end the run in the UI (Terminate)"
            )


def _broken_databases(home: Home) -> Iterator[Ailment]:
    """Dagster's SQLite files that are not whole; each is put aside, and Dagster makes a new one."""
    for file in sorted(home.instance.rglob("*.db")):
        try:
            with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as connection:
                verdict = connection.execute("PRAGMA quick_check").fetchone()[0]
        except sqlite3.DatabaseError as error:
            verdict = str(error)
        if verdict != "ok":
            yield Ailment(f"{file} is broken ({verdict}); its run history is lost, no table is", _aside(file))


def _aside(file: Path) -> Callable[[], object]:
    return partial(file.replace, file.with_name(f"{file.name}.broken"))


def _views(home: Home) -> Iterator[Ailment]:
    stale = stale_views(home.lake)
    if stale:
        what = f"{home.database} lacks the views of {', '.join(stale)}, or has them of another place"
        yield Ailment(what, partial(_make_views, home))


def _make_views(home: Home) -> None:
    import duckdb

    try:
        with home.lock("views"), duckdb.connect(str(home.database)) as connection:
            make_views(home.lake, connection)
    except duckdb.IOException:
        raise LakeError(f"{home.database} is held open by another process: close it there, then mend again") from None


def _partitions(home: Home) -> Iterator[Ailment]:
    """Every partition must be readable and as the registry says."""
    for table in TABLES:
        folder = home.lake.root / table
        if folder.exists() and not folder.is_dir():
            yield Ailment(f"{folder} is a file where a folder belongs: move it away")
    everything = [(table, crawl_date) for table in TABLES for crawl_date in home.lake.held(table)]
    for table, crawl_date in track(everything, "examining", console=errors, transient=True):
        try:
            TABLES[table].conform(home.lake.read(table, crawl_date))
        except (LakeError, TableInvalid) as error:
            file = home.lake.file(table, crawl_date)
            yield Ailment(f"{error}".replace(" --force", ""), partial(file.unlink))
        else:
            if home.lake.stamp(table, crawl_date) is None:
                of_which = crawl_date or "all crawls"
                yield Ailment(f"{table} of {of_which} does not say what it was made from; the next run makes it again")


def _stale(home: Home) -> Iterator[str]:
    """What the next run of a crawl date would compute again, and why: that is nothing wrong."""
    from mdi_pipeline.orchestration.staleness import stale_results

    try:
        found = list(stale_results(home, load_settings(home)))
    except SettingsError:
        return  # which is said already
    for stale in found:
        of_which = stale.crawl_date or "all crawls"
        command = f"mdi run --crawl-date {stale.crawl_date}" if stale.crawl_date else "mdi run"
        yield f"{', '.join(stale.steps)} of {of_which}: {stale.reason}. Make again: {command}"


def _spool(home: Home) -> Iterator[Ailment]:
    """What a crawl that was broken off left behind must be readable, for the crawl to go on."""
    from mdi_pipeline.hub.live.spool import spool_damage

    for damage in spool_damage(home.spool):
        yield Ailment(damage.what, partial(_delete, damage.files))


def _delete(files: tuple[Path, ...]) -> None:
    for file in files:
        file.unlink(missing_ok=True)


def _left_behind(home: Home) -> Iterator[Ailment | Note]:
    for stranger in home.lake.strangers():
        yield Note(f"{stranger} is no partition of its table: nothing reads it")
    for path, process in home.lake.staged().items():
        fate = fate_of(process)
        if fate is Fate.GONE:
            yield Ailment(f"{path} was left by a process that is gone", partial(shutil.rmtree, path))
        elif fate is Fate.UNKNOWN:
            yield Note(f"{path} is of {process_named(process)}; {NOT_FROM_HERE}. If it is gone, delete the folder")

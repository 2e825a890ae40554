"""`mdi run`: fill crawl dates and say what came out."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import typer
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from mdi_pipeline.cli.console import complain, console, errors, percent
from mdi_pipeline.cli.top import Ranking, print_ranking
from mdi_pipeline.home.folder import Home
from mdi_pipeline.home.settings import load_settings, with_changes
from mdi_pipeline.home.sources import open_source, require_settings
from mdi_pipeline.hub.source import CrawlProgress
from mdi_pipeline.lake.views import stale_views
from mdi_pipeline.orchestration.dates import dates_wanted
from mdi_pipeline.orchestration.run import DateRun, fill, fill_history, remember

LONG_WAIT = 20.0
"""Seconds of waiting that are said where no progress bar is seen."""


@dataclass(frozen=True)
class RunOptions:
    """What the command line asked for: the dates from `first` to `last`, and `settings` by name, for this run alone."""

    first: date | None
    last: date | None
    settings: Mapping[str, Any]
    force: bool


class RunBar:
    """A progress bar over all steps of all dates; off a terminal, where none is seen, long waits are said in lines."""

    def __init__(self, bar: Progress, task: TaskID) -> None:
        self._bar, self._task = bar, task
        self.crawl_date: date | None = None

    def begin(self, step: str) -> None:
        """A step begins: those before it are done."""
        self._bar.update(self._task, advance=1, description=f"{self.crawl_date or 'all crawls'} {step}")

    def crawled(self, progress: CrawlProgress) -> None:
        """A crawl has come so far."""
        self._bar.update(self._task, description=f"{self.crawl_date} crawl: {_in_words(progress)}")
        if progress.waiting >= LONG_WAIT and not self._bar.console.is_terminal:
            self._bar.console.print(f"{self.crawl_date} crawl: {_in_words(progress)}", soft_wrap=True)


def _in_words(progress: CrawlProgress) -> str:
    words = [f"{progress.n_models:,} models", f"{progress.n_pages:,} pages", f"{progress.models_per_second:,.0f}/s"]
    if progress.seconds_waited >= 1:
        words.append(f"waited {_duration(progress.seconds_waited)}")
    if progress.waiting >= 1:
        words.append(f"waiting {_duration(progress.waiting)} for the rate limit")
    if progress.seconds_left is not None:
        words.append(f"about {_duration(progress.seconds_left)} left")
    return ", ".join(words)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def run_dates(home_path: Path | None, options: RunOptions) -> None:
    """Fill the dates that are wanted, one after the other; exit with 1 where one failed."""
    home = Home.at(home_path)
    require_settings(home)
    settings = with_changes(load_settings(home), **options.settings)
    source = open_source(home, settings)
    for line in source.left_aside():
        errors.print(Text(f"left aside: {line}"), soft_wrap=True)
    dates = dates_wanted(source, home.lake.dates("model_snapshots"), options.first, options.last)
    remember(home, settings, dates)
    runs, history = _fill_all(home, dates, options)
    _print_dates(home, dict(zip(dates, runs, strict=True)))
    for run in (*runs, *history):
        for message in run.errors:
            complain(f"{run.crawl_date or 'all crawls'}: {message}")
    done = [crawl_date for crawl_date, run in zip(dates, runs, strict=True) if not run.errors]
    for crawl_date in done:
        _print_unread(home, crawl_date)
    if done:
        _print_findings(home, done[-1], settings.window_days)
    if any(run.errors for run in (*runs, *history)):
        raise typer.Exit(1)


def _fill_all(home: Home, dates: list[date], options: RunOptions) -> tuple[list[DateRun], list[DateRun]]:
    """What became of each date, and of what spans all dates; that is left alone where no date worked."""
    from mdi_pipeline.orchestration.steps.registry import STEPS

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    runs = []
    with Progress(*columns, console=errors, transient=True) as bar:
        progress = RunBar(bar, bar.add_task("starting", total=len(dates) * (len(STEPS) - 1) + 1))
        for crawl_date in dates:
            progress.crawl_date = crawl_date
            started = time.monotonic()
            runs.append(fill(home, crawl_date, progress, force=options.force, overrides=options.settings))
            if not bar.console.is_terminal:
                errors.print(f"{crawl_date}: {time.monotonic() - started:.1f} s")
        progress.crawl_date = None
        worked = any(not run.errors for run in runs)
        history = []
        if worked:
            history.append(fill_history(home, progress, force=options.force, overrides=options.settings))
    return runs, history


def _print_dates(home: Home, runs: dict[date, DateRun]) -> None:
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("crawl date", no_wrap=True)
    for title in ("models", "edges", "scored", "disruptive", "of those built upon", "work"):
        table.add_column(title, justify="right", no_wrap=True)
    for crawl_date, run in runs.items():
        figures = [""] * 5 if run.errors else _figures(home, crawl_date)
        table.add_row(str(crawl_date), *figures, _work(run))
    console.print(table)
    console.print("in brackets: 95 % intervals by a bootstrap over authors", style="dim")


def _print_unread(home: Home, crawl_date: date) -> None:
    """What could not be read of a crawl: whole records, and fields of others."""
    manifest = home.lake.read("crawl_manifest", crawl_date).row(0, named=True)
    unread = [
        f"{found['field']} ({found['shape']}) in {found['n_records']:,}" for found in manifest["unread_fields"] or ()
    ]
    if manifest["n_bad_records"]:
        unread.insert(0, f"{manifest['n_bad_records']:,} records")
    if unread:
        console.print(Text(f"{crawl_date}: could not be read: {'; '.join(unread)}"), soft_wrap=True)


def _work(run: DateRun) -> str:
    if run.errors:
        return "failed"
    if not run.made:
        return "up to date"
    return f"{len(run.made)} made" + (f", {len(run.reused)} up to date" if run.reused else "")


def _figures(home: Home, crawl_date: date) -> list[str]:
    """Counts and headline shares of a date."""
    lake = home.lake
    shares = {population: _share_positive(home, crawl_date, population) for population in ("scored", "built_upon")}
    return [
        f"{lake.n_rows('model_snapshots', crawl_date):,}",
        f"{lake.n_rows('lineage_edges', crawl_date):,}",
        f"{shares['scored'][3]:,}",
        *(percent(*found[:3]) for found in shares.values()),
    ]


def _share_positive(
    home: Home, crawl_date: date, population: str
) -> tuple[float | None, float | None, float | None, int]:
    row = (
        home.lake.scan("score_summary", crawl_date)
        .filter(population=population, index="mdi", measure="share_positive")
        .select("estimate", "low", "high", "n")
        .collect()
        .row(0)
    )
    return row[0], row[1], row[2], int(row[3])


def _print_findings(home: Home, crawl_date: date, window_days: int) -> None:
    console.print(f"\n{crawl_date}, window of {window_days} days", style="bold")
    _print_verdicts(home, crawl_date, window_days)
    print_ranking(home, Ranking(), crawl_date, window_days)
    console.print(f"\nreport  {home.reports.page(crawl_date)}", soft_wrap=True)
    held = "  (held open elsewhere: its views are as before)" if stale_views(home.lake) else ""
    console.print(f"SQL     duckdb {home.database}{held}", soft_wrap=True)


def _print_verdicts(home: Home, crawl_date: date, window_days: int) -> None:
    """The published findings for the headline index, window and populations."""
    from mdi_pipeline.report.prose.findings import SHORT_WORDS, headline_findings

    console.print("published findings, index mdi")
    table = Table(box=None, header_style="bold", pad_edge=False)
    for title in ("finding", "models"):
        table.add_column(title)
    for title in ("estimate, 95 % interval", "n"):
        table.add_column(title, justify="right")
    table.add_column("verdict")
    for finding in headline_findings(home.lake.read("findings", crawl_date), window_days):
        for place, said in enumerate(finding.verdicts):
            named = "" if place else f"{finding.number}. {SHORT_WORDS[finding.measure]}"
            population = said.population.removeprefix("models ").removesuffix(" models") or "network"
            table.add_row(named, population, Text(said.estimate), f"{said.n:,}", said.verdict)
    console.print(table)

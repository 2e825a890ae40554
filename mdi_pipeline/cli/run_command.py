"""The command `mdi run`: an option for each setting that a run can have of its own, and the dates."""

from __future__ import annotations

from datetime import date, datetime
from inspect import Parameter, Signature
from pathlib import Path
from typing import Annotated, Any

import typer

from mdi_pipeline.cli.options import HomeOption, date_option, day_of
from mdi_pipeline.home.settings import SETTINGS, Setting

METAVARS: dict[type, str] = {int: "INTEGER", float: "NUMBER", tuple: "NAME,NAME", date: "YYYY-MM-DD"}

DATES = {
    "crawl_date": date_option("--crawl-date", "One crawl date. [default: the source's newest]"),
    "first": date_option("--from", "First of several crawl dates."),
    "last": date_option("--to", "Last of several crawl dates."),
}


def run_command() -> Any:
    """The command, as Typer makes it from a function; the function's parameters are made from the settings."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command("run")(_with_options(_run))
    return typer.main.get_command(app)


def _run(
    *,
    crawl_date: datetime | None,
    first: datetime | None,
    last: datetime | None,
    force: bool,
    home: Path | None,
    **options: str | None,
) -> None:
    """Crawl, parse, score and report: the whole pipeline for one date or several.

    Options that are settings hold for this run alone: `mdi config` sets those of the home.
    """
    from mdi_pipeline.cli.run import RunOptions, run_dates

    if crawl_date and (first or last):
        raise typer.BadParameter("give either --crawl-date or --from and --to")
    settings = {name: SETTINGS[name].from_text(text) for name, text in options.items() if text is not None}
    run_dates(home, RunOptions(day_of(crawl_date or first), day_of(crawl_date or last), settings, force))


def _with_options(function: Any) -> Any:
    """The function, with what Typer reads its options from."""
    annotations = {
        **{name: Annotated[str | None, _option(setting)] for name, setting in SETTINGS.items() if setting.of_a_run},
        **{name: Annotated[datetime | None, option] for name, option in DATES.items()},
        "force": Annotated[bool, typer.Option("--force", help="Compute again what is up to date.")],
        "home": HomeOption,
    }
    parameters = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=False if name == "force" else None, annotation=annotation)
        for name, annotation in annotations.items()
    ]
    function.__signature__ = Signature(parameters)
    function.__annotations__ = annotations
    return function


def _option(setting: Setting) -> Any:
    metavar = "DIR" if setting.folder else METAVARS.get(setting.kind, "NAME")
    meaning = f"{setting.meaning} It is {setting.allowed}. {setting.home_default}"
    return typer.Option(f"--{setting.name.replace('_', '-')}", metavar=metavar, help=meaning)

"""The commands of `mdi` and their options."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from mdi_pipeline.cli.console import complain
from mdi_pipeline.cli.options import HomeOption, date_option, day_of
from mdi_pipeline.compute.allocation import keep_freed_memory


class Commands(TyperGroup):
    """The commands of `mdi`. `run`, whose options are the settings, is built only when it is asked for.

    Importing the declaration of the settings takes 0.05 s and more, and the other commands do without.
    """

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of all commands."""
        return ["run", *super().list_commands(ctx)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A command by its name."""
        if cmd_name != "run":
            return super().get_command(ctx, cmd_name)
        from mdi_pipeline.cli.run_command import run_command

        return run_command()


app = typer.Typer(
    cls=Commands,
    name="mdi",
    help="Which AI models change where the open ecosystem goes: lineage and disruption of the Hugging Face Hub.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.command()
def config(
    wanted: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME[=VALUE]]...", help="Settings to show or to set; NAME= is back to the default."),
    ] = None,
    home: HomeOption = None,
) -> None:
    """Show the settings and where each comes from, or set what mdi.toml holds."""
    from mdi_pipeline.cli.config import show_or_set

    show_or_set(home, wanted or [])


@app.command()
def score(
    edges: Annotated[Path, typer.Option(metavar="FILE", help="Edges: columns child and parent; Parquet or CSV.")],
    models: Annotated[Path, typer.Option(metavar="FILE", help="Nodes: columns id and created_at; Parquet or CSV.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where the scores go; Parquet or CSV.")],
    window_days: Annotated[
        int | None, typer.Option(min=1, help="Window, in days, or in the unit of integer times. [default: no window]")
    ] = None,
) -> None:
    """Disruption indices of any temporal graph, from files to a file."""
    from mdi_pipeline.cli.score import score_and_tell

    score_and_tell(edges, models, out, window_days)


@app.command()
def report(
    crawl_date: Annotated[datetime, date_option("--crawl-date", "Which crawl date.")],
    home: HomeOption = None,
) -> None:
    """Make the report of a crawl date again from the lake."""
    from mdi_pipeline.cli.report import make_report

    make_report(home, crawl_date.date())


@app.command()
def show(model_id: Annotated[str, typer.Argument(help="Id of the model.")], home: HomeOption = None) -> None:
    """One model: its parents and children, its scores over windows and crawl dates."""
    from mdi_pipeline.cli.show import show_model

    show_model(home, model_id)


@app.command()
def top(
    by: Annotated[
        str, typer.Option(help="What to rank by: an index, n_children, n_descendants, pagerank, downloads or likes.")
    ] = "mdi",
    relation: Annotated[str | None, typer.Option(help="Only models that derive this way.")] = None,
    task: Annotated[str | None, typer.Option(help="Only models of this task.")] = None,
    min_n: Annotated[int, typer.Option(min=1, help="Least models in the denominator of an index.")] = 10,
    limit: Annotated[int, typer.Option(min=1, help="How many models.")] = 10,
    crawl_date: Annotated[
        datetime | None, date_option("--crawl-date", "Which crawl date. [default: the newest]")
    ] = None,
    home: HomeOption = None,
) -> None:
    """A ranking of models, and apart from it the roots most built upon."""
    from mdi_pipeline.cli.top import Ranking, show_ranking

    wanted = Ranking(by=by, relation=relation, task=task, min_n=min_n, limit=limit)
    show_ranking(home, wanted, day_of(crawl_date))


@app.command()
def ui(
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 3000,
    host: Annotated[
        str, typer.Option(help="Name or address to listen on; requests for other names are refused.")
    ] = "127.0.0.1",
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Refuse whatever launches, switches or deletes something.")
    ] = False,
    home: HomeOption = None,
) -> None:
    """Dagster's web server and daemon on this home."""
    from mdi_pipeline.cli.ui import serve_ui

    serve_ui(home, host, port, read_only=read_only)


@app.command()
def simulate_hub(
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8017,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    size: Annotated[int, typer.Option(help="Models of the simulated Hub.")] = 20_000,
    seed: Annotated[int, typer.Option(help="Seed of the simulated Hub, and of its faults.")] = 0,
    path: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of crawls to serve in place of the simulation.")
    ] = None,
    faults: Annotated[
        str, typer.Option(metavar="NAMES", help="What goes wrong: `all`, or names with commas between.")
    ] = "",
    calls: Annotated[int, typer.Option(min=1, help="Calls in a window of the rate limit.")] = 500,
    window: Annotated[int, typer.Option(min=1, help="Seconds of a window of the rate limit.")] = 300,
) -> None:
    """Serve a simulated Hub over HTTP, for the sources hub and archive to read."""
    from mdi_pipeline.cli.simulate_hub import HubOptions, simulate

    simulate(HubOptions(size, seed, path, faults, calls, window), host, port)


@app.command()
def prune(
    days: Annotated[int, typer.Option(min=0, help="Days before the newest date in which every date is kept.")] = 30,
    weekly_days: Annotated[
        int, typer.Option(min=0, help="Days before the newest date in which the last date of each week is kept.")
    ] = 365,
    apply: Annotated[bool, typer.Option("--apply", help="Do it; without, only what would go is said.")] = False,
    home: HomeOption = None,
) -> None:
    """Thin out old crawl dates; before both spans of days, the last date of each month is kept."""
    from mdi_pipeline.cli.prune import prune_dates
    from mdi_pipeline.lake.thinning import Keeping

    prune_dates(home, Keeping(days, weekly_days), apply=apply)


@app.command()
def doctor(
    mend: Annotated[bool, typer.Option("--mend", help="Mend what can be mended without losing anything.")] = False,
    home: HomeOption = None,
) -> None:
    """Check the installation, the home and every partition of the lake, and say what is wrong."""
    from mdi_pipeline.cli.doctor import examine

    examine(home, mend=mend)


def main() -> None:
    """Run the command line; what is expected to go wrong ends in one line and a non-zero exit."""
    from mdi_pipeline.cli.console import expected_errors, refused_by_the_disk

    keep_freed_memory()  # before a command imports Polars
    try:
        app(standalone_mode=True)
    except Exception as error:  # not SystemExit, with which all goes well: what may be expected takes long to import
        line = str(error) if isinstance(error, expected_errors()) else refused_by_the_disk(error)
        if line is None:
            raise
        complain(line)
        sys.exit(1)

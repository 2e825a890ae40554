"""The commands of `mdi` and their options."""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from mdi_pipeline.cli.console import complain
from mdi_pipeline.compute.allocation import keep_freed_memory

app = typer.Typer(
    name="mdi",
    help="Which AI models change where the open ecosystem goes: lineage and disruption of the Hugging Face Hub.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

HomeOption = Annotated[
    Path | None,
    typer.Option("--home", metavar="DIR", help="Where everything is kept. [default: MDI_HOME or ./mdi_home]"),
]


def _date_option(name: str, help_text: str) -> Any:
    return typer.Option(name, formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help=help_text)


@app.command()
def run(
    source: Annotated[
        str | None,
        typer.Option(help="Where crawls come from: demo, files, archive or hub. [default: the home's, or demo]"),
    ] = None,
    path: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of crawls, for the source files.")] = None,
    crawl_date: Annotated[
        datetime | None, _date_option("--crawl-date", "One crawl date. [default: the source's newest]")
    ] = None,
    first: Annotated[datetime | None, _date_option("--from", "First of several crawl dates.")] = None,
    last: Annotated[datetime | None, _date_option("--to", "Last of several crawl dates.")] = None,
    size: Annotated[
        int | None, typer.Option(help="Models of the simulated Hub. [default: the home's, or 20000]")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the simulated Hub. [default: the home's, or 0]")] = None,
    window_days: Annotated[
        int | None, typer.Option(min=1, help="Window of the headline. [default: the home's, or 90]")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Compute again what is up to date.")] = False,
    home: HomeOption = None,
) -> None:
    """Crawl, parse, score and report: the whole pipeline for one date or several."""
    from mdi_pipeline.cli.run import RunOptions, run_dates

    if crawl_date and (first or last):
        raise typer.BadParameter("give either --crawl-date or --from and --to")
    run_dates(
        home,
        RunOptions(
            source=source,
            path=path,
            first=_day(crawl_date or first),
            last=_day(crawl_date or last),
            size=size,
            seed=seed,
            window_days=window_days,
            force=force,
        ),
    )


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
    crawl_date: Annotated[datetime, _date_option("--crawl-date", "Which crawl date.")],
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
        datetime | None, _date_option("--crawl-date", "Which crawl date. [default: the newest]")
    ] = None,
    home: HomeOption = None,
) -> None:
    """A ranking of models, and apart from it the roots most built upon."""
    from mdi_pipeline.cli.top import Ranking, show_ranking

    wanted = Ranking(by=by, relation=relation, task=task, min_n=min_n, limit=limit)
    show_ranking(home, wanted, _day(crawl_date))


@app.command()
def ui(
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 3000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    home: HomeOption = None,
) -> None:
    """Dagster's web server and daemon on this home."""
    from mdi_pipeline.cli.ui import serve

    serve(home, host, port)


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
def doctor(
    mend: Annotated[bool, typer.Option("--mend", help="Mend what can be mended without losing anything.")] = False,
    home: HomeOption = None,
) -> None:
    """Check the installation, the home and every partition of the lake, and say what is wrong."""
    from mdi_pipeline.cli.doctor import examine

    examine(home, mend=mend)


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def main() -> None:
    """Run the command line; what is expected to go wrong ends in one line and a non-zero exit."""
    from mdi_pipeline.cli.console import expected_errors

    keep_freed_memory()  # before a command imports Polars
    try:
        app(standalone_mode=True)
    except Exception as error:  # not SystemExit, with which all goes well: what may be expected takes long to import
        if not isinstance(error, expected_errors()):
            raise
        complain(str(error))
        sys.exit(1)

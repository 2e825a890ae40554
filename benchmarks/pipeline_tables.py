"""What was measured of the whole pipeline, as Markdown tables and as a picture."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

Measured = dict[str, Any]

OWN_BUDGET = ("null_model", "robustness")
"""Steps that score hundreds of other networks; the time to the report is given without them."""

SOURCES = {"parquet": "Parquet", "json-lines": "JSON lines, gzip", "demo": "simulation itself"}
REST = "starting, between the assets, printing"
MEGABYTE = 1e6


def tables(found: list[Measured]) -> str:
    """All tables: what it takes in all, each asset, and the lake."""
    found = sorted(found, key=lambda one: (list(SOURCES).index(one["source"]), one["size"]))
    parts = ["### In all", _in_all(found)]
    for source, name in SOURCES.items():
        of_source = [one for one in found if one["source"] == source]
        if of_source:
            parts += [f"### Each asset, from: {name}", _each_asset(of_source)]
    if found:
        largest = max(found, key=lambda one: one["size"])
        parts += [f"### The lake of {largest['size']:,} models", _lake(largest)]
    return "\n\n".join(parts)


def _in_all(found: list[Measured]) -> str:
    heads = ["models", "from", "to the report, s", f"{' and '.join(OWN_BUDGET)}, s", "all, s", "CPU s", "peak GB"]
    heads += ["again, s", "`mdi show`, s", "`mdi top`, s", "lake, MB", "report, MB"]
    rows = []
    for one in found:
        own = sum(one["assets"][step]["seconds"] for step in OWN_BUDGET)
        run = one["run"]
        rows.append(
            [f"{one['size']:,}", SOURCES[one["source"]], f"{one['report_after'] - own:.1f}", f"{own:.1f}"]
            + [f"{run['seconds']:.1f}", f"{run['cpu_seconds']:.1f}", f"{run['gigabytes']:.2f}"]
            + [f"{one[name]['seconds']:.2f}" for name in ("again", "show", "top")]
            + [f"{one['lake_bytes'] / MEGABYTE:,.0f}", f"{one['report_bytes'] / MEGABYTE:.1f}"]
        )
    return _markdown(heads, rows, n_words=2)


def _each_asset(found: list[Measured]) -> str:
    """Seconds, CPU seconds and peak at each size, and by what time per model grows from one size to the next."""
    parts = [_with_rest(one) for one in found]
    heads = ["asset", *(f"{one['size']:,}: s" for one in found), *(f"{one['size']:,}: CPU s" for one in found)]
    heads += [*(f"{one['size']:,}: GB" for one in found), *(f"growth a model, to {one['size']:,}" for one in found[1:])]
    rows = []
    for step in parts[-1]:
        used = [part[step] for part in parts]
        row = [step, *(f"{one['seconds']:.2f}" for one in used), *(f"{one['cpu_seconds']:.2f}" for one in used)]
        row += [f"{one['gigabytes']:.2f}" if "gigabytes" in one else "" for one in used]
        a_model = [one["seconds"] / measured["size"] for one, measured in zip(used, found, strict=True)]
        row += [f"{after / before:.2f}" for before, after in pairwise(a_model)]
        rows.append(row)
    return _markdown(heads, rows, n_words=1)


def _with_rest(one: Measured) -> dict[str, dict[str, float]]:
    steps: dict[str, dict[str, float]] = one["assets"]
    rest = {name: one["run"][name] - sum(step[name] for step in steps.values()) for name in ("seconds", "cpu_seconds")}
    return {**steps, REST: rest}


def _lake(one: Measured) -> str:
    sizes = sorted(one["table_bytes"].items(), key=lambda table: -table[1])
    return _markdown(["table", "MB"], [[f"`{name}`", f"{size / MEGABYTE:.1f}"] for name, size in sizes], n_words=1)


def _markdown(heads: list[str], rows: list[list[str]], n_words: int) -> str:
    ruler = ["---"] * n_words + ["--:"] * (len(heads) - n_words)
    return "\n".join(f"| {' | '.join(row)} |" for row in [heads, ruler, *rows])


def figure(found: list[Measured], file: Path) -> None:
    """Time per model against size, a line an asset, from Parquet."""
    import altair as alt
    import polars as pl

    points = pl.DataFrame(
        [
            {"asset": step, "models": one["size"], "microseconds": used["seconds"] / one["size"] * 1e6}
            for one in found
            if one["source"] == "parquet"
            for step, used in _with_rest(one).items()
        ]
    )
    sizes = points["models"].unique().sort().to_list()
    chart = (
        alt.Chart(points)
        .mark_line(point=alt.OverlayMarkDef(size=18), strokeWidth=1.5)
        .encode(
            alt.X("models").scale(type="log").axis(values=sizes, format="~s").title("models"),
            alt.Y("microseconds")
            .scale(type="log")
            .axis(values=[0.1, 1, 10, 100, 1_000], format="~r")
            .title("µs a model"),
            alt.Facet("asset", columns=5, sort=alt.EncodingSortField("microseconds", "max", "descending")).title(None),
        )
        .properties(width=130, height=90)
    )
    chart.save(file)

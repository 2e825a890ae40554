"""The page: everything on it, put together."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

import polars as pl
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from mdi_pipeline.report.choice_figures import draw_rows, union_sentence
from mdi_pipeline.report.counter_words import counter_sentences, gap_lists
from mdi_pipeline.report.figure import Figure
from mdi_pipeline.report.figures import figures
from mdi_pipeline.report.finding_words import headline_findings
from mdi_pipeline.report.headline import headline, measured, notices, undecided
from mdi_pipeline.report.left_out import left_out
from mdi_pipeline.report.lineage_picture import KIND_WORDS, draw
from mdi_pipeline.report.neighbourhood import Neighbourhood, neighbourhoods
from mdi_pipeline.report.network_rows import network_rows
from mdi_pipeline.report.rankings import rankings
from mdi_pipeline.report.regression_figures import regression_sentences
from mdi_pipeline.report.trend_figures import trend_sentences
from mdi_pipeline.report.words import (
    INDEX_WORDS,
    POPULATION_WORDS,
    STATUS_WORDS,
    count,
    percent_interval,
    share_words,
    signed,
    value_words,
)
from mdi_pipeline.statistics.ranking import most_built_upon
from mdi_pipeline.tables.statistics import MEASURES, POPULATIONS

if TYPE_CHECKING:
    from mdi_pipeline.report.inputs import ReportInputs

_ROWS_AS_TABLE = 40
_BAD_RECORDS_SHOWN = 20
_NAMED_FOLLOWERS = 3


def build_report(inputs: ReportInputs, drawn: dict[str, Figure] | None = None) -> str:
    """One self-contained HTML page about one crawl date.

    It loads nothing: style and figures are in it, and it needs no script. Empty tables give sentences that
    say so. The same inputs give the same bytes. `drawn` are its `figures`, where they are made already. About 4 s
    and 1 MB.
    """
    folder = files("mdi_pipeline.report")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"count": count, "signed": signed, "hub_url": hub_url}
    template = environment.from_string((folder / "page.html").read_text("utf-8"))
    style = Markup((folder / "page.css").read_text("utf-8"))  # noqa: S704, our own file
    return template.render(style=style, **_content(inputs, figures(inputs) if drawn is None else drawn)).lstrip()


def hub_url(model_id: str) -> str:
    """Where the Hub shows that model."""
    from urllib.parse import quote

    return f"https://huggingface.co/{quote(model_id, safe='/')}"


def _content(inputs: ReportInputs, drawn: dict[str, Figure]) -> dict[str, Any]:
    """What the template asks for."""
    ranked = rankings(inputs.scored, inputs.n_examples)
    pictured = list(dict.fromkeys(model_id for ranking in ranked for model_id in ranking.models["model_id"]))
    around = neighbourhoods(pictured, inputs.models, inputs.lineage_edges, inputs.window_days)
    scores = {row["model_id"]: row for row in inputs.scored.filter(pl.col("model_id").is_in(pictured)).to_dicts()}
    return {
        "inputs": inputs,
        "headline": headline(inputs),
        "notices": notices(inputs),
        "undecided": undecided(inputs),
        "manifest": next(inputs.crawl_manifest.iter_rows(named=True), None),
        "bad_records_shown": _BAD_RECORDS_SHOWN,
        "statuses": [(status, inputs.statuses.get(status, 0), why) for status, why in STATUS_WORDS.items()],
        "findings": headline_findings(inputs.findings, inputs.window_days),
        "trends": trend_sentences(inputs),
        "counters": counter_sentences(inputs),
        "gaps": gap_lists(inputs),
        "union": union_sentence(inputs),
        "draws": draw_rows(inputs),
        "regressions": regression_sentences(inputs),
        "summary": _summary_rows(inputs),
        "figures": {name: _placed(name, figure) for name, figure in drawn.items()},
        "network": network_rows(inputs.network_summary),
        "quality": _quality_rows(inputs),
        "rankings": ranked,
        "index_words": INDEX_WORDS,
        "kind_words": KIND_WORDS,
        "pictures": [
            {
                "model_id": model_id,
                "score": scores[model_id],
                "svg": Markup(draw(around[model_id])),  # noqa: S704, ids are escaped where it is drawn
                "followers": _most_built_upon(around[model_id]),
            }
            for model_id in pictured
        ],
        "picture_number": {model_id: number for number, model_id in enumerate(pictured, start=1)},
        "roots": _roots(inputs),
        "left_out": left_out(inputs),
    }


def _placed(name: str, figure: Figure) -> dict[str, Any]:
    """A figure as the page shows it."""
    return {
        "name": name,
        "title": figure.title,
        "subtitle": figure.subtitle,
        "description": figure.description,
        "svg": Markup(figure.svg),  # noqa: S704, drawn from the chart, which escapes its text
        "data": figure.data if figure.data.height <= _ROWS_AS_TABLE else None,
    }


def _summary_rows(inputs: ReportInputs) -> list[dict[str, Any]]:
    """`score_summary` for `mdi`, a row for each population."""
    rows = []
    for population in POPULATIONS:
        found = {measure: measured(inputs, population, measure) for measure in MEASURES}
        first = found["share_negative"]
        if first is not None:
            write = {"mean": value_words, "median": value_words}
            rows.append(
                {
                    "population": POPULATION_WORDS[population],
                    "n": first["n"],
                    "n_authors": first["n_authors"],
                    **{
                        name: write.get(name, share_words)(row) if row else "by definition none"
                        for name, row in found.items()
                    },
                }
            )
    return rows


def _roots(inputs: ReportInputs) -> list[dict[str, Any]]:
    """The roots most built upon, and whether the crawl holds them."""
    roots = most_built_upon(inputs.models, inputs.network_structure, 2 * inputs.n_examples)
    held = inputs.models.filter("in_snapshot", pl.col("model_id").is_in(roots["model_id"].to_list()))
    in_snapshot = pl.col("model_id").is_in(held.select("model_id").collect()["model_id"].to_list())
    return roots.with_columns(in_snapshot=in_snapshot).to_dicts()


def _quality_rows(inputs: ReportInputs) -> list[dict[str, Any]]:
    """`lineage_quality` in words."""
    return [
        {
            "measure": row["measure"].replace("_", " "),
            "of": ", ".join(str(row[part]) for part in ("phase", "relation", "rule") if row[part]) or "all",
            "value": " ".join(percent_interval(row["estimate"], row["low"], row["high"])) if row["n"] else "undefined",
            "n": row["n"],
        }
        for row in inputs.lineage_quality.to_dicts()
    ]


def _most_built_upon(neighbourhood: Neighbourhood) -> list[dict[str, Any]]:
    """The followers of a model that most others built upon, of those that built on it."""
    upon = neighbourhood.followers.filter(pl.col("kind") != "n_k")
    return upon.sort(["n_children", "model_id"], descending=[True, False]).head(_NAMED_FOLLOWERS).to_dicts()

"""The page: how everything on it is put together."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

import polars as pl
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from mdi_pipeline.compute.visible_text import LONGEST_ID, shortened, visible
from mdi_pipeline.report.figures.catalogue import all_figures
from mdi_pipeline.report.page.lineage_picture import KIND_WORDS, draw, neighbourhoods
from mdi_pipeline.report.page.table_rows import (
    interval_rows,
    network_rows,
    quality_rows,
    rankings,
    root_rows,
    summary_rows,
)
from mdi_pipeline.report.prose.findings import headline_findings
from mdi_pipeline.report.prose.headline import headline, notices, undecided
from mdi_pipeline.report.prose.left_out import left_out
from mdi_pipeline.report.prose.sentences import (
    counter_sentences,
    gap_lists,
    regression_sentences,
    trend_sentences,
    union_sentence,
)
from mdi_pipeline.report.prose.wording import INDEX_WORDS, STATUS_WORDS, count, signed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mdi_pipeline.report.figures.figure import Figure
    from mdi_pipeline.report.inputs import ReportInputs
    from mdi_pipeline.report.page.lineage_picture import Neighbourhood

_ROWS_AS_TABLE = 40
_BAD_RECORDS_SHOWN = 20
_NAMED_FOLLOWERS = 3


def build_report(inputs: ReportInputs, drawn: Mapping[str, Figure] | None = None) -> str:
    """One self-contained HTML page about one crawl date.

    It loads nothing: style and figures are in it, and it needs no script. Empty tables give sentences that
    say so. The same inputs give the same bytes. `drawn` are `all_figures` of the inputs, where they are made already.
    About 4 s and 1 MB.
    """
    folder = files("mdi_pipeline.report.page")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_visible
    )
    environment.filters |= {"count": count, "signed": signed, "hub_url": hub_url, "shown": _shown}
    template = environment.from_string((folder / "page.html").read_text("utf-8"))
    style = Markup((folder / "page.css").read_text("utf-8"))  # noqa: S704, our own file
    return template.render(style=style, **_content(inputs, all_figures(inputs) if drawn is None else drawn)).lstrip()


def _visible(value: Any) -> Any:
    """What an expression of the template gives, with the codes of invisible characters in the place of these."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _shown(value: Any) -> Any:
    """What a cell shows: of a long text, both ends."""
    return shortened(value, LONGEST_ID) if isinstance(value, str) else value


def hub_url(model_id: str) -> str:
    """Where the Hub shows that model."""
    from urllib.parse import quote

    return f"https://huggingface.co/{quote(model_id, safe='/')}"


def _content(inputs: ReportInputs, drawn: Mapping[str, Figure]) -> dict[str, Any]:
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
        "draws": interval_rows(inputs),
        "regressions": regression_sentences(inputs),
        "summary": summary_rows(inputs),
        "figures": {name: _placed(name, figure) for name, figure in drawn.items()},
        "network": network_rows(inputs.network_summary),
        "quality": quality_rows(inputs),
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
        "roots": root_rows(inputs),
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


def _most_built_upon(neighbourhood: Neighbourhood) -> list[dict[str, Any]]:
    """The followers of a model that most others built upon, of those that built on it."""
    upon = neighbourhood.followers.filter(pl.col("kind") != "n_k")
    return upon.sort(["n_children", "model_id"], descending=[True, False]).head(_NAMED_FOLLOWERS).to_dicts()

"""What the page says first: what the crawl shows, in plain sentences with numbers, or why nothing can be said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mdi_pipeline.report.prose.wording import count, of_models, share_words

if TYPE_CHECKING:
    from mdi_pipeline.report.inputs import ReportInputs

FEW_AUTHORS = 20
"""Below this a bootstrap over authors claims too much (Cameron, Gelbach & Miller 2008, section I)."""


def headline(inputs: ReportInputs) -> list[str]:
    """The sentences of the first screen; where nothing can be said, why."""
    reason = undecided(inputs)
    if reason is not None:
        return [reason, _what_would_help(inputs)] if inputs.statuses.get("censored") else [reason]
    sentences = [
        _of_built_upon(inputs, "built_upon", "models that another model built upon"),
        _of_built_upon(inputs, "built_upon_llm", "language models that another model built upon"),
        _of_all_scored(inputs),
    ]
    return [sentence for sentence in sentences if sentence]


def notices(inputs: ReportInputs) -> list[str]:
    """What a reader must know of the crawl before any number."""
    found = []
    for manifest in inputs.crawl_manifest.iter_rows(named=True):
        if manifest["source"] == "demo":
            found.append(
                "This Hub is simulated. Its models and publishers do not exist, and nothing here is a finding."
            )
        if not manifest["complete"]:
            found.append("This crawl is not complete: models are missing, and every count is a lower bound.")
    return found


def undecided(inputs: ReportInputs) -> str | None:
    """Why no model is scored; None where one is."""
    statuses = inputs.statuses
    if statuses.get("scored", 0):
        return None
    if statuses.get("censored", 0) and not statuses.get("undefined", 0):
        return "Undecided: no closed window."
    if statuses.get("undefined", 0):
        return "Undecided: nothing followed any model whose window is closed."
    return "Undecided: no model of the crawl has both a parent and a known time of creation."


def _what_would_help(inputs: ReportInputs) -> str:
    censored = inputs.statuses["censored"]
    were = "was" if censored == 1 else "were"
    return (
        f"{count(censored, 'model')} with a known time and a parent {were} made less than "
        f"{inputs.window_days} days before the crawl. A later crawl, or a shorter window, can score them."
    )


def _of_built_upon(inputs: ReportInputs, population: str, words: str) -> str:
    negative, positive = (inputs.summary_row(population, f"share_{sign}") for sign in ("negative", "positive"))
    if negative is None or positive is None or not negative["n"]:
        return f"Undecided: there are no scored {words}."
    return (
        f"{_capital(words)} within {inputs.window_days} days: {share_words(negative)} {of_models(negative)} have a "
        f"negative index, {share_words(positive)} a positive one and count as disruptive.{_caution(negative)}"
    )


def _caution(row: dict[str, Any]) -> str:
    """Intervals from a bootstrap over few clusters are too narrow, and the reader must know."""
    return " With so few authors the intervals are too narrow." if row["n_authors"] < FEW_AUTHORS else ""


def _of_all_scored(inputs: ReportInputs) -> str:
    negative, positive, childless = (
        inputs.summary_row("scored", f"share_{measure}") for measure in ("negative", "positive", "without_child")
    )
    if negative is None or positive is None or childless is None:
        return ""
    return (
        f"All scored models: {share_words(negative)} {of_models(negative)} have a negative index and "
        f"{share_words(positive)} a positive one. But {share_words(childless)} have no child in their window, "
        "and the index of such a model is −1 by construction."
    )


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]

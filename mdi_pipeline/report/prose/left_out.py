"""What was left out of the network and of the scores, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from mdi_pipeline.hub.records import CARD_PARENT
from mdi_pipeline.report.prose.wording import STATUS_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mdi_pipeline.report.inputs import ReportInputs

_REASONS = {
    "empty": "the declared parent is an empty string",
    "list_in_text": "several ids in one text; they make edges where all of them are known",
    "local_path": "the declared parent is a path on someone's machine",
    "url": "the declared parent is an address that names no model",
    "not_an_id": "the declared parent cannot be the id of a model",
    "self_loop": "the model names itself",
    "outranked": "a stronger phase names another parent",
}

_RESOLUTIONS = {
    "case": "matched to a known model by ignoring case; kept",
    "alias": "matched to the model's present name; kept",
    "unresolved": "no other declaration and no model of the crawl knows that id; kept as it is written",
}


class LeftOut(NamedTuple):
    """So many of something, and what became of them."""

    stage: str
    what: str
    n: int
    why: str


def left_out(inputs: ReportInputs) -> list[LeftOut]:
    """Everything that was counted and not simply used, from the crawl to the scores."""
    return [*_of_crawl(inputs), *_of_lineage(inputs), *_of_network(inputs), *_of_scores(inputs)]


def _of_crawl(inputs: ReportInputs) -> Iterator[LeftOut]:
    for manifest in inputs.crawl_manifest.iter_rows(named=True):
        yield LeftOut("Crawl", "bad records", manifest["n_bad_records"], "could not be read; listed above")
        yield LeftOut(
            "Crawl", "repeated records", manifest["n_repeated_records"], "the id had come before; the first counts"
        )
        yield LeftOut(
            "Crawl",
            "model cards",
            manifest["n_card_parents_skipped"],
            "their base_model is neither a string nor a list of strings",
        )
        for found in manifest["unread_fields"] or ():
            if found["field"] != CARD_PARENT:
                yield LeftOut(
                    "Crawl",
                    f"records, field {found['field']}",
                    found["n_records"],
                    f"{found['shape']}: taken as absent",
                )


def _of_lineage(inputs: ReportInputs) -> Iterator[LeftOut]:
    for phase, reason, n in (
        inputs.lineage_rejected.group_by("phase", "reason").len().sort("reason", "phase").iter_rows()
    ):
        yield LeftOut("Lineage", f"declarations, phase {phase}", n, _REASONS[reason])
    for phase, rule, n in inputs.lineage_candidates.group_by("phase", "rule").len().sort("phase", "rule").iter_rows():
        yield LeftOut("Lineage", f"candidate edges, phase {phase}", n, f"not in the default network; rule {rule}")
    resolved = dict(inputs.lineage_edges.group_by("resolution").len().iter_rows())
    for resolution, why in _RESOLUTIONS.items():
        yield LeftOut("Lineage", f"edges, resolution {resolution}", resolved.get(resolution, 0), why)


def _of_network(inputs: ReportInputs) -> Iterator[LeftOut]:
    stubs = inputs.models.select((~pl.col("in_snapshot")).sum()).collect().item()
    yield LeftOut("Network", "stub parents", stubs, "not in the crawl: kept, without a time or an index of their own")
    reversed_edges = inputs.lineage_edges.filter("time_reversed").height
    yield LeftOut(
        "Network", "time-reversed edges", reversed_edges, "the child is older than its parent: kept, in no window"
    )
    breaking = inputs.network_summary.filter(pl.col("measure") == "n_edges_breaking_cycles")["value"]
    for n in breaking.drop_nulls():
        yield LeftOut("Network", "edges that close a cycle", int(n), "left out where generations and roots are counted")


def _of_scores(inputs: ReportInputs) -> Iterator[LeftOut]:
    statuses = inputs.statuses
    for status, why in STATUS_WORDS.items():
        if status != "scored":
            yield LeftOut("Scores", f"models, status {status}", statuses.get(status, 0), why)

"""What compares crawls: the history of each model, and whose standing changed since the crawl before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mdi_pipeline.history.gone import earlier_crawls
from mdi_pipeline.orchestration.step import LooksBack, Step, newest
from mdi_pipeline.orchestration.steps.lineage import MODELS
from mdi_pipeline.tables.origins import columns_read

if TYPE_CHECKING:
    from mdi_pipeline.orchestration.inputs import Inputs
    from mdi_pipeline.orchestration.step import Frames, Made, Number


def _history(inputs: Inputs) -> Made:
    from mdi_pipeline.history.models import model_history

    history = model_history(
        inputs.history("model_snapshots"),
        inputs.history("models"),
        inputs.history("lineage_edges"),
        inputs.dates("models"),
        inputs.as_of,
        inputs.settings.window_days,
    )
    return {"model_history": history}


def _changes(inputs: Inputs) -> Made:
    from mdi_pipeline.history.changes import score_changes
    from mdi_pipeline.lineage.repositories import taken_again
    from mdi_pipeline.tables.history import SCORE_CHANGES

    if not inputs.earlier:
        return {"score_changes": SCORE_CHANGES.empty()}
    before = inputs.earlier[-1]
    others = taken_again(inputs.scan("model_snapshots"), before.scan("model_snapshots"))
    scores, scores_before = inputs.scan("disruption_scores"), before.scan("disruption_scores")
    return {"score_changes": score_changes(scores, scores_before, others, before.crawl_date)}


def _survivorship(inputs: Inputs) -> Made:
    from mdi_pipeline.history.gone import gone_models
    from mdi_pipeline.statistics.robustness import KNOWN, LINKED
    from mdi_pipeline.statistics.survivorship import survivorship

    newest_first = reversed(inputs.earlier)
    gone = gone_models(
        inputs.scan("models"), ((before.scan("models"), before.scan("lineage_edges")) for before in newest_first)
    )
    return {
        "survivorship": survivorship(
            inputs.read("models", KNOWN),
            inputs.read("lineage_edges", LINKED),
            gone.models,
            gone.edges,
            len(inputs.earlier),
            inputs.as_of,
            inputs.settings.window_days,
        )
    }


def _change_numbers(frames: Frames) -> Mapping[str, Number]:
    changes = frames["score_changes"].group_by("window_days", "change").len().sort("window_days", "change")
    return {f"{change}, {days} days".replace("_", " "): n for days, change, n in changes.iter_rows()}


def _history_numbers(frames: Frames) -> Mapping[str, Number]:
    history = frames["model_history"]
    return {
        "models ever seen": history.height,
        "vanished": int(history["vanished"].sum()),
        "absent for a while": int((history["n_absences"] > 0).sum()),
    }


CHANGES = Step(
    name="score_changes",
    group="statistics",
    reads=("model_snapshots", "disruption_scores"),
    writes=("score_changes",),
    compute=_changes,
    looks_back=LooksBack(columns=columns_read("score_changes"), choose=newest),
    numbers={"score_changes": _change_numbers},
)

SURVIVORSHIP = Step(
    name="survivorship",
    group="statistics",
    reads=("models", "lineage_edges", "crawl_manifest"),
    writes=("survivorship",),
    compute=_survivorship,
    settings=("window_days",),
    looks_back=LooksBack(
        columns={table: columns_read("survivorship")[table] for table in ("models", "lineage_edges")},
        choose=earlier_crawls,
    ),
)

LOOKING_BACK = (MODELS, CHANGES, SURVIVORSHIP)
"""Steps that depend on earlier crawls too: filling one of those in later makes them stale."""

STEPS = (
    CHANGES,
    SURVIVORSHIP,
    Step(
        name="model_history",
        group="statistics",
        reads=("model_snapshots", "models", "lineage_edges", "crawl_manifest"),
        writes=("model_history",),
        compute=_history,
        settings=("window_days",),
        across_dates=True,
        numbers={"model_history": _history_numbers},
    ),
)

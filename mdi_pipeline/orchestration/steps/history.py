"""What compares crawls: the history of each model, and whose standing changed since the crawl before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from mdi_pipeline.orchestration.partition import Partition
from mdi_pipeline.orchestration.step import Frames, Number, Step
from mdi_pipeline.orchestration.steps.lineage import MODELS
from mdi_pipeline.orchestration.steps.statistics import ATTENTION
from mdi_pipeline.tables.catalogue import TABLES


def _history(partition: Partition) -> Frames:
    from mdi_pipeline.history.models import model_history

    lake = partition.lake
    history = model_history(
        lake.history("models"),
        lake.history("lineage_edges"),
        lake.dates("models"),
        partition.read("crawl_manifest")["as_of"].item(),
        partition.settings.window_days,
    )
    return {"model_history": history}


def _changes(partition: Partition) -> Frames:
    from mdi_pipeline.history.changes import score_changes

    lake, previous = partition.lake, partition.lake.previous("disruption_scores", partition.crawl_date)
    if previous is None:
        return {"score_changes": TABLES["score_changes"].empty()}
    before = lake.scan("disruption_scores", previous)
    return {"score_changes": score_changes(partition.scan("disruption_scores"), before, previous)}


def _survivorship(partition: Partition) -> Frames:
    from mdi_pipeline.history.gone import gone_models
    from mdi_pipeline.statistics.robustness import KNOWN, LINKED
    from mdi_pipeline.statistics.survivorship import survivorship

    lake, earlier = partition.lake, _earlier(partition)
    gone = gone_models(
        partition.scan("models"),
        ((lake.scan("models", before), lake.scan("lineage_edges", before)) for before in earlier),
    )
    return {
        "survivorship": survivorship(
            partition.read("models", KNOWN),
            partition.read("lineage_edges", LINKED),
            gone.models,
            gone.edges,
            len(earlier),
            partition.read("crawl_manifest")["as_of"].item(),
            partition.settings.window_days,
        )
    }


def _earlier(partition: Partition) -> list[date]:
    """The earlier crawls that a crawl is united with; both tables of a crawl land before either is looked for."""
    from mdi_pipeline.history.gone import earlier_crawls

    both = set(partition.lake.dates("models")) & set(partition.lake.dates("lineage_edges"))
    return earlier_crawls(sorted(both), partition.crawl_date)


def _crawls_before(partition: Partition) -> Mapping[str, object]:
    """Which crawls it is united with, and what those held."""
    stamps = {
        f"{table} {before}": partition.lake.stamp(table, before)
        for before in _earlier(partition)
        for table in ("models", "lineage_edges")
    }
    return {"united": {name: stamp.data_version if stamp else None for name, stamp in stamps.items()}}


def _scores_before(partition: Partition) -> Mapping[str, object]:
    """Which crawl it is compared with, and what that held: filling in an earlier date makes only the next one stale."""
    previous = partition.lake.previous("disruption_scores", partition.crawl_date)
    stamp = partition.lake.stamp("disruption_scores", previous) if previous else None
    return {"previous": previous, "before": stamp.data_version if stamp else None}


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
    reads=("disruption_scores",),
    writes=("score_changes",),
    layers=("history",),
    inputs=_scores_before,
    compute=_changes,
    numbers={"score_changes": _change_numbers},
)

SURVIVORSHIP = Step(
    name="survivorship",
    group="statistics",
    reads=("models", "lineage_edges", "crawl_manifest"),
    writes=("survivorship",),
    layers=("history", "disruption", "statistics"),
    settings=("window_days",),
    inputs=_crawls_before,
    compute=_survivorship,
)

LOOKING_BACK = (MODELS, ATTENTION, CHANGES, SURVIVORSHIP)
"""Steps that hang on earlier crawls too: filling one of those in later makes them stale."""

STEPS = (
    CHANGES,
    SURVIVORSHIP,
    Step(
        name="model_history",
        group="statistics",
        reads=(),
        reads_all=("models", "lineage_edges", "crawl_manifest"),
        writes=("model_history",),
        layers=("history", "disruption"),
        settings=("window_days",),
        compute=_history,
        numbers={"model_history": _history_numbers},
    ),
)

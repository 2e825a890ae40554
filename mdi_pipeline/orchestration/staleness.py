"""What in a home is stale, and why: what `mdi doctor` says of it, by the rules of `reuse`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from mdi_pipeline.home.folder import Home
from mdi_pipeline.home.settings import Settings
from mdi_pipeline.hub.source import SourceError
from mdi_pipeline.lake.store import LakeError
from mdi_pipeline.orchestration.partition import Partition
from mdi_pipeline.orchestration.reuse import follows_its_inputs, is_up_to_date, stale_parts
from mdi_pipeline.orchestration.step import Step
from mdi_pipeline.orchestration.steps.registry import DAILY_STEPS, STEPS

ASKED_OVER_THE_NETWORK = ("archive",)
"""Sources that say over the network what a crawl date has now: whether such a crawl is stale is left to a run."""


@dataclass(frozen=True)
class Stale:
    """Steps of a crawl date (None: of what spans all) that a run would compute again, all for the same reason."""

    crawl_date: date | None
    steps: tuple[str, ...]
    reason: str


def stale_results(home: Home, settings: Settings) -> Iterator[Stale]:
    """What the next run of each crawl date would compute again, of all that it would, and why; oldest date first.

    What follows from a table that is missing is not named: the table is.
    """
    dates = home.lake.dates("model_snapshots")
    for crawl_date in dates:
        partition = Partition(home, settings, crawl_date)
        yield from _of_one_date(partition, [step for step in STEPS if not step.across_dates], crawl_date)
    if dates:
        newest = Partition(home, settings, dates[-1])
        yield from _of_one_date(newest, [step for step in STEPS if step.across_dates], None)


def is_finished(partition: Partition) -> bool:
    """Whether everything of a crawl date is there, made from the inputs that there are.

    Other code and settings count only where the home's settings say that automation follows them. The source is not
    asked.
    """
    up_to_date = is_up_to_date if partition.settings.follow_code else follows_its_inputs
    try:
        return all(up_to_date(step, partition) for step in DAILY_STEPS if not step.crawls)
    except LakeError:
        return False


def _of_one_date(partition: Partition, steps: list[Step], crawl_date: date | None) -> Iterator[Stale]:
    by_reason: dict[str, list[str]] = {}
    for step in steps:
        reason = _reason(step, partition)
        if reason:
            by_reason.setdefault(reason, []).append(step.name)
    for reason, names in by_reason.items():
        yield Stale(crawl_date, tuple(names), reason)


def _reason(step: Step, partition: Partition) -> str:
    """Why a step would be computed again; empty where it would not, or where that cannot be said here."""
    if step.crawls and partition.settings.source in ASKED_OVER_THE_NETWORK:
        return ""
    try:
        return "" if is_up_to_date(step, partition) else ", ".join(stale_parts(step, partition))
    except LakeError:
        return ""  # An input is missing or damaged, and named itself.
    except SourceError as error:
        return f"its source cannot be asked ({error})"

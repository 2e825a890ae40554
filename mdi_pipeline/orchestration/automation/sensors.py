"""What looks around every now and then: failures that someone should hear of, and changes that became stale.

Dagster's concept: https://docs.dagster.io/guides/automate/sensors
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import dagster as dg

from mdi_pipeline.compute.digest import combined
from mdi_pipeline.home.folder import Home, HomeError
from mdi_pipeline.home.settings import load_settings
from mdi_pipeline.home.sources import open_source
from mdi_pipeline.hub.source import SourceError
from mdi_pipeline.lake.store import Lake, LakeError
from mdi_pipeline.lake.thinning import dropped
from mdi_pipeline.orchestration.automation.webhook import WebhookError, post
from mdi_pipeline.orchestration.crawl_dates import add_dates, crawl_date_of
from mdi_pipeline.orchestration.jobs import CRAWL_DATE_JOB
from mdi_pipeline.orchestration.resources import PipelineResource
from mdi_pipeline.orchestration.step import EARLIER_CRAWLS, asset_of
from mdi_pipeline.orchestration.steps.history import LOOKING_BACK

SECONDS_BETWEEN = 60

DATES_A_TICK = 10
"""Crawl dates whose files one tick looks at."""

EVENTS_A_TICK = 1000
"""Events of each table that one tick reads."""

LOOKED_BACK_AT = {asset_of(table) for step in LOOKING_BACK if step.looks_back for table in step.looks_back.columns}
"""The assets that steps of later crawl dates read."""


@dg.run_failure_sensor(
    name="failed_runs",
    minimum_interval_seconds=SECONDS_BETWEEN,
    description="Tells the webhook of the settings that a run failed, and why.",
)
def failed_runs(context: dg.RunFailureSensorContext, pipeline: PipelineResource) -> None:
    """Post why a run failed: its failed checks and steps."""
    reasons = _failed_checks(context) or [_why(event) for event in context.get_step_failure_events()]
    _tell(context, pipeline, "failed", reasons or [context.failure_event.message or "for no reason that it gave"])


@dg.run_status_sensor(
    dg.DagsterRunStatus.SUCCESS,
    name="failed_checks",
    minimum_interval_seconds=SECONDS_BETWEEN,
    description="Tells the webhook of the settings that a check failed in a run that went through.",
)
def failed_checks(context: dg.RunStatusSensorContext, pipeline: PipelineResource) -> None:
    """Post which checks failed and why; those that stopped a run come with its failure."""
    reasons = _failed_checks(context)
    if reasons:
        _tell(context, pipeline, "went through, with failed checks", reasons)


@dg.sensor(
    name="new_dates",
    target=CRAWL_DATE_JOB,
    minimum_interval_seconds=SECONDS_BETWEEN,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Shows the crawl dates that are in the lake, and those that a folder of crawls has, as partitions. "
    "Launches nothing.",
)
def new_dates(context: dg.SensorEvaluationContext, pipeline: PipelineResource) -> dg.SkipReason:
    """Make the dates of the lake and of a folder of crawls known.

    Other sources have more dates than anyone wants: theirs are added as they are asked for.
    """
    home = Home.at(pipeline.home)
    dates = set(home.lake.dates("model_snapshots"))
    try:
        settings = load_settings(home)
        if settings.source == "files":
            dates |= set(open_source(home, settings).dates()) - dropped(home.lake)
    except (SourceError, HomeError, LakeError) as error:
        return dg.SkipReason(str(error))
    added = add_dates(context.instance, dates)
    return dg.SkipReason(f"{len(added)} new dates: {', '.join(map(str, added))}" if added else "no new date")


@dataclass(frozen=True)
class Watched:
    """How far `stale_changes` has looked: the last event that it has seen, and the dates that are left to look at.

    `after` is None before the first look.
    """

    after: int | None
    left: tuple[date, ...]

    @classmethod
    def from_cursor(cls, cursor: str | None) -> "Watched":
        """What an earlier tick wrote down; where that cannot be read, as before the first look."""
        try:
            after, left = json.loads(cursor or "null")
            return cls(int(after), tuple(map(date.fromisoformat, left)))
        except (ValueError, TypeError):
            return cls(None, ())

    def to_cursor(self) -> str:
        """The text that the next tick reads."""
        return json.dumps([self.after, [str(day) for day in self.left]])


@dg.sensor(
    job=CRAWL_DATE_JOB,
    minimum_interval_seconds=SECONDS_BETWEEN,
    description="Makes again what looks back at earlier crawls, for dates after one that was filled in later.",
)
def stale_changes(context: dg.SensorEvaluationContext, pipeline: PipelineResource) -> Iterator[dg.RunRequest]:
    """Make again what looks back where an earlier date was filled in: that is no input of the same crawl date.

    Looks only at dates after one that was made since the last tick, and at `DATES_A_TICK` of them at most, so that
    a tick takes as long with 3,000 dates as with 30.
    """
    watched = to_look_at(context.instance, Home.at(pipeline.home).lake, Watched.from_cursor(context.cursor))
    now, later = watched.left[:DATES_A_TICK], watched.left[DATES_A_TICK:]
    context.update_cursor(replace(watched, left=later).to_cursor())
    for crawl_date, stale in changes_stale(pipeline, now):
        yield dg.RunRequest(
            run_key=" ".join([str(crawl_date), *stale.values()]),
            partition_key=str(crawl_date),
            asset_selection=[dg.AssetKey(table) for table in stale],
        )


def to_look_at(instance: dg.DagsterInstance, lake: Lake, watched: Watched) -> Watched:
    """The dates that may look back at one that was made since: all later ones. At first, every date."""
    made, last = _made_since(instance, watched.after)
    later: Sequence[date] = ()
    if watched.after is None:
        later = lake.dates("score_changes")
    elif made:
        later = [day for day in lake.dates("score_changes") if day > min(made)]
    return Watched(last, tuple(sorted({*watched.left, *later})))


def _made_since(instance: dg.DagsterInstance, after: int | None) -> tuple[list[date], int]:
    """The crawl dates of which a table that others look back at was made since an event, and the last event read."""
    made, read, cut_short = [], [after or 0], []
    for asset in sorted(LOOKED_BACK_AT):
        wanted = dg.AssetRecordsFilter(asset_key=dg.AssetKey(asset), after_storage_id=after)
        if after is None:  # every date is looked at: only where to go on from is wanted
            records = instance.fetch_materializations(wanted, limit=1).records
        else:
            records = instance.fetch_materializations(wanted, limit=EVENTS_A_TICK, ascending=True).records
            cut_short += [records[-1].storage_id] if len(records) == EVENTS_A_TICK else []
        read += [record.storage_id for record in records]
        materialisations = [record.asset_materialization for record in records]
        made += [crawl_date_of(str(each.partition)) for each in materialisations if each and _is_news(each)]
    return made, min(cut_short, default=max(read))


def _is_news(materialisation: dg.AssetMaterialization) -> bool:
    """Whether a partition was made, and not only reported as up to date."""
    reused = materialisation.metadata.get("reused")
    return materialisation.partition is not None and not (reused and reused.value)


def changes_stale(pipeline: PipelineResource, dates: Sequence[date]) -> Iterator[tuple[date, dict[str, str]]]:
    """Those of the crawl dates with tables made from other earlier crawls than there are, with what tells them."""
    lake = Home.at(pipeline.home).lake
    for crawl_date in dates:
        partition = pipeline.partition(str(crawl_date))
        stale: dict[str, str] = {}
        for step in LOOKING_BACK:
            stamps = [lake.stamp(table, crawl_date) for table in step.writes]
            if not any(stamps):
                continue  # It was never made here: no change of an earlier crawl asks for it.
            try:
                current = step.made_from(partition)
                if any(stamp and stamp.made_from.get(EARLIER_CRAWLS) != current[EARLIER_CRAWLS] for stamp in stamps):
                    parts = {name: str(part) for name, part in current.items()}
                    stale |= dict.fromkeys(step.writes, combined(parts))
            except LakeError:
                continue  # An input is damaged or being made; nothing can follow from it yet.
        if stale:
            yield crawl_date, stale


def _why(event: dg.DagsterEvent) -> str:
    """Why a step failed, in the words of the error."""
    said = event.step_failure_data.user_failure_data
    return f"{event.step_key}: {said.description if said and said.description else event.message}"


def _failed_checks(context: dg.RunStatusSensorContext) -> list[str]:
    events = context.instance.all_logs(context.dagster_run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    evaluations = [event.dagster_event.asset_check_evaluation_data for event in events if event.dagster_event]
    return [
        f"{check.asset_key.to_user_string()}: {check.check_name}: {check.description}"
        for check in evaluations
        if not check.passed
    ]


def _tell(context: dg.RunStatusSensorContext, pipeline: PipelineResource, what: str, reasons: list[str]) -> None:
    """Post one message; without a webhook in the settings there is nobody to tell."""
    home = Home.at(pipeline.home)
    address = load_settings(home).webhook
    run = context.dagster_run
    of_date = run.tags.get("dagster/partition", "all crawls")
    if address is None:
        context.log.info("mdi.toml names no webhook: nobody was told")
        return
    text = "\n".join([f"mdi: {home.path.name}: the run of {of_date} {what} (run {run.run_id})", *reasons])
    try:
        post(address, text)
    except WebhookError as error:
        context.log.error(str(error))

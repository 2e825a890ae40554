"""What looks around every now and then: failures that someone should hear of, and changes that became stale.

Dagster's concept: https://docs.dagster.io/guides/automate/sensors
"""

from collections.abc import Iterator
from datetime import date

import dagster as dg

from mdi_pipeline.compute.digest import combined
from mdi_pipeline.home.folder import Home
from mdi_pipeline.home.settings import load_settings
from mdi_pipeline.lake.store import LakeError
from mdi_pipeline.orchestration.automation.webhook import WebhookError, post
from mdi_pipeline.orchestration.jobs import CRAWL_DATE_JOB
from mdi_pipeline.orchestration.resources import PipelineResource
from mdi_pipeline.orchestration.step import EARLIER_CRAWLS
from mdi_pipeline.orchestration.steps.history import LOOKING_BACK

SECONDS_BETWEEN = 60


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
    job=CRAWL_DATE_JOB,
    minimum_interval_seconds=SECONDS_BETWEEN,
    description="Makes again what looks back at earlier crawls, for dates after one that was filled in later.",
)
def stale_changes(pipeline: PipelineResource) -> Iterator[dg.RunRequest]:
    """Make again what looks back where an earlier date was filled in: that is no input of the same crawl date."""
    for crawl_date, stale in changes_stale(pipeline):
        yield dg.RunRequest(
            run_key=" ".join([str(crawl_date), *stale.values()]),
            partition_key=str(crawl_date),
            asset_selection=[dg.AssetKey(table) for table in stale],
        )


def changes_stale(pipeline: PipelineResource) -> Iterator[tuple[date, dict[str, str]]]:
    """Crawl dates with tables that were made from other earlier crawls than there are, each with what tells them."""
    lake = Home.at(pipeline.home).lake
    for crawl_date in lake.dates("score_changes"):
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
    """Why a step failed, in the words of whoever raised it."""
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

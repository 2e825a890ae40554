"""The job that fills a range of crawl dates in one run, one date after the other.

Dagster's own backfill in one run takes a range for one partition: it has one data version for all dates of an
asset, and records its checks on none of them. So this job is an op that records each date's materialisations
and checks itself. A date that fails stops nothing but itself.
Dagster's concept: https://docs.dagster.io/guides/build/jobs
"""

from collections.abc import Generator, Iterator

import dagster as dg

from mdi_pipeline.orchestration.asset import EXPECTED_ERRORS, code_version, results
from mdi_pipeline.orchestration.crawl_dates import add_dates, crawl_date_of
from mdi_pipeline.orchestration.dagster_private import JudgedMaterialisation
from mdi_pipeline.orchestration.dates import dates_wanted
from mdi_pipeline.orchestration.metadata import CODE_VERSION, INPUT_VERSION, input_recorded
from mdi_pipeline.orchestration.partition import Partition
from mdi_pipeline.orchestration.resources import PipelineResource, Progress, ViewsResource
from mdi_pipeline.orchestration.reuse import stamp
from mdi_pipeline.orchestration.step import Step, asset_of
from mdi_pipeline.orchestration.steps.registry import DAILY_STEPS

DATES_JOB = "crawl_dates"

Recorded = dg.AssetMaterialization | dg.AssetCheckEvaluation | dg.Output[None]


class Dates(dg.Config):
    """The first and the last date, both counted in, as YYYY-MM-DD."""

    first: str
    last: str


def crawl_dates_job() -> dg.JobDefinition:
    """The job that fills the dates that the source has, from one to another."""

    @dg.op(name="fill_dates")
    def fill_dates(
        context: dg.OpExecutionContext,
        config: Dates,
        pipeline: PipelineResource,
        views: ViewsResource,
        progress: dg.ResourceParam[Progress],
    ) -> Iterator[Recorded]:
        failed = {}
        try:
            first, last = crawl_date_of(config.first), crawl_date_of(config.last)
            newest = pipeline.partition(config.last)
            dates = dates_wanted(newest.source, newest.lake.dates("model_snapshots"), first, last)
            add_dates(context.instance, dates)
            for crawl_date in dates:
                partition = pipeline.partition(str(crawl_date), progress.crawled)
                reason = yield from _fill(context.instance, partition, force=pipeline.force)
                if reason:
                    failed[crawl_date] = reason
                    context.log.error(f"{crawl_date}: {reason}")
            views.refresh(newest.home, context.log)
        except EXPECTED_ERRORS as error:
            raise dg.Failure(description=str(error), allow_retries=False) from None
        if failed:
            listed = "; ".join(f"{crawl_date}: {reason}" for crawl_date, reason in failed.items())
            raise dg.Failure(description=f"{len(failed)} of {len(dates)} dates failed. {listed}", allow_retries=False)
        yield dg.Output(None)

    @dg.job(
        name=DATES_JOB,
        executor_def=dg.in_process_executor,
        description="A range of crawl dates in one run, one after the other. What is up to date is left alone; a date "
        "that fails stops nothing but itself.",
    )
    def job() -> None:
        fill_dates()

    return job


def _fill(instance: dg.DagsterInstance, partition: Partition, *, force: bool) -> Generator[Recorded, None, str | None]:
    """Fill one date and record what was made; why it failed comes back."""
    crawl_date = str(partition.crawl_date)
    try:
        for step in DAILY_STEPS:
            code = code_version(step, partition.settings)
            for made in results(step, partition, instance, force=force):
                asset = dg.AssetKey.from_coercible(made.asset_key or "")
                tags = _versions(step, partition, code, made)
                yield dg.AssetMaterialization(asset, partition=crawl_date, metadata=made.metadata, tags=tags)
                checks = made.check_results or []
                for check in checks:
                    yield _on_its_date(instance, asset, check, crawl_date)
                failed = [f"{check.check_name}: {check.description}" for check in checks if _stops(check)]
                if failed:
                    return "; ".join(failed)
    except EXPECTED_ERRORS as error:
        return str(error)
    return None


def _versions(step: Step, partition: Partition, code: str, made: dg.MaterializeResult[None]) -> dict[str, str]:
    """What Dagster itself records of a materialisation: the versions of its data, its code and its inputs."""
    inputs = {
        f"{INPUT_VERSION}{asset_of(name)}": input_recorded(stamp(partition, name).data_version) for name in step.reads
    }
    data = {"dagster/data_version": made.data_version.value} if made.data_version else {}
    return {**data, CODE_VERSION: code, **inputs}


def _on_its_date(
    instance: dg.DagsterInstance, asset: dg.AssetKey, check: dg.AssetCheckResult, crawl_date: str
) -> dg.AssetCheckEvaluation:
    """A check's result on its crawl date, and on the record of the materialisation that it judged."""
    wanted = dg.AssetRecordsFilter(asset_key=asset, asset_partitions=[crawl_date])
    judged = instance.fetch_materializations(wanted, limit=1).records[0]
    return dg.AssetCheckEvaluation(
        asset_key=asset,
        check_name=check.check_name or "",
        passed=check.passed,
        metadata=check.metadata,
        target_materialization_data=JudgedMaterialisation(
            run_id=judged.run_id, storage_id=judged.storage_id, timestamp=judged.timestamp
        ),
        severity=check.severity,
        description=check.description,
        blocking=check.severity == dg.AssetCheckSeverity.ERROR,
        partition=crawl_date,
    )


def _stops(check: dg.AssetCheckResult) -> bool:
    """Whether what follows would be wrong: blocking checks are those of severity ERROR."""
    return not check.passed and check.severity == dg.AssetCheckSeverity.ERROR

"""From a step to the Dagster assets of it: each is reported, whether it was made or reused.

What is reused is still reported, with the same data version and `reused`, since an upstream that reports nothing
stops all that follows. What its checks found is on record where the files are the very same (`kept`); else checks run
on what is in the lake then. Where that is so of all that a run would make, the run need not be launched (`stands`).
"""

from collections.abc import Collection, Iterator, Mapping

import dagster as dg

from mdi_pipeline.compute.digest import combined
from mdi_pipeline.home.folder import HomeError
from mdi_pipeline.home.settings import Settings
from mdi_pipeline.hub.source import DateRefused, SourceError
from mdi_pipeline.lake.reports import REPORT
from mdi_pipeline.lake.store import LakeError
from mdi_pipeline.orchestration.automation.conditions import follows_any_crawl, follows_inputs
from mdi_pipeline.orchestration.checks import checks_of
from mdi_pipeline.orchestration.crawl_dates import CRAWL_DATES
from mdi_pipeline.orchestration.kept import Found, found_before, judged_on
from mdi_pipeline.orchestration.metadata import (
    PICTURE,
    column_lineage,
    column_schema,
    input_recorded,
    last_materialisation,
    picture_link,
    report_link,
    versions_recorded,
)
from mdi_pipeline.orchestration.partition import Partition
from mdi_pipeline.orchestration.resources import PipelineResource, Progress, ViewsResource
from mdi_pipeline.orchestration.reuse import is_up_to_date, make, product, stamp
from mdi_pipeline.orchestration.step import Frames, Step, asset_of
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline.tables.registry import TableInvalid

EXPECTED_ERRORS = (SourceError, LakeError, HomeError, TableInvalid)
"""Errors that say in one line what is wrong and what to do; anything else is a bug and keeps its traceback."""

SKIPPED = "skipped"
"""The metadata of an observation that says why nothing was made of a crawl date."""

OWNER = "team:mdi"

PAGE = "One self-contained HTML page: what was crawled, the network, the scores and what follows."


def step_asset(step: Step, settings: Settings) -> dg.AssetsDefinition:
    """The Dagster assets of a step, with their checks, for a home with these settings.

    One of them can be launched without the others: the step computes, and what was selected is reported. A crawl date
    that the source does not have is skipped, and so is all that follows from it.
    """
    partitions = None if step.across_dates else CRAWL_DATES

    @dg.multi_asset(
        name=step.name,
        specs=[_spec(step, asset, names, partitions, settings) for asset, names in step.assets.items()],
        check_specs=[
            check.spec(asset, partitions) for asset, names in step.assets.items() for check in checks_of(names)
        ],
        partitions_def=partitions,
        can_subset=True,
    )
    def materialise(
        context: dg.AssetExecutionContext,
        pipeline: PipelineResource,
        views: ViewsResource,
        progress: dg.ResourceParam[Progress],
    ) -> Iterator[dg.MaterializeResult[None]]:
        progress.begin(step.name)
        try:
            partition = (
                pipeline.newest() if step.across_dates else pipeline.partition(only_date(context), progress.crawled)
            )
            for made in results(step, partition, context.instance, force=pipeline.force):
                if made.asset_key in context.selected_asset_keys:
                    yield _selected(made, context.selected_asset_check_keys)
            views.refresh(partition.home, context.log)
        except DateRefused as refusal:
            _skip(context, str(refusal))
        except EXPECTED_ERRORS as error:
            raise dg.Failure(description=str(error), allow_retries=False) from None

    return materialise


def _selected(made: dg.MaterializeResult[None], checks: Collection[dg.AssetCheckKey]) -> dg.MaterializeResult[None]:
    """A result with those of its checks alone that a run selected: Dagster refuses others."""
    asset = dg.AssetKey.from_coercible(made.asset_key or "")
    selected = {check.name for check in checks if check.asset_key == asset}
    return dg.MaterializeResult(
        asset_key=asset,
        data_version=made.data_version,
        metadata=made.metadata,
        check_results=[check for check in made.check_results or [] if check.check_name in selected],
    )


def _skip(context: dg.AssetExecutionContext, reason: str) -> None:
    """Say why nothing is made of a crawl date, in the log and beside each asset."""
    context.log.warning(f"skipped: {reason}")
    for asset in sorted(context.selected_asset_keys):
        context.log_event(
            dg.AssetObservation(asset, description=reason, partition=context.partition_key, metadata={SKIPPED: reason})
        )


def only_date(context: dg.AssetExecutionContext) -> str:
    """The crawl date of a run. Raises `dg.Failure` where it is to take a range for one: its checks are of no date."""
    if len(context.partition_keys) > 1:
        raise dg.Failure(
            description="A range of partitions in one run records its checks on none of them. Launch a backfill with a "
            "run for each date, or the job crawl_dates, which takes a range",
            allow_retries=False,
        )
    key: str = context.partition_key
    return key


def code_version(step: Step, settings: Settings) -> str:
    """The version of a step's code with the settings that it reads, by which Dagster tells what is stale."""
    chosen = {name: str(getattr(settings, name)) for name in step.settings}
    return combined({**chosen, "code of the step": step.code(settings).version})


def results(
    step: Step, partition: Partition, instance: dg.DagsterInstance, *, force: bool
) -> Iterator[dg.MaterializeResult[None]]:
    """Make what the step writes, unless it is up to date, and report each asset, with what its checks found."""
    reused = step.is_final(partition) or (not force and is_up_to_date(step, partition))
    made = None if reused else make(step, partition, force=force)
    on = {asset: judged_on(step, asset, partition) for asset in step.assets}
    found = None if force or made else _found_before(step, partition, instance, on)
    for asset, said in (found or _found(step, partition)).items():
        name = step.assets[asset][0]
        stamped = stamp(partition, name)
        yield dg.MaterializeResult(
            asset_key=dg.AssetKey(asset),
            data_version=dg.DataVersion(stamped.data_version),
            metadata={
                **said.to_keep(on[asset]),
                "reused": reused,
                "path": dg.MetadataValue.path(str(product(partition, name).file(partition.key(name)))),
                "libraries": ", ".join(f"{library} {version}" for library, version in stamped.libraries.items()),
            },
            check_results=[check.result(asset, said.outcomes[check.name]) for check in checks_of(step.assets[asset])],
        )


def stands(step: Step, partition: Partition, instance: dg.DagsterInstance) -> bool:
    """Whether a run could only report once more what is on record of a step that is up to date.

    No check blocks what follows, and Dagster's record names the versions of code and inputs that are in force.
    """
    found = _found_before(
        step, partition, instance, {asset: judged_on(step, asset, partition) for asset in step.assets}
    )
    return found is not None and all(
        _recorded_versions(step, asset, partition, instance)
        and all(found[asset].outcomes[check.name].passed or not check.blocking for check in checks_of(names))
        for asset, names in step.assets.items()
    )


def _recorded_versions(step: Step, asset: str, partition: Partition, instance: dg.DagsterInstance) -> bool:
    """Whether Dagster's record of an asset names the code and the inputs that it would be made from now."""
    recorded = versions_recorded(last_materialisation(instance, asset, step.partition_key(partition)))
    inputs = {} if step.across_dates else {asset_of(name): stamp(partition, name).data_version for name in step.reads}
    return recorded.code == code_version(step, partition.settings) and all(
        recorded.inputs.get(name) == input_recorded(version) for name, version in inputs.items()
    )


def _found_before(
    step: Step, partition: Partition, instance: dg.DagsterInstance, on: Mapping[str, str]
) -> dict[str, Found] | None:
    """What is on record of each asset, where all of them are as they were judged."""
    key = step.partition_key(partition)
    found = {
        asset: found_before(instance, asset, checks_of(names), key, on[asset]) for asset, names in step.assets.items()
    }
    known = {asset: said for asset, said in found.items() if said is not None}
    return known if known.keys() == found.keys() else None


def _found(step: Step, partition: Partition) -> dict[str, Found]:
    """What is to be reported of each asset as it lies in the lake: that is what is judged, and what follows reads."""
    frames = {name: partition.read(name) for name in step.writes if name != REPORT}
    found = {}
    for asset, names in step.assets.items():
        shown = _shown_of_report(partition) if asset == REPORT else _shown_of_table(step, asset, partition, frames)
        outcomes = {check.name: check.judge(partition, frames) for check in checks_of(names)}
        found[asset] = Found(shown, outcomes)
    return found


def _shown_of_table(step: Step, asset: str, partition: Partition, frames: Frames) -> dict[str, object]:
    names = step.assets[asset]
    numbers = step.numbers[asset](frames) if asset in step.numbers else {}
    return {
        "dagster/row_count": frames[names[0]].height,
        **picture_link(names[0], partition.crawl_date),
        **{name: value for name, value in numbers.items() if value is not None},
    }


def _shown_of_report(partition: Partition) -> dict[str, object]:
    reports, crawl_date = partition.home.reports, partition.crawl_date
    return {
        "page": dg.MetadataValue.path(str(reports.page(crawl_date))),
        PICTURE: report_link(crawl_date),
        "figures": dg.MetadataValue.path(str(reports.figures(crawl_date))),
        "bytes": reports.page(crawl_date).stat().st_size,
    }


def _spec(
    step: Step,
    asset: str,
    names: list[str],
    partitions: dg.PartitionsDefinition[str] | None,
    settings: Settings,
) -> dg.AssetSpec:
    is_page = asset == REPORT
    return dg.AssetSpec(
        asset,
        deps=sorted({asset_of(table) for table in step.reads}),
        description=PAGE if is_page else "\n\n".join(TABLES[table].row for table in names),
        group_name=step.group,
        kinds={"altair", "html"} if is_page else {"polars", "parquet"},
        owners=[OWNER],
        code_version=code_version(step, settings),
        partitions_def=partitions,
        automation_condition=_condition(step, settings),
        skippable=step.crawls,
        metadata={}
        if is_page
        else {
            "dagster/column_schema": column_schema(names),
            "dagster/column_lineage": column_lineage(names),
            "dagster/table_name": names[0],
        },
    )


def _condition(step: Step, settings: Settings) -> dg.AutomationCondition[dg.AssetKey | dg.AssetCheckKey] | None:
    """The crawl is launched by the clock or by hand; everything else follows it."""
    if step.across_dates:
        return follows_any_crawl(changed_code=settings.follow_code)
    return follows_inputs(changed_code=settings.follow_code) if step.reads else None

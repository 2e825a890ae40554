"""From what a step reads, writes and computes to a Dagster asset: the one place where work is skipped.

A step looks at the fingerprint of its inputs, code and settings. Where all that it writes carries the same
one already, nothing is computed; the assets are still reported, with the same data version and `reused`,
since an upstream that reports nothing stops all that follows. What is said of them is on record where the files
are the very same (`assets.kept`); else checks run on what is in the lake then. Where that is so of all that a run
would make, it need not be launched (`stands`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import dagster as dg
import polars as pl

from mdi_pipeline.home.settings import SettingsError
from mdi_pipeline.hub.source import SourceError
from mdi_pipeline.lake.store import Lake, LakeError, Stamp
from mdi_pipeline.orchestration.automation.conditions import crawled_daily, follows_any_crawl, follows_inputs
from mdi_pipeline.orchestration.checks import checks_of
from mdi_pipeline.orchestration.code_version import code_version, fingerprint
from mdi_pipeline.orchestration.kept import Found, found_before, judged_on
from mdi_pipeline.orchestration.metadata import (
    asset_of,
    column_lineage,
    column_schema,
    last_materialisation,
    picture_drawn,
    picture_kept,
)
from mdi_pipeline.orchestration.partition import Partition
from mdi_pipeline.orchestration.resources import PipelineResource, Progress, ViewsResource
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline.tables.registry import TableInvalid

Frames = dict[str, pl.DataFrame]
Number = float | int | str | None

EXPECTED_ERRORS = (SourceError, LakeError, SettingsError, TableInvalid)
"""Errors that say in one line what is wrong and what to do; anything else is a bug and keeps its traceback."""

OWNER = "team:mdi"


@dataclass(frozen=True)
class Step:
    """One op: the tables it reads and writes, and how the ones come from the others.

    `layers` is the code whose change makes the result stale, `settings` the settings, `inputs` what else
    it hangs on; `aside` what only columns hang on of which the version does not speak: whoever reads those names it
    among its own `inputs`. `data_version` says what version the data has where that is not the fingerprint itself.
    `landed` is called when the tables are in the lake. `is_final` says that what is there cannot be had again,
    and stays. `numbers` are those of the result that Dagster plots over the partitions, by asset. `reads_all` are
    tables that it reads the partitions of all crawl dates of; such a step is not partitioned itself.
    """

    name: str
    group: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    layers: tuple[str, ...]
    compute: Callable[[Partition], Frames]
    reads_all: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    inputs: Callable[[Partition], Mapping[str, object]] = lambda _: {}
    aside: Callable[[Partition], Mapping[str, object]] = lambda _: {}
    data_version: Callable[[Frames], str] | None = None
    landed: Callable[[Partition], None] = lambda _: None
    is_final: Callable[[Partition], bool] = lambda _: False
    numbers: Mapping[str, Callable[[Frames], Mapping[str, Number]]] = field(default_factory=dict)

    @property
    def assets(self) -> dict[str, list[str]]:
        """The assets that the step makes, each with its tables."""
        made: dict[str, list[str]] = {}
        for table in self.writes:
            made.setdefault(asset_of(table), []).append(table)
        return made

    @property
    def code_version(self) -> str:
        """The version of the code that computes the step."""
        return code_version("tables", *self.layers)

    def partition_key(self, partition: Partition) -> str | None:
        """What names the partition in Dagster; None where the step is one whole over all crawl dates."""
        return None if self.reads_all else str(partition.crawl_date)

    def fingerprint(self, partition: Partition) -> str:
        """What the step's result hangs on. Raises `LakeError` where an input is missing."""
        return fingerprint({**self._hangs_on(partition), **self.aside(partition)})

    def version(self, partition: Partition) -> str:
        """The version of what the step computes: its fingerprint, but for what stands `aside`."""
        return fingerprint(self._hangs_on(partition))

    def _hangs_on(self, partition: Partition) -> dict[str, object]:
        return {
            "step": self.name,
            "code": self.code_version,
            "settings": {name: getattr(partition.settings, name) for name in self.settings},
            "reads": {table: stamp_of(partition, table).data_version for table in self.reads},
            "reads_all": {table: _versions(partition.lake, table) for table in self.reads_all},
            **self.inputs(partition),
        }


def step_asset(step: Step, crawl_dates: dg.PartitionsDefinition[str]) -> dg.AssetsDefinition:
    """The Dagster assets of a step, with their checks."""
    partitions = None if step.reads_all else crawl_dates

    @dg.multi_asset(
        name=step.name,
        specs=[_spec(step, asset, tables, partitions) for asset, tables in step.assets.items()],
        check_specs=[
            check.spec(asset, partitions) for asset, tables in step.assets.items() for check in checks_of(tables)
        ],
        partitions_def=partitions,
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
                pipeline.newest() if step.reads_all else pipeline.partition(only_date(context), progress.crawled)
            )
            yield from results(step, partition, context.instance, force=pipeline.force)
            views.refresh(partition.home, context.log)
        except EXPECTED_ERRORS as error:
            raise dg.Failure(description=str(error), allow_retries=False) from None

    return materialise


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


def results(
    step: Step, partition: Partition, instance: dg.DagsterInstance, *, force: bool
) -> Iterator[dg.MaterializeResult[None]]:
    """Make what the step writes, unless it is up to date, and say so of each asset, with what its checks found."""
    reused = step.is_final(partition) or (not force and _is_current(step, partition))
    if not reused:
        _land(step, partition)
    on = _judged_on(step, partition)
    found = None if force or not reused else _found_before(step, partition, instance, on)
    for asset, said in (found or _found(step, partition, instance, reused=reused)).items():
        table = step.assets[asset][0]
        yield dg.MaterializeResult(
            asset_key=asset,
            data_version=dg.DataVersion(stamp_of(partition, table).data_version),
            metadata={
                **said.to_keep(on[asset]),
                "reused": reused,
                "path": dg.MetadataValue.path(str(partition.lake.file(table, partition.key(table)))),
            },
            check_results=[check.result(asset, said.outcomes[check.name]) for check in checks_of(step.assets[asset])],
        )


def is_up_to_date(step: Step, partition: Partition) -> bool:
    """Whether there is nothing to compute."""
    return step.is_final(partition) or _is_current(step, partition)


def stands(step: Step, partition: Partition, instance: dg.DagsterInstance) -> bool:
    """Whether a run could only say again what is on record of a step that is up to date: no check blocks what follows.

    Reads the step's files through, for their SHA-256.
    """
    found = _found_before(step, partition, instance, _judged_on(step, partition))
    return found is not None and all(
        found[asset].outcomes[check.name].passed or not check.blocking
        for asset, tables in step.assets.items()
        for check in checks_of(tables)
    )


def _judged_on(step: Step, partition: Partition) -> dict[str, str]:
    """What the outcomes of the checks of each asset hang on."""
    return {asset: judged_on(tables, partition) for asset, tables in step.assets.items()}


def _found_before(
    step: Step, partition: Partition, instance: dg.DagsterInstance, on: Mapping[str, str]
) -> dict[str, Found] | None:
    """What is on record of each asset, where all of them are as they were judged."""
    key = step.partition_key(partition)
    found = {
        asset: found_before(instance, asset, checks_of(tables), key, on[asset]) for asset, tables in step.assets.items()
    }
    known = {asset: said for asset, said in found.items() if said is not None}
    return known if known.keys() == found.keys() else None


def _found(step: Step, partition: Partition, instance: dg.DagsterInstance, *, reused: bool) -> dict[str, Found]:
    """What is to be said of each asset as it lies in the lake: that is what is judged, and what follows reads."""
    frames = {table: partition.read(table) for table in step.writes}
    found = {}
    for asset, tables in step.assets.items():
        table, version = tables[0], stamp_of(partition, tables[0]).data_version
        metadata = {
            "dagster/row_count": frames[table].height,
            "dagster/column_lineage": column_lineage(tables),
            **_plotted(step, asset, frames),
            **(
                picture_kept(last_materialisation(instance, asset, step.partition_key(partition)), version)
                if reused
                else picture_drawn(table, partition, frames)
            ),
        }
        outcomes = {check.name: check.judge(partition, frames) for check in checks_of(tables)}
        found[asset] = Found(metadata, outcomes)
    return found


def _is_current(step: Step, partition: Partition) -> bool:
    """Whether all that the step writes was made from what it would be made from now."""
    stamps = [partition.lake.stamp(table, partition.key(table)) for table in step.writes]
    made_from = {stamp.fingerprint if stamp else None for stamp in stamps}
    # Where a table is missing, the source's file need not be read through for its fingerprint.
    return None not in made_from and made_from == {step.fingerprint(partition)}


def _land(step: Step, partition: Partition) -> None:
    """Compute the step and put its tables into the lake."""
    current = step.fingerprint(partition)
    try:
        frames = step.compute(partition)
    except pl.exceptions.PolarsError:
        require_whole(step.reads, partition)
        raise
    version = step.data_version(frames) if step.data_version else step.version(partition)
    for table in step.writes:
        partition.lake.write(table, partition.key(table), frames[table], Stamp(current, version))
    step.landed(partition)


def require_whole(tables: Iterable[str], partition: Partition) -> None:
    """Read some tables through. Raises `LakeError` where one is damaged: who scans several cannot say which."""
    for table in tables:
        partition.read(table)


def _plotted(step: Step, asset: str, frames: Frames) -> dict[str, float | int | str]:
    if asset not in step.numbers:
        return {}
    return {name: value for name, value in step.numbers[asset](frames).items() if value is not None}


def stamp_of(partition: Partition, table: str) -> Stamp:
    """What a table of this crawl date was made from. Raises `LakeError` where it is missing or does not say."""
    stamp = partition.lake.stamp(table, partition.key(table))
    if stamp is None:
        partition.scan(table)
        raise LakeError(f"{table} of {partition.crawl_date} does not say what it was made from. Make it again: --force")
    return stamp


def _versions(lake: Lake, table: str) -> dict[str, str | None]:
    """The data version of every crawl date of a table; None where a partition does not say."""
    stamps = {str(crawl_date): lake.stamp(table, crawl_date) for crawl_date in lake.dates(table)}
    return {crawl_date: stamp.data_version if stamp else None for crawl_date, stamp in stamps.items()}


def _spec(step: Step, asset: str, tables: list[str], partitions: dg.PartitionsDefinition[str] | None) -> dg.AssetSpec:
    return dg.AssetSpec(
        asset,
        deps=sorted({asset_of(table) for table in (*step.reads, *step.reads_all)}),
        description="\n\n".join(TABLES[table].row for table in tables),
        group_name=step.group,
        kinds={"polars", "parquet"},
        owners=[OWNER],
        code_version=step.code_version,
        partitions_def=partitions,
        automation_condition=_condition(step),
        freshness_policy=crawled_daily() if not step.reads and not step.reads_all else None,
        metadata={"dagster/column_schema": column_schema(tables), "dagster/table_name": tables[0]},
    )


def _condition(step: Step) -> dg.AutomationCondition[dg.AssetKey | dg.AssetCheckKey] | None:
    """The crawl is launched by the clock or by hand; everything else follows it."""
    if step.reads_all:
        return follows_any_crawl()
    return follows_inputs() if step.reads else None

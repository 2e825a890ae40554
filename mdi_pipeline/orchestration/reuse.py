"""When the work of a step is skipped: where all that it writes was made from what it would be made from now.

The one place that decides so. `mdi run`, `mdi doctor` and Dagster's UI agree on what is stale, since all ask
here; the UI by way of code and data versions, which are made of the same parts.
"""

from __future__ import annotations

import polars as pl

from mdi_pipeline.lake.reports import REPORT
from mdi_pipeline.lake.store import LakeError, Stamp
from mdi_pipeline.orchestration.partition import Partition
from mdi_pipeline.orchestration.products import Product, ReportProduct, TableProduct
from mdi_pipeline.orchestration.step import EARLIER_CRAWLS, Made, Step
from mdi_pipeline.tables.catalogue import TABLES


def product(partition: Partition, name: str) -> Product:
    """What a step writes under a name."""
    if name == REPORT:
        return ReportProduct(partition.home.reports)
    return TableProduct(partition.lake, TABLES[name])


def stamp(partition: Partition, name: str) -> Stamp:
    """What a product of this crawl date was made from. Raises `LakeError` where it is missing or does not say."""
    found = product(partition, name).stamp(partition.key(name))
    if found is None:
        raise LakeError(f"{name} of {partition.crawl_date} is missing, or does not say what it was made from")
    return found


def is_up_to_date(step: Step, partition: Partition) -> bool:
    """Whether there is nothing to compute. Raises `LakeError` where an input is missing."""
    return step.is_final(partition) or not stale_parts(step, partition)


def stale_parts(step: Step, partition: Partition) -> list[str]:
    """Why what a step writes is not what it would make now, part by part; empty where it is.

    Parts are those of `Step.made_from`: `code changed`, `settings changed`, `models changed`.
    Raises `LakeError` where an input is missing.
    """
    stamps = {name: product(partition, name).stamp(partition.key(name)) for name in step.writes}
    # Where one is missing, the source's file need not be read through to compare it.
    missing = [f"{name} is missing" for name, found in stamps.items() if found is None]
    return missing or _differences(step, partition, [found for found in stamps.values() if found is not None])


def _differences(step: Step, partition: Partition, stamps: list[Stamp]) -> list[str]:
    current = step.made_from(partition)
    if all(found.made_from == current for found in stamps):
        return []
    if any(found.schema_version == 0 for found in stamps):
        kept = "; the crawl itself is kept" if step.crawls else ""
        return [f"made by version 0.1.0{kept}"]
    parts = [name for found in stamps for name in current if found.made_from.get(name) != current[name]]
    gone = [name for found in stamps for name in found.made_from if name not in current]
    return [f"{name} changed" for name in dict.fromkeys([*parts, *gone])]


def follows_its_inputs(step: Step, partition: Partition) -> bool:
    """Whether all that a step writes is there, made from the inputs that there are, by whatever code and settings.

    What version 0.1.0 made does not say from what: it counts. Raises `LakeError` where an input is missing.
    """
    current = step.made_from(partition)
    inputs = [name for name in current if name in {*step.reads, EARLIER_CRAWLS}]
    stamps = [product(partition, name).stamp(partition.key(name)) for name in step.writes]
    return all(
        found is not None
        and (found.schema_version == 0 or all(found.made_from.get(name) == current[name] for name in inputs))
        for found in stamps
    )


def make(step: Step, partition: Partition, *, force: bool) -> Made:
    """Compute a step and put what it made in place, which comes back.

    A crawl that an earlier version stored is not taken again, unless `force`: it is brought to the present schema.
    """
    made = (None if force else _stored(step, partition)) or computed(step, partition)
    land(step, partition, made)
    return made


def computed(step: Step, partition: Partition) -> Made:
    """What a step makes. Raises `LakeError` where an input is damaged."""
    inputs = step.inputs(partition)
    try:
        return step.compute(inputs)
    except pl.exceptions.PolarsError:
        inputs.require_whole()
        raise


def land(step: Step, partition: Partition, made: Made) -> None:
    """Put what a step made in place. Raises `TableInvalid` and `LakeError`."""
    made_from, libraries = step.made_from(partition), step.code(partition.settings).libraries
    for name in step.writes:
        product(partition, name).land(partition.key(name), made[name], made_from, libraries)
    step.landed(partition)


def _stored(step: Step, partition: Partition) -> Made | None:
    """The tables of a crawl that an earlier version stored, new columns as null; None where there is none such."""
    if not step.crawls:
        return None
    stamps = {name: partition.lake.stamp(name, partition.crawl_date) for name in step.writes}
    # One of the tables is enough: only some of them change, and a kill may have come between them.
    if not any(found and found.schema_version < TABLES[name].schema_version for name, found in stamps.items()):
        return None
    if None in stamps.values():
        return None
    return {name: pl.concat([TABLES[name].empty(), partition.read(name)], how="diagonal") for name in step.writes}

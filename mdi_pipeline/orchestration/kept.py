"""Reuse of recorded check results while a table's file is unchanged: the file is not read then.

A materialisation carries what its checks found and what that depends on: the files, the code of the checks and of
what is reported beside them, and the crawl before, which one of them looks at. Where all that is as it was, judging
once more would find the same. A file is known by its size and times, and by what its footer says of its content; that
a disk changes bytes by itself is found by `mdi doctor`, which reads every table through.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import dagster as dg

from mdi_pipeline.compute.digest import combined
from mdi_pipeline.orchestration.checks import Check, Outcome
from mdi_pipeline.orchestration.code_closure import Root, installed
from mdi_pipeline.orchestration.metadata import last_materialisation
from mdi_pipeline.orchestration.partition import Partition
from mdi_pipeline.orchestration.products import Product
from mdi_pipeline.orchestration.reuse import product
from mdi_pipeline.orchestration.step import Step

JUDGED = "judged"
"""Where it stands among the metadata."""

JUDGES = (Root("mdi_pipeline.orchestration.checks"), Root("mdi_pipeline.orchestration.metadata"))


def judged_on(step: Step, asset: str, partition: Partition) -> str:
    """A digest of all that the outcomes of an asset's checks, and the numbers shown of it, depend on."""
    before = partition.lake.previous("model_snapshots", partition.crawl_date)
    stamp = partition.lake.stamp("model_snapshots", before) if before else None
    numbers = step.numbers.get(asset)
    shown = (Root(numbers.__module__, numbers.__name__),) if numbers else ()
    files = {name: _identity(product(partition, name), partition.key(name)) for name in step.assets[asset]}
    return combined(
        {
            **files,
            "code": installed().code((*JUDGES, *shown)).version,
            "before": f"{before} {stamp.data_version if stamp else None}",
        }
    )


def _identity(written: Product, crawl_date: date | None) -> str:
    """What differs where another file is in the place of this one, or it was written to."""
    now, stamp = written.file(crawl_date).stat(), written.stamp(crawl_date)
    return f"{now.st_size} {now.st_mtime_ns} {now.st_ino} {stamp.data_version if stamp else None}"


@dataclass(frozen=True)
class Found:
    """What is reported of an asset: metadata, and what its checks found, by their names."""

    metadata: Mapping[str, Any]
    outcomes: Mapping[str, Outcome]

    def to_keep(self, on: str) -> dict[str, Any]:
        """The metadata, and in it what `found_before` reads."""
        outcomes = {name: asdict(outcome) for name, outcome in self.outcomes.items()}
        return {**self.metadata, JUDGED: dg.MetadataValue.json({"on": on, "outcomes": outcomes})}


def found_before(
    instance: dg.DagsterInstance, asset: str, checks: Sequence[Check], partition_key: str | None, on: str
) -> Found | None:
    """What the newest record of an asset's partition says; None where that was judged on anything else."""
    earlier = last_materialisation(instance, asset, partition_key)
    judged = earlier.metadata.get(JUDGED) if earlier else None
    if earlier is None or not isinstance(judged, dg.JsonMetadataValue) or not isinstance(judged.data, dict):
        return None
    outcomes = judged.data["outcomes"]
    if judged.data["on"] != on or set(outcomes) != {check.name for check in checks}:
        return None
    return Found(earlier.metadata, {name: Outcome(**outcome) for name, outcome in outcomes.items()})

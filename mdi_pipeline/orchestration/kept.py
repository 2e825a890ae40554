"""What an earlier run found of the very same bytes: it is reported once more, and unchanged tables are not read.

A materialisation carries what its checks found and what that depends on: the files by their SHA-256, the code of the
checks and of what is reported beside them, and the crawl before, which one of them looks at. Where all that is as it
was, judging once more would find the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import dagster as dg

from mdi_pipeline.compute.digest import combined, sha256_of
from mdi_pipeline.orchestration.checks import Check, Outcome
from mdi_pipeline.orchestration.code_closure import Root, installed
from mdi_pipeline.orchestration.metadata import last_materialisation
from mdi_pipeline.orchestration.partition import Partition
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
    files = {name: sha256_of(product(partition, name).file(partition.key(name))) for name in step.assets[asset]}
    return combined(
        {
            **files,
            "code": installed().code((*JUDGES, *shown)).version,
            "before": f"{before} {stamp.data_version if stamp else None}",
        }
    )


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

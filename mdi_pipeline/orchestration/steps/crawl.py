"""The crawl: a source's models on a date, and what the crawl was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mdi_pipeline.orchestration.step import Step

if TYPE_CHECKING:
    from mdi_pipeline.home.settings import Settings
    from mdi_pipeline.orchestration.code_closure import Root
    from mdi_pipeline.orchestration.inputs import Inputs
    from mdi_pipeline.orchestration.partition import Partition
    from mdi_pipeline.orchestration.step import Frames, Made, Number


def _crawl(inputs: Inputs) -> Made:
    from mdi_pipeline.hub.crawl import take_crawl

    assert inputs.source
    with inputs.workspace() as workspace:
        crawl = take_crawl(
            inputs.source,
            inputs.crawl_date,
            workspace,
            previous_crawl_date=inputs.previous,
            max_bad_share=inputs.settings.max_bad_share,
        )
    return {"model_snapshots": crawl.models, "crawl_manifest": crawl.manifest}


def _source_code(settings: Settings) -> tuple[Root, ...]:
    """The code of the home's own kind of source: a change of the simulator is none of a real Hub's crawl."""
    from mdi_pipeline.home.sources import opener
    from mdi_pipeline.orchestration.code_closure import Root

    function = opener(settings.source)
    return (Root(function.__module__, function.__name__),)


def _depends_on(partition: Partition) -> Mapping[str, object]:
    previous = partition.lake.previous("model_snapshots", partition.crawl_date)
    return {
        "source": partition.source.fingerprint(partition.crawl_date),
        "previous crawl": str(previous) if previous else None,
    }


def _is_final(partition: Partition) -> bool:
    """Whether the crawl is in the lake and its source no longer gives that date: the live Hub has no past."""
    from mdi_pipeline.hub.source import DateRefused
    from mdi_pipeline.tables.catalogue import TABLES

    stamps = {table: partition.lake.stamp(table, partition.crawl_date) for table in CRAWL.writes}
    if any(stamp is None or stamp.schema_version < TABLES[table].schema_version for table, stamp in stamps.items()):
        return False
    try:
        partition.source.fingerprint(partition.crawl_date)
    except DateRefused:
        return True
    return False


def _models(frames: Frames) -> Mapping[str, Number]:
    manifest = frames["crawl_manifest"].row(0, named=True)
    return {
        "models": manifest["n_models"],
        "bad records": manifest["n_bad_records"],
        "unread fields": sum(found["n_records"] for found in manifest["unread_fields"] or ()),
        "source": manifest["source"],
        "as of": str(manifest["as_of"]),
    }


CRAWL = Step(
    name="crawl",
    group="hub",
    reads=(),
    writes=("model_snapshots", "crawl_manifest"),
    compute=_crawl,
    settings=("source", "max_bad_share"),
    numbers={"model_snapshots": _models, "crawl_manifest": _models},
    crawls=True,
    more_code=_source_code,
    depends_on=_depends_on,
    is_final=_is_final,
    landed=lambda partition: partition.source.landed(partition.crawl_date),
)

STEPS = (CRAWL,)

"""The crawl: a source's models on a date, and what the crawl was."""

from __future__ import annotations

from collections.abc import Mapping

from mdi_pipeline.hub.source import DateRefused
from mdi_pipeline.orchestration.partition import Partition
from mdi_pipeline.orchestration.step import Frames, Number, Step


def _crawl(partition: Partition) -> Frames:
    from mdi_pipeline.hub.crawl import take_crawl

    with partition.lake.workspace() as workspace:
        crawl = take_crawl(
            partition.source,
            partition.crawl_date,
            workspace,
            previous_crawl_date=partition.lake.previous("model_snapshots", partition.crawl_date),
            max_bad_share=partition.settings.max_bad_share,
        )
    return {"model_snapshots": crawl.models, "crawl_manifest": crawl.manifest}


def _inputs(partition: Partition) -> Mapping[str, object]:
    return {
        "source": partition.source.fingerprint(partition.crawl_date),
        "previous": partition.lake.previous("model_snapshots", partition.crawl_date),
    }


def _is_final(partition: Partition) -> bool:
    """Whether the crawl is in the lake and its source no longer gives that date: the live Hub has no past."""
    if any(partition.lake.stamp(table, partition.crawl_date) is None for table in CRAWL.writes):
        return False
    try:
        partition.source.fingerprint(partition.crawl_date)
    except DateRefused:
        return True
    return False


def _content(frames: Frames) -> str:
    """What was read, and by which code: the date of the previous crawl is no part of it."""
    content_hash: str = frames["crawl_manifest"]["content_hash"].item()
    return f"{content_hash[:16]}-{CRAWL.code_version}"


def _models(frames: Frames) -> Mapping[str, Number]:
    manifest = frames["crawl_manifest"].row(0, named=True)
    return {
        "models": manifest["n_models"],
        "bad records": manifest["n_bad_records"],
        "source": manifest["source"],
        "as of": str(manifest["as_of"]),
    }


CRAWL = Step(
    name="crawl",
    group="hub",
    reads=(),
    writes=("model_snapshots", "crawl_manifest"),
    layers=("hub",),
    settings=("source", "max_bad_share"),
    inputs=_inputs,
    data_version=_content,
    compute=_crawl,
    numbers={"model_snapshots": _models, "crawl_manifest": _models},
    is_final=_is_final,
    landed=lambda partition: partition.source.landed(partition.crawl_date),
)

STEPS = (CRAWL,)

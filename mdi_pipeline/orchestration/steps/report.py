"""The page that a crawl date ends in. Its own fingerprint stands in the page."""

import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import dagster as dg
import polars as pl

from mdi_pipeline.lake.store import LakeError, replace_durably
from mdi_pipeline.orchestration.automation.conditions import crawled_daily, follows_inputs
from mdi_pipeline.orchestration.code_version import code_version, fingerprint
from mdi_pipeline.orchestration.metadata import PICTURE, asset_of, data_version_of, last_materialisation, picture_kept
from mdi_pipeline.orchestration.partition import Partition
from mdi_pipeline.orchestration.resources import PipelineResource, Progress
from mdi_pipeline.orchestration.step import EXPECTED_ERRORS, OWNER, only_date, require_whole, stamp_of
from mdi_pipeline.tables.catalogue import TABLES

READS = (
    "crawl_manifest",
    "models",
    "lineage_edges",
    "lineage_candidates",
    "lineage_rejected",
    "lineage_quality",
    "network_structure",
    "network_summary",
    "disruption_scores",
    "score_summary",
    "score_factors",
    "score_trends",
    "trend_tests",
    "window_sensitivity",
    "score_regression",
    "robustness",
    "survivorship",
    "attention",
    "attention_gaps",
    "null_model",
    "findings",
)

MARK = re.compile(rb'<meta name="mdi-fingerprint" content="([0-9a-f]+)">')
HEAD_BYTES = 4096


def report_asset(partitions: dg.PartitionsDefinition[str]) -> dg.AssetsDefinition:
    """The asset `report`."""

    @dg.asset(
        name="report",
        deps=sorted({asset_of(table) for table in READS}),
        description="One self-contained HTML page: what was crawled, the network, the scores and what follows.",
        group_name="statistics",
        kinds={"altair", "html"},
        owners=[OWNER],
        code_version=_code_version(),
        partitions_def=partitions,
        automation_condition=follows_inputs(),
        freshness_policy=crawled_daily(),
    )
    def report(
        context: dg.AssetExecutionContext, pipeline: PipelineResource, progress: dg.ResourceParam[Progress]
    ) -> Iterator[dg.MaterializeResult[None]]:
        progress.begin("report")
        try:
            yield report_result(pipeline.partition(only_date(context)), context.instance, force=pipeline.force)
        except EXPECTED_ERRORS as error:
            raise dg.Failure(description=str(error), allow_retries=False) from None

    return report


def report_result(partition: Partition, instance: dg.DagsterInstance, *, force: bool) -> dg.MaterializeResult[None]:
    """Make the report of a crawl date, unless it is up to date, and say so."""
    current = _fingerprint(partition)
    reused = _is_written(partition, current) and not force
    if reused:
        shown = picture_kept(last_materialisation(instance, "report", str(partition.crawl_date)), current)
    else:
        shown = {PICTURE: dg.MetadataValue.md(write_report(partition))}
    return dg.MaterializeResult(
        asset_key="report",
        data_version=dg.DataVersion(current),
        metadata={
            "reused": reused,
            "path": dg.MetadataValue.path(str(partition.report)),
            "page": dg.MetadataValue.url(partition.report.as_uri()),
            "figures": dg.MetadataValue.path(str(partition.figures)),
            "bytes": partition.report.stat().st_size,
            **shown,
        },
    )


def report_stands(partition: Partition, instance: dg.DagsterInstance) -> bool:
    """Whether a run could only say again that the report is up to date."""
    current = _fingerprint(partition)
    earlier = last_materialisation(instance, "report", str(partition.crawl_date))
    return _is_written(partition, current) and earlier is not None and data_version_of(earlier) == current


def _is_written(partition: Partition, current: str) -> bool:
    return partition.figures.is_dir() and written_fingerprint(partition.report) == current


def write_report(partition: Partition, *, png: bool = False) -> str:
    """Make the page and the figure files of a crawl date from the lake, and put them in place whole.

    Returns the page's first screen as Markdown: its headline and how often each finding holds.

    The figures come first and the page last: a page's fingerprint vouches for both. PNG beside SVG and CSV costs
    3 s more. Raises `LakeError` where a table is missing, damaged or of another version, or the disk refuses.
    """
    from mdi_pipeline.report.figures.catalogue import all_figures
    from mdi_pipeline.report.figures.figure import write_figures
    from mdi_pipeline.report.inputs import ReportInputs
    from mdi_pipeline.report.page.page import build_report, first_screen

    tables = {table: _scanned(partition, table) for table in READS}
    try:
        inputs = ReportInputs.scanned(partition.crawl_date, partition.settings.window_days, tables)
        drawn = all_figures(inputs)
        page = build_report(inputs, drawn)
    except pl.exceptions.PolarsError:
        require_whole(READS, partition)
        raise
    mark = f'<meta name="mdi-fingerprint" content="{_fingerprint(partition)}">'
    try:
        # Beside its place, not in the lake: that may be a disk of its own.
        partition.report.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".", dir=partition.report.parent) as folder:
            workspace = Path(folder)
            write_figures(drawn, workspace / "figures", png=png)
            staged = workspace / "report.html"
            staged.write_text(page.replace("<head>", f"<head>\n{mark}", 1), encoding="utf-8")
            _replace_folder(workspace / "figures", partition.figures, workspace / "before")
            replace_durably(staged, partition.report)
    except OSError as error:
        raise LakeError(f"{partition.report} could not be written: {error}. Make it again: mdi report") from error
    return first_screen(inputs, drawn)


def _scanned(partition: Partition, table: str) -> pl.LazyFrame:
    """A table, not yet read. Raises `LakeError` where it is missing, or not as it is declared now."""
    frame = partition.scan(table)
    held = frame.collect_schema()
    changed = sorted(column.name for column in TABLES[table].columns if held.get(column.name) != column.dtype)
    if changed:
        raise LakeError(
            f"{table} of {partition.crawl_date} is of another version (missing, or of another type: "
            f"{', '.join(changed)}). Make it again: mdi run --crawl-date {partition.crawl_date}"
        )
    return frame


def _replace_folder(staged: Path, target: Path, aside: Path) -> None:
    """Put a whole folder in the place of another; in between there is none, but never a part of one."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        target.rename(aside)
    staged.rename(target)


def written_fingerprint(page: Path) -> str | None:
    """The fingerprint that a page carries; None where there is no page, or not a whole one."""
    try:
        with page.open("rb") as opened:
            found = MARK.search(opened.read(HEAD_BYTES))
    except FileNotFoundError:
        return None
    return found.group(1).decode() if found else None


def _fingerprint(partition: Partition) -> str:
    return fingerprint(
        {
            "step": "report",
            "code": _code_version(),
            "settings": {"window_days": partition.settings.window_days},
            "reads": {table: stamp_of(partition, table).data_version for table in READS},
        }
    )


def _code_version() -> str:
    return code_version("tables", "report")

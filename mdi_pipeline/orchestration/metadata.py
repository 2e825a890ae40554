"""What Dagster's UI shows of a table: its columns and where they come from, its numbers, and one picture.

Numbers that every materialisation carries are plotted over the partitions.
Dagster's concept: https://docs.dagster.io/guides/build/assets/metadata-and-tags
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

import dagster as dg

from mdi_pipeline.orchestration.step import asset_of
from mdi_pipeline.report.figures.catalogue import PICTURES
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline.tables.origins import origins_of

CODE_VERSION = "dagster/code_version"
INPUT_VERSION = "dagster/input_data_version/"
"""Tags in which Dagster records what a materialisation was made from."""

REPORTS_ADDRESS = "/mdi/reports"
"""Where `mdi ui` serves the reports of the home."""

PICTURE = "figure"
"""Where the picture stands among the metadata."""


def column_schema(tables: Sequence[str]) -> dg.TableSchema:
    """The columns of an asset's tables, as the registry declares them."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                column.name,
                type=str(column.dtype),
                description=f"{column.meaning} [{column.unit}]" if column.unit else column.meaning,
                constraints=dg.TableColumnConstraints(nullable=column.nullable),
            )
            for table in tables
            for column in TABLES[table].columns
        ]
    )


def column_lineage(tables: Sequence[str]) -> dg.TableColumnLineage:
    """Which columns of which other assets each column of an asset is made from."""
    return dg.TableColumnLineage(
        {
            column.name: [
                dg.TableColumnDep(asset_of(source), name)
                for source, names in origins_of(table, column.name).items()
                for name in names
            ]
            for table in tables
            for column in TABLES[table].columns
        }
    )


def last_materialisation(
    instance: dg.DagsterInstance, asset: str, partition_key: str | None
) -> dg.AssetMaterialization | None:
    """The newest record of an asset, of that partition where it has any; None where there is none."""
    partitions = [partition_key] if partition_key else None
    wanted = dg.AssetRecordsFilter(asset_key=dg.AssetKey(asset), asset_partitions=partitions)
    records = instance.fetch_materializations(wanted, limit=1).records
    return records[0].asset_materialization if records else None


def picture_link(table: str, crawl_date: date) -> dict[str, dg.MetadataValue]:
    """The figure of the crawl date's report that stands for a table, which `mdi ui` serves; none where none does.

    By link, since Dagster keeps the record of a materialisation three times over. There is no such figure before the
    report is made, or where the crawl has nothing to show in it: then the UI shows the words in its place.
    """
    return {PICTURE: dg.MetadataValue.md(_image(PICTURES[table], crawl_date))} if table in PICTURES else {}


def report_link(crawl_date: date) -> dg.MetadataValue:
    """The report of a crawl date, as a link that `mdi ui` follows, under its first figure."""
    page = f"[the report of {crawl_date}]({REPORTS_ADDRESS}/{crawl_date}/report.html)"
    return dg.MetadataValue.md(f"{page}\n\n{_image(PICTURES['findings'], crawl_date)}")


def _image(figure: str, crawl_date: date) -> str:
    return f"![no figure: no report yet, or nothing to show]({REPORTS_ADDRESS}/{crawl_date}/figures/{figure}.svg)"


@dataclass(frozen=True)
class Versions:
    """The versions of code and inputs that Dagster has on record of a materialisation."""

    code: str | None
    inputs: Mapping[str, str]


def input_recorded(data_version: str) -> str:
    """How Dagster records the data version of an input that is partitioned: hashed, with those of all partitions read.

    Here it is always one partition.
    """
    return sha256(data_version.encode()).hexdigest()


def versions_recorded(materialisation: dg.AssetMaterialization | None) -> Versions:
    """What a materialisation was made from, in Dagster's own record of it."""
    tags = (materialisation.tags if materialisation else None) or {}
    inputs = {
        name.removeprefix(INPUT_VERSION): version for name, version in tags.items() if name.startswith(INPUT_VERSION)
    }
    return Versions(tags.get(CODE_VERSION), inputs)

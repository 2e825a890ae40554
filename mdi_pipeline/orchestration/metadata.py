"""What Dagster's UI shows of a table: its columns and where they come from, its numbers, and one picture.

Numbers that every materialisation carries are plotted over the partitions.
Dagster's concept: https://docs.dagster.io/guides/build/assets/metadata-and-tags
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import dagster as dg
import polars as pl

from mdi_pipeline.orchestration.partition import Partition
from mdi_pipeline.orchestration.step import asset_of
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline.tables.origins import origins_of

CODE_VERSION = "dagster/code_version"
INPUT_VERSION = "dagster/input_data_version/"
"""Tags in which Dagster records what a materialisation was made from."""

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


def picture_kept(earlier: dg.AssetMaterialization | None, data_version: str) -> dict[str, dg.MetadataValue]:
    """The picture that an earlier materialisation of the same data carried: what is left alone is not drawn again."""
    if earlier is None or PICTURE not in earlier.metadata or data_version_of(earlier) != data_version:
        return {}
    return {PICTURE: earlier.metadata[PICTURE]}


def picture_drawn(table: str, partition: Partition, frames: Mapping[str, pl.DataFrame]) -> dict[str, dg.MetadataValue]:
    """The figure that stands for a table, where there is one and the crawl has something to show in it."""
    from mdi_pipeline.report.figures.catalogue import PICTURES, picture_of

    if table not in PICTURES:
        return {}
    tables = {name: frames[name].lazy() if name in frames else partition.scan(name) for name in PICTURES[table].reads}
    drawn = picture_of(table, partition.crawl_date, partition.settings.window_days, tables)
    return {PICTURE: dg.MetadataValue.md(drawn)} if drawn else {}


def data_version_of(materialisation: dg.AssetMaterialization) -> str | None:
    """The data version that was recorded with a materialisation."""
    return (materialisation.tags or {}).get("dagster/data_version")


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

"""How the counters of models changed from one crawl to the next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from mdi_pipeline.lineage.repositories import IDENTITY, is_another

COUNTERS = ("downloads", "downloads_all_time", "likes")
"""What the Hub counts of each model."""


@dataclass(frozen=True)
class Counted:
    """The counters of a crawl (`model_snapshots`), and from when on last modified it read models anew.

    `modified_since` is null for a crawl that read every model: else the counters of those that it carried over are
    older than the crawl.
    """

    snapshots: pl.LazyFrame
    modified_since: datetime | None = None

    @property
    def fresh(self) -> pl.LazyFrame:
        """The counters that the crawl itself read, and whose they are."""
        read = self.snapshots
        if self.modified_since is not None:
            read = read.filter(pl.col("last_modified") >= self.modified_since)
        return read.select(*IDENTITY, *COUNTERS)


def counter_growth(now: Counted, before: Counted | None) -> pl.DataFrame:
    """The change of each counter of each model that both crawls read: `model_id`, `<counter>_change`.

    Empty where there is no earlier crawl; null where one of the crawls does not know the counter. A repository that has
    taken the id of another since has no row.
    """
    changes = {f"{counter}_change": pl.col(counter) - pl.col(f"{counter}_before") for counter in COUNTERS}
    if before is None:
        return pl.DataFrame(schema={"model_id": pl.String, **dict.fromkeys(changes, pl.Int64)})
    both = now.fresh.join(before.fresh, on="model_id", suffix="_before")
    return both.filter(~is_another("_before")).select("model_id", **changes).collect()

"""Which crawls saw the same repository under an id: a deleted one's id can be taken again.

The Hub's own name of a repository tells (`repository_id`); where a crawl lacks it, the time of creation does, to the
second. Where a crawl lacks both, nothing speaks against its being the same.
"""

from __future__ import annotations

import polars as pl

IDENTITY = ("model_id", "repository_id", "created_at")
"""What tells repositories apart, of `model_snapshots`."""


def is_another(suffix: str) -> pl.Expr:
    """Whether a row's repository is another than that of the columns with a suffix; never null."""
    name, other_name = pl.col("repository_id"), pl.col(f"repository_id{suffix}")
    born, other_born = (pl.col(f"created_at{end}").dt.truncate("1s") for end in ("", suffix))
    by_time = (born != other_born).fill_null(value=False)
    return (name != other_name).fill_null(by_time)


def taken_again(now: pl.LazyFrame, before: pl.LazyFrame) -> pl.DataFrame:
    """The ids (`model_id`) that are another repository's in one crawl than in the other (`model_snapshots`)."""
    both = now.select(IDENTITY).join(before.select(IDENTITY), on="model_id", suffix="_before")
    return both.filter(is_another("_before")).select("model_id").collect()


def repositories(snapshots: pl.LazyFrame) -> pl.DataFrame:
    """The repositories that crawls saw under ids of several: `model_id`, `crawl_date`, `repository`.

    `snapshots` are `model_snapshots` of all crawls, with `crawl_date`. Repositories of an id are numbered from 1, in
    the order in which crawls saw them. Only ids of several have rows, for each crawl that says which it saw. Costs
    a pass over all crawls; what is held are the ids alone.
    """
    names = pl.col("repository_id", "created_at")
    varies = pl.any_horizontal(
        (pl.col(f"{name}_min") != pl.col(f"{name}_max")).fill_null(value=False) for name in IDENTITY[1:]
    )
    doubtful = (
        (
            snapshots.group_by("model_id")
            .agg(names.min().name.suffix("_min"), names.max().name.suffix("_max"))
            .filter(varies)
        )
        .select("model_id")
        .collect(engine="streaming")
    )
    seen = (
        snapshots.select(*IDENTITY, "crawl_date")
        .join(doubtful.lazy(), on="model_id", how="semi")
        .collect(engine="streaming")
    )
    numbered = (
        seen.filter(pl.any_horizontal(names.is_not_null()))
        .sort("model_id", "crawl_date")
        .with_columns(names.shift().over("model_id").name.suffix("_before"))
        .select(
            "model_id", "crawl_date", repository=is_another("_before").cum_sum().over("model_id").cast(pl.Int64) + 1
        )
    )
    return numbered.filter(pl.col("repository").max().over("model_id") > 1)

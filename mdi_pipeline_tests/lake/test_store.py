"""Partitions change in one step, or not at all."""

import os
import resource
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from mdi_pipeline.lake.store import Lake, LakeError
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline.tables.registry import TableInvalid

DAY = date(2026, 8, 22)
MADE_FROM = {"by": "a test"}


def summary(n: int) -> pl.DataFrame:
    return pl.DataFrame({"measure": [f"m{i:09}" for i in range(n)], "value": [float(n)] * n, "meaning": ["says"] * n})


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def test_a_partition_comes_back_sorted_and_stamped(lake: Lake) -> None:
    lake.write(TABLES["network_summary"], DAY, summary(5).reverse(), MADE_FROM, {})
    assert lake.read("network_summary", DAY).equals(summary(5))
    assert lake.stamp("network_summary", DAY).made_from == MADE_FROM
    assert lake.dates("network_summary") == [DAY]
    assert lake.n_rows("network_summary", DAY) == 5


def test_same_rows_same_bytes(lake: Lake) -> None:
    lake.write(TABLES["network_summary"], DAY, summary(500), MADE_FROM, {})
    first = lake.file("network_summary", DAY).read_bytes()
    lake.write(TABLES["network_summary"], DAY, summary(500).sample(fraction=1, shuffle=True, seed=1), MADE_FROM, {})
    assert lake.file("network_summary", DAY).read_bytes() == first


def test_the_stamp_has_a_digest_of_each_column_whatever_the_order_of_rows(lake: Lake) -> None:
    first = lake.write(TABLES["network_summary"], DAY, summary(50), MADE_FROM, {"polars": "2.1"})
    assert lake.stamp("network_summary", DAY) == first
    assert first.libraries == {"polars": "2.1"}
    shuffled = summary(50).sample(fraction=1, shuffle=True, seed=1)
    again = lake.write(TABLES["network_summary"], DAY, shuffled, {"by": "other code"}, {})
    assert again.data_version == first.data_version
    other = lake.write(TABLES["network_summary"], DAY, summary(50).with_columns(value=pl.lit(1.0)), MADE_FROM, {})
    assert other.data_version != first.data_version
    assert other.of(["measure", "meaning"]) == first.of(["measure", "meaning"])
    assert other.of(["value"]) != first.of(["value"])


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pl.concat([summary(2), summary(2)]), "primary_key"),
        (summary(2).drop("meaning"), "meaning"),
        (summary(2).with_columns(value=pl.lit(float("nan"))), "value"),
    ],
)
def test_an_invalid_frame_never_lands(lake: Lake, frame: pl.DataFrame, message: str) -> None:
    lake.write(TABLES["network_summary"], DAY, summary(3), MADE_FROM, {})
    with pytest.raises(TableInvalid, match=message):
        lake.write(TABLES["network_summary"], DAY, frame, {"by": "other"}, {})
    assert lake.read("network_summary", DAY).equals(summary(3))
    assert lake.stamp("network_summary", DAY).made_from == MADE_FROM


def test_the_previous_date_is_the_newest_earlier_one(lake: Lake) -> None:
    for day in (1, 8, 20):
        lake.write(TABLES["network_summary"], date(2026, 8, day), summary(1), MADE_FROM, {})
    assert lake.previous("network_summary", date(2026, 8, 20)) == date(2026, 8, 8)
    assert lake.previous("network_summary", date(2026, 8, 1)) is None
    assert (
        lake.history("network_summary", {"value": pl.Float64()})
        .select(pl.col("crawl_date").n_unique())
        .collect()
        .item()
        == 3
    )


def test_a_missing_and_a_damaged_partition_are_told_apart(lake: Lake) -> None:
    with pytest.raises(LakeError, match=r"no partition of 2026-08-22. Make it: mdi run --crawl-date 2026-08-22"):
        lake.read("network_summary", DAY)
    lake.write(TABLES["network_summary"], DAY, summary(2_000), MADE_FROM, {})
    file = lake.file("network_summary", DAY)
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(LakeError, match="is damaged"):
        lake.read("network_summary", DAY)
    assert lake.stamp("network_summary", DAY) is None


def test_of_some_columns_a_damaged_one_is_told_and_no_other_is_read(lake: Lake) -> None:
    lake.write(TABLES["network_summary"], DAY, summary(2_000), MADE_FROM, {})
    file = lake.file("network_summary", DAY)
    whole = file.read_bytes()
    half = len(whole) // 2
    file.write_bytes(bytes(half) + whole[half:])
    with pytest.raises(LakeError, match="is damaged"):
        lake.read("network_summary", DAY, ["measure"])
    assert lake.read("network_summary", DAY, ["meaning"]).to_dict(as_series=False) == {"meaning": ["says"] * 2_000}


def test_a_file_that_lost_rows_does_not_land(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    lake.write(TABLES["network_summary"], DAY, summary(3), MADE_FROM, {})
    write = pl.DataFrame.write_parquet
    monkeypatch.setattr(pl.DataFrame, "write_parquet", lambda frame, *file, **how: write(frame.head(7), *file, **how))
    with pytest.raises(LakeError, match=r"7 rows arrived of 9\. What was there before is unchanged\."):
        lake.write(TABLES["network_summary"], DAY, summary(9), MADE_FROM, {})
    assert lake.read("network_summary", DAY).equals(summary(3))


def test_a_disk_that_refuses_leaves_what_was_there(lake: Lake) -> None:
    """A limit on the size of files stands for a full disk: the write itself fails, midway."""
    lake.write(TABLES["network_summary"], DAY, summary(10), MADE_FROM, {})
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(LakeError, match=r"could not be written.*What was there before is unchanged"):
            lake.write(TABLES["network_summary"], DAY, summary(200_000), {"by": "other"}, {})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, ignored)
    assert lake.read("network_summary", DAY).equals(summary(10))
    assert not list((lake.root / ".staging").iterdir())


WRITER = """
    import sys
    from datetime import date
    from pathlib import Path
    import polars as pl
    from mdi_pipeline.lake.store import Lake
    from mdi_pipeline.tables.catalogue import TABLES
    from mdi_pipeline_tests.lake.test_store import summary
    lake, frames = Lake(Path(sys.argv[1])), [summary(n) for n in (40_000, 60_000)]
    print("ready", flush=True)
    while True:
        for frame in frames:
            lake.write(TABLES["network_summary"], date(2026, 8, 22), frame, {"by": str(frame.height)}, {})
"""


@pytest.mark.slow
def test_killed_at_any_moment_a_partition_is_whole(lake: Lake) -> None:
    for attempt in range(8):
        with subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(WRITER), str(lake.root)], stdout=subprocess.PIPE
        ) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(0.15 + 0.037 * attempt)
            os.kill(writer.pid, signal.SIGKILL)
        if lake.dates("network_summary"):
            found = lake.read("network_summary", DAY)
            stamp = lake.stamp("network_summary", DAY)
            assert stamp is not None
            assert found.equals(summary(int(str(stamp.made_from["by"]))))
    assert lake.dates("network_summary") == [DAY]
    leftovers = lake.abandoned()
    assert all(path.parent.name == ".staging" for path in leftovers)


@pytest.mark.parametrize("name", ["crawl_date=2026-08-22.bak", "crawl_date=soon", "crawl_date=20260822", "notes"])
def test_s10_a_folder_that_is_no_partition_is_left_alone_and_named(lake: Lake, name: str) -> None:
    lake.write(TABLES["network_summary"], DAY, summary(5), MADE_FROM, {})
    partition = lake.file("network_summary", DAY).parent
    stranger = partition.with_name(name)
    shutil.copytree(partition, stranger)
    assert lake.dates("network_summary") == [DAY]
    assert lake.strangers() == [stranger]
    history = lake.history("network_summary", {"value": pl.Float64()})
    assert history.collect()["crawl_date"].unique().to_list() == [DAY]
    assert history.collect().height == 5

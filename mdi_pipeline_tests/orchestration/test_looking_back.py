"""What compares crawls, as a home with several dates has it, and which of it a date filled in later makes stale."""

from datetime import date
from pathlib import Path

import pytest

from mdi_pipeline.home.folder import Home
from mdi_pipeline_tests.pipeline import contents, mdi, read, write_crawl

FIRST, SECOND, THIRD, LAST = (date(2026, 8, day) for day in (1, 8, 15, 22))


@pytest.mark.slow
@pytest.mark.usefixtures("undrawn")
def test_a_date_filled_in_makes_what_looks_back_stale_and_no_score(tmp_path: Path) -> None:
    crawls, home = tmp_path / "crawls", tmp_path / "home"
    every_date = ("run", "--source", "files", "--path", str(crawls), "--from", str(FIRST), "--to", str(LAST))
    for day, size in {FIRST: 300, THIRD: 302, LAST: 296}.items():
        write_crawl(crawls, day, size)
    assert mdi(home, *every_date).exit_code == 0
    history = Home(home).lake.read("model_history", None)
    assert history["n_crawls"].max() == 3
    assert history.filter("vanished").height == 6
    before = contents(home)

    write_crawl(crawls, SECOND, 300)
    assert mdi(home, *every_date).exit_code == 0
    after = contents(home)
    changed = {file for file in before if after[file] != before[file]}
    # Content that hangs on the previous date: its stamp stands in the file, so the file differs.
    assert {file for file in changed if "model_snapshots" not in file} == {
        "lake/model_history/part-0.parquet",
        *(f"lake/{table}/crawl_date={THIRD}/part-0.parquet" for table in ("score_changes", "models", "survivorship")),
        f"lake/survivorship/crawl_date={LAST}/part-0.parquet",
        *(f"reports/{day}/report.html" for day in (THIRD, LAST)),
    }
    assert Home(home).lake.read("model_history", None)["n_crawls"].max() == 4
    assert read(home, "crawl_manifest", THIRD)["previous_crawl_date"].item() == SECOND
    assert read(home, "survivorship", LAST)["n_gone"].unique().to_list() == [6]
    assert read(home, "survivorship", LAST)["n_crawls"].unique().to_list() == [3]
    assert set(read(home, "score_changes", LAST)["previous_crawl_date"]) <= {THIRD}
    assert read(home, "score_changes", FIRST).is_empty()

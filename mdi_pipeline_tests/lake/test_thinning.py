"""Old crawl dates are thinned out, and what was dropped is gone whole and not asked for again."""

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdi_pipeline.home.folder import Home
from mdi_pipeline.lake.reports import Page
from mdi_pipeline.lake.store import LakeError
from mdi_pipeline.lake.thinning import RECORD, Keeping, bytes_of, dates_to_drop, drop, dropped
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline_tests.pipeline import mdi

DAYS = [date(2026, 1, 1) + timedelta(days=number) for number in range(5)]
TABLES_OF_A_DATE = ("crawl_manifest", "models", "model_snapshots")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with five dates of three tables and a report."""
    home = Home(tmp_path / "home")
    for day in DAYS:
        for table in TABLES_OF_A_DATE:
            home.lake.write(TABLES[table], day, TABLES[table].empty(), {"by": "a"}, {})
        home.reports.write(day, Page("<html><head></head></html>", lambda folder: folder.mkdir()), {"by": "a"}, {})
    return home


@given(
    dates=st.lists(st.dates(date(2020, 1, 1), date(2026, 12, 31)), unique=True),
    days=st.integers(0, 400),
    weekly_days=st.integers(0, 2000),
)
def test_what_is_kept_is_what_was_promised(dates: list[date], days: int, weekly_days: int) -> None:
    going = dates_to_drop(dates, Keeping(days, weekly_days))
    kept = set(dates) - set(going)
    assert set(going) <= set(dates)
    assert going == sorted(going)
    if dates:
        newest = max(dates)
        assert {newest, min(dates)} <= kept
        assert {day for day in dates if (newest - day).days <= days} <= kept
        weeks = {day.isocalendar()[:2] for day in dates if (newest - day).days <= weekly_days}
        assert weeks <= {day.isocalendar()[:2] for day in kept}
        assert {(day.year, day.month) for day in dates} == {(day.year, day.month) for day in kept}
    assert dates_to_drop(sorted(kept), Keeping(days, weekly_days)) == [], "a second call finds nothing"


def test_a_dropped_date_is_gone_whole_and_written_down(home: Home) -> None:
    assert bytes_of(home.lake, home.reports, DAYS[1]) > 0
    drop(home.lake, home.reports, DAYS[1])
    assert bytes_of(home.lake, home.reports, DAYS[1]) == 0
    assert all(home.lake.dates(table) == [DAYS[0], *DAYS[2:]] for table in TABLES_OF_A_DATE)
    assert not home.reports.page(DAYS[1]).parent.exists()
    assert dropped(home.lake) == {DAYS[1]}
    drop(home.lake, home.reports, DAYS[1])
    assert dropped(home.lake) == {DAYS[1]}


@pytest.mark.parametrize("n_gone", range(len(TABLES_OF_A_DATE) + 1))
def test_what_a_killed_call_left_is_no_crawl_to_go_on_with_and_goes_the_next_time(
    home: Home, n_gone: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    deleted: list[Path] = []
    delete = shutil.rmtree

    def killed(folder: Path) -> None:
        if len(deleted) == n_gone:
            raise KeyboardInterrupt
        deleted.append(folder)
        delete(folder)

    monkeypatch.setattr("mdi_pipeline.lake.thinning.shutil.rmtree", killed)
    with pytest.raises(KeyboardInterrupt):
        drop(home.lake, home.reports, DAYS[1])
    monkeypatch.undo()
    assert (DAYS[1] in home.lake.dates("crawl_manifest")) is (n_gone == 0), "the schedule takes it for unfinished"
    assert DAYS[1] in dropped(home.lake)
    again = mdi(home.path, "prune", "--days", "1", "--weekly-days", "0", "--apply")
    assert again.exit_code == 0, again.output
    assert bytes_of(home.lake, home.reports, DAYS[1]) == 0


def test_a_record_that_cannot_be_read_is_said_in_one_line(home: Home) -> None:
    assert dropped(home.lake) == set()
    (home.lake.root / RECORD).write_text("[3")
    with pytest.raises(LakeError, match="cannot be read"):
        dropped(home.lake)


def test_the_command_says_first_and_does_it_when_told_to(home: Home) -> None:
    said = mdi(home.path, "prune", "--days", "1", "--weekly-days", "0")
    assert said.exit_code == 0, said.output
    assert "would drop 2 of 5 crawl dates" in said.output
    assert "2026-01-02, 2026-01-03" in said.output
    assert "add --apply" in said.output
    assert home.lake.dates("models") == DAYS
    done = mdi(home.path, "prune", "--days", "1", "--weekly-days", "0", "--apply")
    assert done.exit_code == 0, done.output
    assert "dropped 2 of 5 crawl dates" in done.output
    assert home.lake.dates("models") == [DAYS[0], *DAYS[3:]]
    assert "nothing to drop: 3 crawl dates" in mdi(home.path, "prune", "--days", "1", "--weekly-days", "0").output

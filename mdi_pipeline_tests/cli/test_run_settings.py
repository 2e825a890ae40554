"""What a run takes from its options, from the home and from the crawls that are there, and what it leaves behind."""

import re
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mdi_pipeline.cli.main import app
from mdi_pipeline.home.folder import Home
from mdi_pipeline.home.settings import SETTINGS
from mdi_pipeline_tests.pipeline import TODAY_THERE, mdi, read, write_crawl

EARLIER = date(2026, 8, 15)


def headline(output: str) -> str:
    """The window that an output speaks of."""
    found = re.search(r"2026-08-22, window of (\d+) days", output)
    assert found, output
    return found[1]


def test_each_setting_of_a_run_is_an_option_with_its_meaning_and_default() -> None:
    usage = " ".join(CliRunner().invoke(app, ["run", "--help"]).stdout.split())
    for name, declared in SETTINGS.items():
        option = f"--{name.replace('_', '-')}"
        assert (option in usage) is declared.of_a_run
        if declared.of_a_run:
            assert f"{declared.meaning} It is {declared.allowed}. {declared.home_default}" in usage


@pytest.mark.usefixtures("undrawn")
def test_an_option_is_for_that_run_and_look_ups_speak_of_what_was_made(crawls: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    mdi(home, "config", "min_precision=0.8")
    first = mdi(home, "run", "--source", "files", "--path", str(crawls), "--window-days", "45", "--phases", "hub,tag")
    assert first.exit_code == 0, first.output
    written = tomllib.loads((home / "mdi.toml").read_text())
    expected = {"min_precision": 0.8, "source": "files", "path": str(crawls), "first_date": TODAY_THERE}
    assert written == expected, "which source it is, and no more"
    assert headline(first.stdout) == "45"
    assert read(home, "score_summary", TODAY_THERE)["window_days"].unique().to_list() == [45]

    assert headline(mdi(home, "top").stdout) == "45"
    assert "45 d" in mdi(home, "show", "author-1/tune").stdout
    assert mdi(home, "report", "--crawl-date", str(TODAY_THERE)).exit_code == 0
    assert "45 days" in Home(home).reports.page(TODAY_THERE).read_text()

    again = mdi(home, "run", "--window-days", "45", "--phases", "hub,tag")
    assert "up to date" in again.stdout
    assert headline(again.stdout) == "45"
    without = mdi(home, "run")
    assert without.exit_code == 0, without.output
    assert headline(without.stdout) == "90"
    assert headline(mdi(home, "top").stdout) == "90"
    assert tomllib.loads((home / "mdi.toml").read_text()) == expected


def test_a_home_that_lost_its_settings_is_refused_until_they_are_made_again(
    demo_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    (home / "lake").mkdir(parents=True)
    (home / "lake" / "crawl_manifest").symlink_to(demo_home / "lake" / "crawl_manifest")
    refused = mdi(home, "run", "--size", "2000")
    assert refused.exit_code == 1
    assert str(refused.exception).endswith(
        f"mdi config --home {home} source=demo size=2000 seed=0 first_date=2026-08-30"
    )
    assert not (home / "mdi.toml").exists()
    mended = str(refused.exception).partition("mdi config --home ")[2].split()[1:]
    assert mdi(home, "config", *mended).exit_code == 0
    other = mdi(home, "run", "--size", "3000", "--crawl-date", "2036-01-01")
    assert "give those a home of their own" in str(other.exception)
    same = mdi(home, "run", "--crawl-date", "2036-01-01")
    assert "the simulated Hub has no 2036-01-01" in str(same.exception)


@pytest.mark.slow
def test_two_dates_at_once_on_a_fresh_home_both_succeed(crawls: Path, tmp_path: Path) -> None:
    write_crawl(crawls, EARLIER, 290)
    home = tmp_path / "home"
    options = ["--source", "files", "--path", str(crawls), "--home", str(home)]
    at_once = [
        subprocess.Popen(
            [sys.executable, "-m", "mdi_pipeline", "run", *options, "--crawl-date", str(day)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for day in (TODAY_THERE, EARLIER)
    ]
    for run in at_once:
        _, complaint = run.communicate()
        assert run.returncode == 0, complaint
    assert Home(home).lake.dates("findings") == [EARLIER, TODAY_THERE]
    assert tomllib.loads((home / "mdi.toml").read_text())["first_date"] == EARLIER

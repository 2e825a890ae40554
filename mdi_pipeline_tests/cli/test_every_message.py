"""Whatever is wrong with a home, every command ends in one line that says so, and changes nothing."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mdi_pipeline.cli.console import expected_errors
from mdi_pipeline_tests.namespaces import refused
from mdi_pipeline_tests.pipeline import mdi

COMMANDS = {
    "run": ["run"],
    "show": ["show", "org/model"],
    "top": ["top"],
    "report": ["report", "--crawl-date", "2026-08-22"],
    "config": ["config", "window_days"],
    "set": ["config", "window_days=30"],
    "prune": ["prune"],
    "doctor": ["doctor"],
}


def a_file(home: Path) -> None:
    home.write_text("x")


def settings_of_another_encoding(home: Path) -> None:
    home.mkdir()
    (home / "mdi.toml").write_bytes('source = "d\xe9mo"\n'.encode("latin-1"))


def settings_that_are_a_folder(home: Path) -> None:
    (home / "mdi.toml").mkdir(parents=True)


def settings(text: str) -> Callable[[Path], None]:
    def write(home: Path) -> None:
        home.mkdir()
        (home / "mdi.toml").write_text(text)

    return write


HOMES = {
    "a file": a_file,
    "other encoding": settings_of_another_encoding,
    "a folder as mdi.toml": settings_that_are_a_folder,
    "no TOML": settings("source = ["),
    "unknown setting": settings("sauce = 3"),
    "wrong type": settings('window_days = "x"'),
    "half a day": settings("window_days = 90.5"),
    "a boolean": settings("window_days = true"),
    "far too large": settings(f"window_days = {10**26}"),
    "phases": settings("phases = 5"),
    "webhook": settings("webhook = 3"),
    "no such source": settings('source = "nope"'),
    "no such folder": settings('source = "files"\npath = "/nowhere/at/all"'),
}

READS_NO_SETTINGS = {("prune", wrong): "nothing to drop: 0 crawl dates" for wrong in HOMES if wrong != "a file"}
ASKS_NO_SOURCE = {("config", "no such folder"): "window_days = 90", ("set", "no such folder"): "window_days = 30"}
GOES_THROUGH = READS_NO_SETTINGS | ASKS_NO_SOURCE
"""What does not concern a command: what it says then."""


def listed(folder: Path) -> dict[str, int]:
    """All files, but for locks and Dagster's own."""
    return {
        str(file.relative_to(folder)): file.stat().st_size
        for file in folder.rglob("*")
        if file.is_file() and file.suffix != ".lock" and "dagster" not in file.parts
    }


@pytest.mark.parametrize("wrong", HOMES)
@pytest.mark.parametrize("command", COMMANDS)
def test_s10_one_line_and_nothing_changed(command: str, wrong: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    HOMES[wrong](home)
    before = listed(tmp_path)
    result = mdi(home, *COMMANDS[command])
    assert "Traceback" not in result.output
    if (command, wrong) in GOES_THROUGH:
        assert result.exit_code == 0, result.output
        assert GOES_THROUGH[command, wrong] in result.output
        assert (listed(tmp_path) == before) is (command != "set")
        return
    assert result.exit_code == 1, result.output
    assert listed(tmp_path) == before
    if command == "doctor" and home.is_dir():  # it lists all that is wrong, one line each
        assert [line for line in result.output.splitlines() if line.startswith("wrong")]
        return
    assert isinstance(result.exception, expected_errors()), repr(result.exception)
    assert str(result.exception)
    assert "\n" not in str(result.exception)


@pytest.mark.parametrize("wrong", [name for name in HOMES if name != "no such folder"])
def test_s10_the_ui_does_not_start_on_what_no_code_location_can_load(wrong: str, tmp_path: Path) -> None:
    HOMES[wrong](tmp_path / "home")
    result = mdi(tmp_path / "home", "ui", "--port", "0")
    assert isinstance(result.exception, expected_errors()), repr(result.exception)
    assert "\n" not in str(result.exception)


ON_A_SMALL_DISK = ["unshare", "--mount", "sh", "-c"]
REFUSED = refused([*ON_A_SMALL_DISK, "mkdir -p /tmp/mdi-small && mount -t tmpfs tmpfs /tmp/mdi-small"])


@pytest.mark.slow
@pytest.mark.skipif(REFUSED is not None, reason=f"no disk of a given size can be mounted here, as root can: {REFUSED}")
@pytest.mark.parametrize(
    "size", ["size=300k", "size=1500k", "size=4m", "size=64m,nr_inodes=30", "size=64m,nr_inodes=120"]
)
def test_s4_a_full_disk_is_said_in_one_line(size: str, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    run = f"{sys.executable} -m mdi_pipeline run --size 2000 --home {disk}/home"
    ran = subprocess.run(
        [*ON_A_SMALL_DISK, f"mount -t tmpfs -o {size} tmpfs {disk} && exec {run}"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NO_COLOR": "1"},
    )
    assert ran.returncode == 1, ran.stderr
    assert "Traceback" not in ran.stderr + ran.stdout
    complaints = [line for line in ran.stderr.splitlines() if line.startswith("error: ")]
    assert complaints
    assert all("space" in line or "disk" in line for line in complaints), complaints


def test_a_lost_mdi_toml_is_named_by_the_doctor(demo_home: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(demo_home, home)
    (home / "mdi.toml").unlink()
    result = mdi(home, "doctor")
    assert result.exit_code == 1
    assert "mdi.toml is gone. Make it again: mdi config" in result.output

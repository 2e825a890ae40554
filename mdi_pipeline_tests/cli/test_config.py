"""`mdi config`: shows the settings and where each comes from, and sets them, all of those named or none."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from mdi_pipeline.home.settings import SETTINGS
from mdi_pipeline_tests.pipeline import mdi, process


def held(home: Path) -> dict[str, Any]:
    """What mdi.toml sets."""
    return tomllib.loads((home / "mdi.toml").read_text())


def test_all_settings_are_shown_with_where_they_come_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mdi(tmp_path, "config", "window_days=30")
    monkeypatch.setenv("MDI_SEED", "7")
    shown = mdi(tmp_path, "config").stdout
    rows = {line.split()[0]: line.split()[1:3] for line in shown.splitlines() if line.split()[0] in SETTINGS}
    assert set(rows) == set(SETTINGS)
    assert rows["window_days"] == ["30", "mdi.toml"]
    assert rows["seed"] == ["7", "MDI_SEED"]
    assert rows["size"] == ["20000", "default"]


def test_one_setting_is_shown_with_its_meaning(tmp_path: Path) -> None:
    home = tmp_path / "home"
    shown = mdi(home, "config", "window_days").stdout
    assert shown.startswith("window_days = 90  default\n")
    assert SETTINGS["window_days"].meaning in shown
    assert not home.exists(), "showing writes nothing"


def test_several_are_set_at_once_and_one_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    home = tmp_path / "home"
    result = mdi(home, "config", "source=files", "path=crawls", "phases=tag,hub", "min_precision=1", "follow_code=true")
    assert result.exit_code == 0, result.output
    expected = {
        "source": "files",
        "path": str(tmp_path / "crawls"),
        "phases": ["hub", "tag"],
        "min_precision": 1.0,
        "follow_code": True,
    }
    assert held(home) == expected
    assert f"path = {tmp_path / 'crawls'}  mdi.toml" in result.stdout
    assert mdi(home, "config", "phases=", "seed=").stdout.startswith("phases = hub,tag,card,config,name  default")
    del expected["phases"]
    assert held(home) == expected


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("window_days=90.5", 'window_days is "90.5"; it must be a whole number from 1 to 36,500'),
        ("window_days=0", "window_days is 0; it must be a whole number from 1 to 36,500"),
        ("window_days=²", "window_days is"),
        ("source=moon", 'source is "moon"; it must be one of demo, files, archive, hub'),
        ("first_date=soon", 'first_date is "soon"; it must be a date from'),
        ("phases=hub,,tag", "phases is"),
        ("webhook=http://me:secret@example.org", "webhook is not what it must be (its value is not shown)"),
        ("window=30", 'unknown setting "window"; there are source, path,'),
        ("window", 'unknown setting "window"; there are source, path,'),
        ("=3", 'unknown setting ""; there are source, path,'),
    ],
)
def test_what_is_wrong_is_one_line_and_nothing_is_set(tmp_path: Path, wrong: str, message: str) -> None:
    home = tmp_path / "home"
    result = process("config", "size=5000", wrong, "--home", str(home))
    assert result.returncode == 1
    assert result.stderr.startswith(f"error: {message}")
    assert len(result.stderr.splitlines()) == 1
    assert "secret" not in result.stderr
    assert not home.exists()


def test_what_the_environment_overrides_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MDI_WINDOW_DAYS", "60")
    result = mdi(tmp_path, "config", "window_days=30")
    assert held(tmp_path) == {"window_days": 30}
    assert "window_days = 60  MDI_WINDOW_DAYS" in result.stdout
    assert "MDI_WINDOW_DAYS in the environment overrides what mdi.toml holds" in result.stdout


def test_of_the_webhook_only_the_host_is_shown(tmp_path: Path) -> None:
    assert mdi(tmp_path, "config", "webhook=https://example.org/services/secret").exit_code == 0
    assert held(tmp_path) == {"webhook": "https://example.org/services/secret"}
    for shown in (mdi(tmp_path, "config").stdout, mdi(tmp_path, "config", "webhook").stdout):
        assert "https://example.org/…" in shown
        assert "secret" not in shown


@pytest.mark.parametrize("command", [["config"], ["top"], ["show", "a/b"], ["run"], ["doctor"]])
def test_an_address_or_a_file_in_place_of_the_home_is_one_line(tmp_path: Path, command: list[str]) -> None:
    file = tmp_path / "file"
    file.write_text("")
    for home, message in (("s3://bucket/home", "a home is a local folder, and s3://…"), (str(file), "is a file")):
        result = process(*command, "--home", home)
        assert result.returncode == 1
        assert message in result.stderr
        assert len(result.stderr.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert not Path("s3:").exists()

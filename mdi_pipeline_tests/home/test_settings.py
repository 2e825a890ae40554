"""Settings: what is accepted and refused, where a value comes from, and how the file changes."""

import subprocess
import sys
import tomllib
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from hypothesis import given
from hypothesis import settings as tried
from hypothesis import strategies as st

from mdi_pipeline.home.folder import Home, HomeError
from mdi_pipeline.home.settings import (
    SETTINGS,
    Settings,
    SettingsError,
    change_settings,
    load_settings,
    origins,
    save_settings,
    with_changes,
    written_settings,
)
from mdi_pipeline.hub.crawl import MAX_BAD_SHARE
from mdi_pipeline.simulator.calibration import LARGEST, SMALLEST
from mdi_pipeline.tables.vocabulary import PHASES

DATES = st.dates(date(1970, 1, 1), date(2099, 12, 31))
RIGHT: dict[str, st.SearchStrategy[Any]] = {
    "source": st.sampled_from(["demo", "files", "archive", "hub"]),
    "path": st.text(st.characters(exclude_characters="\0", codec="utf-8", exclude_categories=["C"]), min_size=1),
    "size": st.integers(SMALLEST, LARGEST),
    "seed": st.integers(0, 2**63 - 1),
    "window_days": st.integers(1, 36_500),
    "phases": st.lists(st.sampled_from(PHASES), min_size=1).map(tuple),
    "min_precision": st.floats(0, 1),
    "first_date": DATES,
    "max_bad_share": st.floats(0, 1),
    "full_crawl_days": st.integers(1, 36_500),
    "max_revision_age_days": st.integers(1, 36_500),
    "webhook": st.from_regex(r"https?://[a-z]{1,9}\.org(:[1-9][0-9]{1,3})?(/[a-z0-9]{0,9}){0,3}", fullmatch=True),
    "follow_code": st.booleans(),
}
ODD: dict[str, list[Any]] = {
    "text": ["", "x", "9x", "nan", "yes", "2026-13-01", "2026-08-01T00:00:00", "1\n2", "\x1b[31m", "x" * 900],
    "number": [90.5, -1, -0.5, 10**26, 10**400, 99_999_999_999, float("nan"), float("inf")],
    "truth": [True, False],
    "list": [[], ["x"], [1], [["hub"]], ["hub", 1]],
    "table": [{"a": 1}],
    "moment": [datetime(2026, 8, 1, tzinfo=UTC), datetime(2026, 8, 1, tzinfo=UTC).replace(tzinfo=None), time(1, 30)],
}
"""Values of kinds that TOML has; none is what a setting may be, but for what `is_meant`."""


def is_meant(name: str, value: object) -> bool:
    """Whether a setting may be what is odd for others."""
    if name == "path":
        return isinstance(value, str) and value != ""
    return (name == "follow_code" and isinstance(value, bool)) or (name == "seed" and value == 99_999_999_999)


def test_every_setting_is_tried_here() -> None:
    assert set(RIGHT) == set(SETTINGS) == set(Settings.model_fields)


@pytest.mark.parametrize("name", SETTINGS)
@given(data=st.data())
@tried(max_examples=10)  # each writes files
def test_what_is_allowed_is_taken_and_survives_its_file_its_text_and_no_other_changes(
    name: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    value = data.draw(RIGHT[name])
    settings = Settings(**{name: value})
    kept = getattr(settings, name)
    assert kept == (value if name != "phases" else tuple(phase for phase in PHASES if phase in value))
    home = Home(tmp_path_factory.mktemp("home"))
    save_settings(home, settings)
    assert load_settings(home) == settings
    assert written_settings(home).model_fields_set == {name}
    assert load_settings(home) == with_changes(Settings(), **{name: kept})
    declared = SETTINGS[name]
    if not declared.secret and not declared.folder:
        assert declared.from_text(declared.as_text(kept)) in (kept, str(kept))
        assert getattr(Settings(**{name: declared.from_text(declared.as_text(kept))}), name) == kept


@pytest.mark.parametrize("kind", ODD)
@pytest.mark.parametrize("name", SETTINGS)
def test_what_is_not_allowed_is_refused_in_one_line_with_the_name_and_what_is(
    name: str, kind: str, tmp_path: Path
) -> None:
    home = Home(tmp_path)
    for value in ODD[kind]:
        if is_meant(name, value):
            continue
        with pytest.raises(SettingsError) as refused:
            Settings(**{name: value})
        said = str(refused.value)
        assert said.startswith(name)
        assert SETTINGS[name].allowed in said
        assert len(said) < 300
        assert said.isprintable()
        home.settings_file.write_text(tomlkit.dumps({name: value}))
        with pytest.raises(SettingsError) as of_file:
            load_settings(home)
        assert str(of_file.value) == f"{home.settings_file}: {said}"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("window_days = 90.5", "window_days is 90.5; it must be a whole number from 1 to 36,500"),
        ("window_days = true", "window_days is true; it must be a whole number"),
        (f"window_days = {10**26}", f"window_days is {10**26}; it must be a whole number"),
        (f"window_days = 1{'0' * 5000}", "cannot be read as TOML"),
        ('size = "x"', 'size is "x"; it must be a whole number from 2,000 to 3,000,000'),
        ("max_revision_age_days = 99999999999", "max_revision_age_days is 99999999999; it must be a whole number"),
        ("phases = 5", "phases is 5; it must be one or more of hub, tag, card, config, name"),
        ("webhook = 3", "webhook is not what it must be"),
        ('first_date = "yesterday"', 'first_date is "yesterday"; it must be a date from 1970-01-01 to 2099-12-31'),
        ('first_date = "2026-02-30"', 'first_date is "2026-02-30"; it must be a date'),
        ("window = 3", 'unknown setting "window"; there are source, path,'),
        ("a = " + "[" * 5000, "cannot be read as TOML"),
        ("window_days = ", "cannot be read as TOML"),
    ],
)
def test_a_wrong_file_is_named_with_what_is_wrong(tmp_path: Path, written: str, said: str) -> None:
    (tmp_path / "mdi.toml").write_text(written)
    with pytest.raises(SettingsError) as refused:
        load_settings(Home(tmp_path))
    assert str(refused.value).startswith(str(tmp_path / "mdi.toml"))
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_date_written_as_text_is_a_date(tmp_path: Path) -> None:
    (tmp_path / "mdi.toml").write_text('first_date = "2026-01-01"')
    assert load_settings(Home(tmp_path)).first_date == date(2026, 1, 1)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    file = tmp_path / "mdi.toml"
    file.write_bytes("path = 'K\xf6ln'".encode("latin-1"))
    with pytest.raises(SettingsError, match=r"mdi\.toml is not written in UTF-8"):
        load_settings(Home(tmp_path))
    file.unlink()
    file.mkdir()
    with pytest.raises(SettingsError, match=r"mdi\.toml cannot be read: Is a directory"):
        load_settings(Home(tmp_path))


def test_a_home_that_cannot_be_written_is_named_and_stays_as_it_is(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    save_settings(home, Settings(size=5_000))
    before = home.settings_file.read_text()
    (home.path / ".settings.lock").unlink()
    (home.path / ".settings.lock").mkdir()
    with pytest.raises(HomeError, match=r"home .* cannot be written: Is a directory"):
        save_settings(home, Settings(size=6_000))
    assert home.settings_file.read_text() == before


@pytest.mark.parametrize(
    "address",
    [
        " https://example.org/hook",
        "https://example.org/a hook",
        "https://example.org/hook\n",
        "https://user:secret@example.org/hook",
        "https://user@example.org/hook",
        "https://example.org:port/secret",
        "https://[::bad/secret",
        "https:///secret",
        "ftp://example.org/secret",
        "example.org/secret",
        "file:///etc/secret",
        "https://exämple.org/secret",
    ],
)
def test_an_address_that_cannot_be_posted_to_is_refused_and_not_shown(address: str, tmp_path: Path) -> None:
    (tmp_path / "mdi.toml").write_text(tomlkit.dumps({"webhook": address}))
    with pytest.raises(SettingsError) as refused:
        load_settings(Home(tmp_path))
    said = str(refused.value).removeprefix(str(tmp_path))
    assert "webhook" in said
    assert "begins with https:// or http://" in said
    assert "secret" not in said
    assert "hook\n" not in said
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


def test_the_bounds_are_those_of_what_they_are_for() -> None:
    assert f"{SMALLEST:,} to {LARGEST:,}" in SETTINGS["size"].allowed
    assert SETTINGS["max_bad_share"].default == MAX_BAD_SHARE


@pytest.mark.parametrize("name", SETTINGS)
@given(data=st.data())
@tried(max_examples=10)  # each writes files
def test_the_environment_is_above_the_file_and_below_the_options(
    name: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    declared = SETTINGS[name]
    if declared.secret or declared.folder:
        values = {"path": ["/a", "/b", "/c"], "webhook": ["http://a", "http://b", "http://c"]}[name]
        texts = values
    else:
        values = [getattr(Settings(**{name: data.draw(RIGHT[name])}), name) for _ in range(3)]
        texts = [declared.as_text(value) for value in values]
    home = Home(tmp_path_factory.mktemp("home"))
    with pytest.MonkeyPatch.context() as patch:
        assert origins(home)[name] == "default"
        save_settings(home, Settings(**{name: values[0]}))
        assert (getattr(load_settings(home), name), origins(home)[name]) == (values[0], "mdi.toml")
        patch.setenv(declared.variable, texts[1])
        assert (getattr(load_settings(home), name), origins(home)[name]) == (values[1], declared.variable)
        assert getattr(written_settings(home), name) == values[0]
        assert getattr(with_changes(load_settings(home), **{name: values[2]}), name) == values[2]
        patch.setenv(declared.variable, "")
        assert getattr(load_settings(home), name) == values[0]


def test_the_environment_is_never_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MDI_WINDOW_DAYS", "30")
    change_settings(Home(tmp_path), lambda _: {"size": 5_000})
    assert tomllib.loads((tmp_path / "mdi.toml").read_text()) == {"size": 5_000}


def test_a_wrong_variable_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MDI_WINDOW_DAYS", "90.5")
    with pytest.raises(SettingsError, match=r'MDI_WINDOW_DAYS in the environment: window_days is "90.5"; it must be'):
        load_settings(Home(tmp_path))


def test_what_is_refused_leaves_no_trace(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with pytest.raises(SettingsError):
        change_settings(home, lambda _: {"window_days": 0})
    assert not home.path.exists()


ADD_DATES = """
import sys
from datetime import date, timedelta
from pathlib import Path
from mdi_pipeline.home.folder import Home
from mdi_pipeline.home.settings import change_settings

home, step = Home(Path(sys.argv[1])), int(sys.argv[2])
for _ in range(40):
    change_settings(home, lambda written: {"seed": written.seed + step})
"""


def test_two_processes_that_change_the_settings_at_once_lose_nothing(tmp_path: Path) -> None:
    at_once = [
        subprocess.Popen([sys.executable, "-c", ADD_DATES, str(tmp_path / "home"), str(step)], stderr=subprocess.PIPE)
        for step in (1, 1_000)
    ]
    for process in at_once:
        _, complaint = process.communicate()
        assert process.returncode == 0, complaint
    assert load_settings(Home(tmp_path / "home")).seed == 40 * 1_001
    assert [file.name for file in (tmp_path / "home").iterdir() if "toml" in file.name] == ["mdi.toml"]

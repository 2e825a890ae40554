"""The settings file as a text: what its owner wrote stays, whatever is set and taken back."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as tried
from hypothesis import strategies as st

from mdi_pipeline.home.folder import Home
from mdi_pipeline.home.settings import SETTINGS, SettingsError, change_settings, load_settings

OWNED = """\
# Ours, since March.
window_days = 45 # as in the paper

phases = [ # not the guesses
    "hub",
    "tag",
] # end of the list

# webhook: ask Anna
"""

VALUES = {
    "source": ["demo", "hub", None],
    "window_days": [1, 90, None],
    "phases": [("hub",), ("hub", "card"), None],
    "seed": [7, None],
    "path": ["/a b/'c' \"d\" \\e", None],
    "webhook": ["https://example.org/x#y", None],
    "follow_code": [True, False, None],
}


@given(
    owned=st.sampled_from(["", OWNED, OWNED.rstrip("\n"), OWNED.replace("\n", "\r\n")]),
    changes=st.lists(
        st.sampled_from(sorted(VALUES)).flatmap(lambda name: st.tuples(st.just(name), st.sampled_from(VALUES[name]))),
        max_size=8,
    ),
)
@tried(max_examples=30)  # each writes files
def test_the_file_sets_what_was_set_last_and_its_owners_comments_stay(
    owned: str, changes: list[tuple[str, object]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = Home(tmp_path_factory.mktemp("home"))
    if owned:
        home.settings_file.write_bytes(owned.encode())
    expected = {"window_days": 45, "phases": ["hub", "tag"]} if owned else {}
    for name, value in changes:
        change_settings(home, lambda _, name=name, value=value: {name: value})
        expected.pop(name, None)
        if value is not None:
            expected[name] = list(value) if isinstance(value, tuple) else value
    text = home.settings_file.read_text() if owned or changes else ""
    assert tomllib.loads(text) == expected
    if owned:
        for comment in ("# Ours, since March.", "# as in the paper", "# webhook: ask Anna"):
            assert text.count(comment) == 1
    for name in SETTINGS:
        lines = [line for line in text.splitlines() if line.lstrip("# ").startswith(f"{name} =")]
        assert len(lines) <= 1, "a setting has one line, set or not"


def test_a_new_file_explains_every_setting(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    change_settings(home, lambda _: {"window_days": 30})
    text = home.settings_file.read_text()
    for name, declared in SETTINGS.items():
        assert f"# {declared.meaning} It must be {declared.allowed}." in text
        assert f"\n{'' if name == 'window_days' else '# '}{name} = " in text
    uncommented = "\n".join(line.removeprefix("# ") for line in text.splitlines() if " = " in line)
    home.settings_file.write_text(uncommented)
    load_settings(home)  # what stands commented out may be commented in


def test_an_unchanged_file_is_not_written(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.settings_file.write_text("window_days=30")
    before = home.settings_file.stat().st_ino
    change_settings(home, lambda _: {"window_days": 30, "path": None})
    assert (home.settings_file.read_text(), home.settings_file.stat().st_ino) == ("window_days=30", before)


def test_a_file_that_no_command_can_change_is_left_alone(tmp_path: Path) -> None:
    home = Home(tmp_path)
    owned = 'path = """\n# seed = 0\n"""\n'
    home.settings_file.write_text(owned)
    with pytest.raises(SettingsError, match="edit it by hand"):
        change_settings(home, lambda _: {"seed": 5})
    assert home.settings_file.read_text() == owned

"""`mdi config`: the settings, where each comes from, and how to change them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.table import Table
from rich.text import Text

from mdi_pipeline.cli.console import console
from mdi_pipeline.home.folder import SETTINGS_FILE, Home
from mdi_pipeline.home.settings import SETTINGS, Settings, change_settings, load_settings, origins, setting


def show_or_set(home_path: Path | None, wanted: Sequence[str]) -> None:
    """Set each `NAME=VALUE` in `mdi.toml`, all of them or none, then show what was named; everything for nothing.

    Raises `SettingsError` for an unknown name or a value that is refused.
    """
    home = Home.at(home_path)
    named = {name: value if given else None for name, given, value in (word.partition("=") for word in wanted)}
    declared = [setting(name) for name in named]
    changes = {
        one.name: one.from_text(value) if value else None
        for one, value in zip(declared, named.values(), strict=True)
        if value is not None
    }
    if changes:
        change_settings(home, lambda _: changes)
    settings, came_from = load_settings(home), origins(home)
    if named:
        for name in named:
            _print_one(name, settings, came_from[name])
    else:
        _print_all(home, settings, came_from)
    overridden = [name for name in changes if came_from[name] not in {SETTINGS_FILE, "default"}]
    for name in overridden:
        console.print(f"{SETTINGS[name].variable} in the environment overrides what {SETTINGS_FILE} holds")


def _print_one(name: str, settings: Settings, origin: str) -> None:
    declared = SETTINGS[name]
    value = declared.as_text(getattr(settings, name)) or "-"
    console.print(Text.assemble((name, "bold"), f" = {value}  ", (origin, "dim")), soft_wrap=True)
    console.print(f"  {declared.meaning} It must be {declared.allowed}.", soft_wrap=True)


def _print_all(home: Home, settings: Settings, came_from: dict[str, str]) -> None:
    console.print(f"settings of {home.path}", soft_wrap=True)
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("name", no_wrap=True)
    table.add_column("value", overflow="fold")
    table.add_column("from", no_wrap=True)
    table.add_column("meaning")
    for name, declared in SETTINGS.items():
        value = declared.as_text(getattr(settings, name)) or "-"
        table.add_row(name, Text(value), came_from[name], Text(declared.meaning))
    console.print(table)

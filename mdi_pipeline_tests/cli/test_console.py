"""What the commands write, on a terminal and off it."""

import io

import pytest
from rich.table import Table
from rich.text import Text

from mdi_pipeline.cli.console import LONGEST_CELL, PlainConsole, cell, complain

EVIL = "\x1b]52;c;ZXZpbA==\x07[red]x[/red][/]:warning:\u202e\x9b2J"
SHOWN = r"\x1b]52;c;ZXZpbA==\x07[red]x[/red][/]:warning:\u202e\x9b2J"


def written(what: object, monkeypatch: pytest.MonkeyPatch, **how: object) -> str:
    """What a terminal is sent."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    terminal = PlainConsole(width=200)
    terminal.file = io.StringIO()
    terminal.print(what, **how)  # type: ignore[arg-type]
    return terminal.file.getvalue()


@pytest.mark.parametrize("soft_wrap", [True, False])
def test_s7_plain_and_styled_text(monkeypatch: pytest.MonkeyPatch, soft_wrap: bool) -> None:
    assert written(EVIL, monkeypatch, soft_wrap=soft_wrap) == f"{SHOWN}\n"
    styled = written(Text(EVIL, "bold"), monkeypatch, soft_wrap=soft_wrap)
    assert styled == f"\x1b[1m{SHOWN}\x1b[0m\n".replace(r"\x07", ""), "rich leaves out the bell of a Text"


def test_s7_cells_of_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table("model", box=None)
    table.add_row(EVIL)
    table.add_row(cell("\x1b[2J\nsecond line" + 500 * "x"))
    said = written(table, monkeypatch)
    assert SHOWN in said
    assert r"\x1b[2J\nsecond line" in said
    assert "\x1b]" not in said
    assert "\x1b[2J" not in said
    assert "x" * LONGEST_CELL not in said


def test_s7_an_error_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    complain(f"no {EVIL}\nsecond")
    assert capsys.readouterr().err == f"error: no {SHOWN} second\n"

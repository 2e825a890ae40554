"""What the README tells people to type works."""

import re
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from mdi_pipeline.cli.main import app
from mdi_pipeline.home.folder import Home

README = (Path(__file__).resolve().parents[1] / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


@pytest.mark.parametrize("query", "".join(blocks("sql")).split(";")[:-1])
def test_the_queries_run(demo_home: Path, query: str) -> None:
    with duckdb.connect(str(Home(demo_home).database), read_only=True) as connection:
        rows = connection.execute(query).fetchall()
    if "RECURSIVE" not in query:
        assert rows


def test_the_imports_are_there() -> None:
    for block in blocks("python"):
        exec(compile(block, "README.md", "exec"), {})


def test_the_commands_are_there() -> None:
    """Every `mdi` line of the README names a command and options that exist."""
    lines = [
        line.split("#")[0].split() for block in blocks("sh") for line in block.splitlines() if line.startswith("mdi ")
    ]
    assert len(lines) > 5
    for words in lines:
        usage = CliRunner().invoke(app, [words[1], "--help"]).stdout
        for option in (word for word in words if word.startswith("--")):
            assert option in usage, words


def test_the_pictures_and_pages_are_there() -> None:
    for target in re.findall(r"\]\((?!http)([^)]+)\)", README):
        assert (Path(__file__).resolve().parents[1] / target).exists(), target

"""The commands that read a home, and how they fail."""

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from mdi_pipeline.home.folder import Home
from mdi_pipeline.home.settings import SettingsError
from mdi_pipeline.lake.liveness import ProcessIdentity
from mdi_pipeline.lake.store import LakeError
from mdi_pipeline.orchestration.definitions import STEPS
from mdi_pipeline.orchestration.instance import open_instance
from mdi_pipeline.orchestration.resources import PipelineResource
from mdi_pipeline.orchestration.step import results
from mdi_pipeline.orchestration.steps.report import write_report
from mdi_pipeline_tests.cli.test_run import LAST
from mdi_pipeline_tests.pipeline import mdi, read


def process(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `mdi` in a process of its own, as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "mdi_pipeline", *arguments], capture_output=True, text=True, check=False
    )


def test_show_tells_of_a_model(demo_home: Path) -> None:
    edges = read(demo_home, "lineage_edges", LAST)
    child, parent, relation = edges.filter(resolution="exact").select("child_id", "parent_id", "relation").row(0)
    shown = mdi(demo_home, "show", child)
    assert shown.exit_code == 0, shown.output
    assert parent in shown.stdout
    assert relation in shown.stdout
    for window in (30, 60, 90, 180, 365):
        assert f"{window} d" in shown.stdout
    assert "2026-08-30" in shown.stdout


@pytest.mark.parametrize("command", ["show", "top"])
def test_a_look_up_imports_nothing_that_is_slow_to(demo_home: Path, command: str) -> None:
    arguments = {"show": ["show", read(demo_home, "models", LAST)["model_id"][0]], "top": ["top"]}[command]
    slow = {"dagster", "dataframely", "duckdb", "numba", "scipy", "sqlalchemy", "tomlkit"}
    code = "import atexit, sys; from mdi_pipeline.cli import main; atexit.register(lambda: print(*sys.modules)); main()"
    found = subprocess.run(
        [sys.executable, "-c", code, *arguments, "--home", str(demo_home)], capture_output=True, text=True, check=True
    )
    imported = set(found.stdout.splitlines()[-1].split())
    assert "polars" in imported
    assert not slow & imported


def test_show_does_without_what_an_earlier_version_did_not_know(demo_home: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(demo_home, home)
    for day in Home(home).lake.dates("models"):
        file = Home(home).lake.file("models", day)
        pl.read_parquet(file).drop("lineage_parameters").write_parquet(file)
    shown = mdi(home, "show", read(demo_home, "models", LAST)["model_id"][0])
    assert shown.exit_code == 0, shown.output
    assert "children" in shown.stdout
    assert "parameters" not in shown.stdout


def test_the_report_says_which_table_is_of_another_version(demo_home: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(demo_home, home)
    file = Home(home).lake.file("findings", LAST)
    pl.read_parquet(file).drop("verdict", "reason").write_parquet(file)
    result = process("report", "--crawl-date", str(LAST), "--home", str(home))
    assert result.returncode == 1
    assert result.stderr.startswith(f"error: findings of {LAST} is of another version (missing, or of another type: ")
    assert "reason, verdict). Make it again: mdi run" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_show_offers_what_is_like_an_unknown_id(demo_home: Path) -> None:
    known = read(demo_home, "models", LAST).sort("n_children")["model_id"][-1]
    result = process("show", known[:-1] + "~", "--home", str(demo_home))
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.startswith("error: no crawl in this home knows")
    assert known in result.stderr


def test_top_ranks_by_the_index_then_by_children(demo_home: Path) -> None:
    scores = read(demo_home, "disruption_scores", LAST).filter(window_days=90, status="scored")
    enough = scores.filter(pl.sum_horizontal("n_i", "n_j", "n_k") >= 5)
    best = enough.sort("mdi", "n_i", "model_id", descending=[True, True, False])["model_id"][0]
    shown = mdi(demo_home, "top", "--min-n", "5", "--limit", "1")
    assert best in shown.stdout
    assert "roots most built upon" in shown.stdout


@pytest.mark.parametrize("by", ["cd", "dep", "n_children", "pagerank", "downloads", "likes"])
def test_top_ranks_by_other_things(demo_home: Path, by: str) -> None:
    result = mdi(demo_home, "top", "--by", by, "--min-n", "1", "--relation", "finetune")
    assert result.exit_code == 0, result.output
    assert f"highest {by}" in result.stdout


def test_the_report_is_made_again_from_the_lake(demo_home: Path) -> None:
    page = Home(demo_home).report(LAST)
    before = page.read_bytes()
    page.unlink()
    assert mdi(demo_home, "report", "--crawl-date", str(LAST)).exit_code == 0
    assert page.read_bytes() == before
    endings = (".svg", ".png", ".csv")
    names = {ending: {file.stem for file in page.parent.glob(f"figures/*{ending}")} for ending in endings}
    assert names[".svg"] == names[".png"] == names[".csv"]
    assert "findings_specifications" in names[".svg"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("top",), "holds no scores yet. Make some: mdi run"),
        (("show", "a/b"), "holds no models yet. Make some: mdi run"),
        (("report", "--crawl-date", "2026-08-31"), "has no partition of 2026-08-31"),
        (("run", "--source", "files"), "needs a folder: --path DIR"),
        (("run", "--source", "moon"), "no source 'moon'"),
        (("run", "--size", "7"), "can have 2,000 to 3,000,000 models"),
        (("run", "--crawl-date", "2036-01-01"), "its days go from 2024-09-01 to 2026-08-31"),
    ],
)
def test_what_goes_wrong_is_one_line_and_leaves_nothing(
    tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    home = tmp_path / "home"
    result = process(*arguments, "--home", str(home))
    assert result.returncode == 1
    assert result.stderr.startswith("error: ")
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not home.exists()


def test_broken_settings_are_named(tmp_path: Path) -> None:
    for text, message in (
        ("window = 3", "unknown setting window"),
        ("window_days = ", "mdi.toml"),
        ("window_days = 0", "at least one day"),
    ):
        (tmp_path / "mdi.toml").write_text(text)
        result = process("run", "--home", str(tmp_path))
        assert result.returncode == 1
        assert message in result.stderr


def test_a_dagster_yaml_that_its_owner_broke_is_named(tmp_path: Path) -> None:
    configuration = tmp_path / "dagster" / "dagster.yaml"
    configuration.parent.mkdir()
    named = f"Dagster cannot use {configuration}: "
    for text in ("storage: 3", "nonsense: 1", "- a list", "storage: ["):
        configuration.write_text(text)
        with pytest.raises(SettingsError, match=named):
            open_instance(Home(tmp_path))
    doctor, run = mdi(tmp_path, "doctor"), process("run", "--home", str(tmp_path))
    assert (doctor.exit_code, run.returncode) == (1, 1)
    assert named in doctor.output
    assert run.stderr.strip().startswith(f"error: {named}")
    assert len(run.stderr.strip().splitlines()) == 1


def test_doctor_finds_and_mends(demo_home: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(demo_home, home)
    assert mdi(home, "doctor", "--mend").exit_code == 0
    assert mdi(home, "doctor").exit_code == 0
    lake = Home(home).lake
    damaged = lake.file("models", LAST)
    damaged.write_bytes(damaged.read_bytes()[:100])
    left = lake.root / ".staging" / f"{replace(ProcessIdentity.current(), pid=999_999_999)}-gone"
    left.mkdir(parents=True)
    broken = next(Home(home).instance.rglob("runs.db"))
    broken.write_bytes(b"not a database" * 100)
    found = mdi(home, "doctor")
    assert found.exit_code == 1
    for named in ("models", left.name, "runs.db"):
        assert named in found.stdout
    assert mdi(home, "doctor", "--mend").exit_code == 0
    assert not left.exists()
    again = mdi(home, "run")
    assert again.exit_code == 0, again.output
    assert lake.dates("models")[-1] == LAST


@pytest.mark.parametrize("command", ["score", "show", "top"])
def test_quick_commands_import_nothing_slow(demo_home: Path, command: str) -> None:
    arguments = {"top": ["top"], "show": ["show", "a/b"], "score": ["score", "--help"]}[command]
    watched = (
        "import sys; from mdi_pipeline.cli import main\n"
        f"sys.argv = ['mdi', *{arguments!r}, *([] if {command!r} == 'score' else ['--home', {str(demo_home)!r}])]\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print('slow:', *sorted({'dagster', 'statsmodels', 'numba', 'altair', 'scipy'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", watched], capture_output=True, text=True, check=True)
    assert result.stdout.splitlines()[-1].strip() == "slow:"


def test_a_table_that_cannot_be_read_is_named_by_whoever_reads_it(demo_home: Path, tmp_path: Path) -> None:
    """Whatever way it reads: tables that are scanned are only met in the middle of the work."""
    home = tmp_path / "home"
    shutil.copytree(demo_home, home)
    partition = PipelineResource(home=str(home)).partition(str(LAST))
    file = partition.lake.file("disruption_scores", LAST)
    held = bytearray(file.read_bytes())
    held[4 : len(held) // 2] = bytes(len(held) // 2 - 4)
    file.write_bytes(held)
    summary = next(step for step in STEPS if step.name == "score_summary")
    with open_instance(Home(home)) as instance, pytest.raises(LakeError, match=r"disruption_scores.* is damaged"):
        list(results(summary, partition, instance, force=True))
    with pytest.raises(LakeError, match=r"disruption_scores.* is damaged"):
        write_report(partition)

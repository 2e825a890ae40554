"""What is used of Dagster's private interfaces is where it was, and in one file."""

from collections.abc import Callable, Sequence
from pathlib import Path

import dagster as dg
import pytest

import mdi_pipeline
from mdi_pipeline.home.folder import Home
from mdi_pipeline.orchestration.dagster_private import (
    JudgedMaterialisation,
    dagster_command,
    dagster_daemon_command,
    workspace_of,
)
from mdi_pipeline.orchestration.instance import open_instance


def test_an_evaluation_names_the_materialisation_that_it_judged() -> None:
    judged = JudgedMaterialisation(run_id="run", storage_id=7, timestamp=1.5)
    evaluation = dg.AssetCheckEvaluation(
        asset_key=dg.AssetKey("models"),
        check_name="sound",
        passed=True,
        metadata={},
        target_materialization_data=judged,
    )
    assert evaluation.target_materialization_data == judged
    assert (judged.run_id, judged.storage_id, judged.timestamp) == ("run", 7, 1.5)


@pytest.mark.parametrize("read_only", [True, False])
def test_a_workspace_knows_its_code_locations_and_whether_it_may_be_changed(tmp_path: Path, read_only: bool) -> None:
    file = tmp_path / "workspace.yaml"
    file.write_text("load_from: []")
    with (
        open_instance(Home(tmp_path / "home")) as instance,
        workspace_of(instance, file, read_only=read_only) as workspace,
    ):
        request = workspace.create_request_context()
        assert request.code_location_names == []
        assert request.has_permission("wipe_assets") is not read_only


@pytest.mark.parametrize(
    ("command", "arguments", "options"),
    [
        (dagster_command, ["code-server", "start"], ["--socket", "--module-name", "--working-directory"]),
        (dagster_daemon_command, ["run"], ["--workspace"]),
    ],
)
def test_the_commands_have_the_options_that_are_given_to_them(
    command: Callable[[Sequence[str]], None],
    arguments: list[str],
    options: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        command([*arguments, "--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert [option for option in options if option not in said] == []


def test_private_interfaces_are_imported_in_one_file() -> None:
    package = Path(mdi_pipeline.__file__).parent
    users = [file.name for file in package.rglob("*.py") if "from dagster._" in file.read_text()]
    assert users == ["dagster_private.py"]

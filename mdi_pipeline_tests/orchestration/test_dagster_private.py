"""What is used of Dagster's private interfaces is where it was, and in one file."""

from pathlib import Path

import dagster as dg

import mdi_pipeline
from mdi_pipeline.orchestration.dagster_private import JudgedMaterialisation


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


def test_private_interfaces_are_imported_in_one_file() -> None:
    package = Path(mdi_pipeline.__file__).parent
    users = [file.name for file in package.rglob("*.py") if "from dagster._" in file.read_text()]
    assert users == ["dagster_private.py"]

"""`mdi doctor` on what other processes left: what it mends, and what it cannot judge."""

import shutil
from dataclasses import replace
from pathlib import Path

import dagster as dg

from mdi_pipeline.home.folder import Home
from mdi_pipeline.lake.liveness import ProcessIdentity
from mdi_pipeline.orchestration.instance import PROCESS_TAG, open_instance
from mdi_pipeline_tests.pipeline import mdi

HERE = ProcessIdentity.current()
GONE = replace(HERE, pid=999_999_999)
ELSEWHERE = replace(HERE, host="worker-2", pid=4711)
OF_0_1_0 = "4711"


@dg.job
def job() -> None:
    """Does nothing."""


def test_what_a_killed_process_left_is_mended_and_what_may_be_in_use_elsewhere_is_noted(tmp_path: Path) -> None:
    home = Home(tmp_path)
    staged = {process: home.lake.root / ".staging" / f"{process}-0" for process in (HERE, GONE, ELSEWHERE, OF_0_1_0)}
    for folder in staged.values():
        folder.mkdir(parents=True)
    runs = {}
    with open_instance(home) as instance:
        for process in (HERE, GONE, ELSEWHERE):
            run = instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
            instance.add_run_tags(run.run_id, {PROCESS_TAG: f"{run.run_id}/{process}"})
            runs[process] = run.run_id
        of_0_1_0 = instance.create_run_for_job(
            job, status=dg.DagsterRunStatus.STARTED, tags={PROCESS_TAG: OF_0_1_0, "dagster/partition": "2026-08-31"}
        )

    found = mdi(tmp_path, "doctor")
    lines = found.stdout.splitlines()
    wrong, notes = ([line for line in lines if line.startswith(sort)] for sort in ("wrong", "note"))
    assert found.exit_code == 1
    assert len(wrong) == 2
    assert f"the process of run {runs[GONE]} of all crawls was killed" in wrong[0]
    assert str(staged[GONE]) in wrong[1]
    cannot = "whether that process still runs cannot be seen from here"
    elsewhere, old = f"process 4711 of host worker-2; {cannot}", f"a process known only as 4711; {cannot}"
    assert sum(f"run {runs[ELSEWHERE]} of all crawls" in note and elsewhere in note for note in notes) == 1
    assert sum(f"run {of_0_1_0.run_id} of 2026-08-31" in note and old in note for note in notes) == 1
    assert sum(str(staged[ELSEWHERE]) in note and elsewhere in note for note in notes) == 1
    assert sum(str(staged[OF_0_1_0]) in note and old in note for note in notes) == 1
    assert len(notes) == 4

    assert mdi(tmp_path, "doctor", "--mend").exit_code == 0
    assert not staged.pop(GONE).exists()
    assert all(folder.exists() for folder in staged.values())
    with open_instance(home) as instance:
        failed = instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE]))
        assert [run.run_id for run in failed] == [runs[GONE]]
    again = mdi(tmp_path, "doctor")
    assert again.exit_code == 0
    assert again.stdout.count("note ") == 4
    assert "nothing wrong" in again.stdout


def test_what_a_run_would_make_again_is_named_with_the_reason_and_is_not_wrong(demo_home: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(demo_home, home)
    assert mdi(home, "doctor", "--mend").exit_code == 0
    assert "stale" not in mdi(home, "doctor").output
    assert mdi(home, "config", "window_days=60").exit_code == 0
    found = mdi(home, "doctor")
    assert found.exit_code == 0, found.output
    lines = [line for line in found.output.splitlines() if line.startswith("stale")]
    [of_last] = [line for line in lines if "2026-08-31" in line]
    assert "disruption_scores, null_model" in of_last
    assert "lineage_network" not in of_last
    assert of_last.endswith("of 2026-08-31: settings changed. Make again: mdi run --crawl-date 2026-08-31")
    assert "nothing wrong, 3 stale" in found.output  # two dates, and what spans them


def test_s6_a_page_of_a_broken_off_crawl_that_cannot_be_read_is_said_and_mended(tmp_path: Path) -> None:
    folder = tmp_path / "home" / "spool" / "hub" / "2026-08-31"
    page = folder / "pages" / "000001.parquet"
    page.parent.mkdir(parents=True)
    page.write_bytes(b"")
    (folder / "crawl.json").write_text('{"endpoint": "https://hub", "as_of": "2026-08-31T00:00:00+00:00"}')
    result = mdi(tmp_path / "home", "doctor")
    assert result.exit_code == 1
    assert "000001.parquet cannot be read: the next crawl of the Hub goes on before it" in result.output
    result = mdi(tmp_path / "home", "doctor", "--mend")
    assert "mended" in result.output
    assert not page.exists()
    assert "000001" not in mdi(tmp_path / "home", "doctor").output

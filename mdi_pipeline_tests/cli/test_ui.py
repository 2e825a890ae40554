"""`mdi ui` as whoever keeps services running starts and stops it."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from mdi_pipeline_tests.dagster_servers import PATIENCE, answers, free_port, wait_for


@pytest.mark.slow
def test_told_to_end_it_ends_with_all_that_it_started(tmp_path: Path) -> None:
    port = str(free_port())
    command = [sys.executable, "-m", "mdi_pipeline", "ui", "--home", str(tmp_path / "home"), "--port", port]
    with (tmp_path / "ui.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        wait_for(lambda: answers(f"http://127.0.0.1:{port}"), "the web server")
        process.terminate()
        assert process.wait(PATIENCE) == 0
        wait_for(lambda: not _any_left(process.pid), "the last of its processes")
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    assert str(tmp_path / "home") in (tmp_path / "ui.log").read_text()


def _any_left(group: int) -> bool:
    """Whether a process of a group is there still."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True

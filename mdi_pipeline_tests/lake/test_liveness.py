"""Whether a process is there."""

import os
import subprocess
import sys
import time

from mdi_pipeline.lake.liveness import is_alive


def test_one_that_runs_is_alive_and_one_that_ended_is_not_even_before_anyone_noticed() -> None:
    assert is_alive(str(os.getpid()))
    assert not is_alive("none")
    with subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE) as process:
        assert is_alive(str(process.pid))
        process.kill()
        while is_alive(str(process.pid)):
            time.sleep(0.01)
        assert process.returncode is None
    assert not is_alive(str(process.pid))

"""A program of its own: one of Dagster's commands, which ends when the process that started it is gone.

`python -m mdi_pipeline.orchestration.ui.attached dagster|dagster-daemon ARGUMENT…`. Its standard input is a pipe whose
other end the starting process holds, and never writes to: however that process ends, the pipe is closed then.
"""

from __future__ import annotations

import os
import signal
import sys
import threading

from mdi_pipeline.orchestration.dagster_private import dagster_command, dagster_daemon_command

COMMANDS = {"dagster": dagster_command, "dagster-daemon": dagster_daemon_command}


def main() -> None:
    """Be the command."""
    threading.Thread(target=_end_with_the_other_end, daemon=True).start()
    command, *arguments = sys.argv[1:]
    COMMANDS[command](arguments)


def _end_with_the_other_end() -> None:
    os.read(0, 1)  # not through sys.stdin, whose lock the end of the interpreter waits for
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()

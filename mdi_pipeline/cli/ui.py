"""`mdi ui`: Dagster's web server and daemon on a home."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from mdi_pipeline.cli.console import console
from mdi_pipeline.home.folder import Home


def serve(home_path: Path | None, host: str, port: int) -> None:
    """Become `dagster dev` on the home, which ends its servers when it is interrupted or told to end."""
    from mdi_pipeline.orchestration.instance import end_dead_runs, open_instance

    home = Home.at(home_path)
    with open_instance(home) as instance:
        end_dead_runs(instance)
    console.print(f"Dagster on {home.path}: http://{host}:{port}  (Ctrl-C ends it)", soft_wrap=True)
    console.file.flush()
    command = [sys.executable, "-m", "dagster", "dev", "-m", "mdi_pipeline.definitions", "-h", host, "-p", str(port)]
    os.execv(sys.executable, command)  # noqa: S606, no shell is wanted; which home it is stands in the environment now

"""`mdi ui`: Dagster's web server and daemon on a home."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import typer

from mdi_pipeline.cli.console import console
from mdi_pipeline.settings import Home


def serve(home_path: Path | None, host: str, port: int) -> None:
    """Run `dagster dev` on the home until it is stopped."""
    from mdi_pipeline.instance import end_dead_runs, open_instance

    home = Home.at(home_path)
    with open_instance(home) as instance:
        end_dead_runs(instance)
    console.print(f"Dagster on {home.path}: http://{host}:{port}  (Ctrl-C ends it)", soft_wrap=True)
    command = [sys.executable, "-m", "dagster", "dev", "-m", "mdi_pipeline.definitions", "-h", host, "-p", str(port)]
    try:
        code = subprocess.run(command, check=False, env=os.environ | {"MDI_HOME": str(home.path)}).returncode  # noqa: S603
    except KeyboardInterrupt:
        code = 0
    raise typer.Exit(code)

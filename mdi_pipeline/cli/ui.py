"""`mdi ui`: Dagster's web server and daemon on a home."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

from mdi_pipeline.cli.console import console
from mdi_pipeline.home.folder import Home


def serve_ui(home_path: Path | None, host: str, port: int, *, read_only: bool) -> NoReturn:
    """Serve until interrupted or told to end. Raises `SettingsError` where the code location could not be loaded."""
    from mdi_pipeline.home.settings import load_settings
    from mdi_pipeline.home.sources import require_settings
    from mdi_pipeline.orchestration.ui.serving import Address, serve

    home = Home.at(home_path)
    load_settings(home)
    require_settings(home)

    def announce(hosts: frozenset[str]) -> None:
        name = next((name for name in sorted(hosts) if name.startswith(f"{host}:")), f"localhost:{port}")
        kind = "Dagster, read-only," if read_only else "Dagster"
        console.print(f"{kind} on {home.path}: http://{name}  (Ctrl-C ends it)", soft_wrap=True)
        console.file.flush()

    serve(home, Address(host, port), read_only=read_only, listening=announce)

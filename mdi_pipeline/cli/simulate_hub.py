"""`mdi simulate-hub`: the simulated Hub over HTTP."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import typer

from mdi_pipeline.cli.console import console


@dataclass(frozen=True)
class HubOptions:
    """What is served: a simulation of a size and a seed, or a folder of crawls; with which faults and limits."""

    size: int
    seed: int
    path: Path | None
    faults: str
    calls: int
    window: int


def simulate(options: HubOptions, host: str, port: int) -> None:
    """Serve until stopped."""
    from mdi_pipeline.simulator.service.faults import FAULTS, Faults
    from mdi_pipeline.simulator.service.hubs import demo_hub, folder_hub
    from mdi_pipeline.simulator.service.quota import Quota
    from mdi_pipeline.simulator.service.server import serve

    kinds = FAULTS if options.faults == "all" else tuple(filter(None, options.faults.split(",")))
    try:
        faults = Faults(frozenset(kinds), seed=options.seed)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    quota = Quota(options.calls, options.window)
    with tempfile.TemporaryDirectory() as folder:
        spool = Path(folder)
        if options.path:
            hub = folder_hub(options.path, spool, quota=quota, faults=faults)
        else:
            hub = demo_hub(options.size, options.seed, spool, quota=quota, faults=faults)
        address = f"http://{host}:{port}"
        console.print(f"A simulated Hub of {hub.listing.models.height:,} models on {address}  (Ctrl-C ends it)")
        console.print(f"Crawl it: HF_ENDPOINT={address} mdi run --source hub --home DIR", soft_wrap=True)
        serve(hub, host, port)

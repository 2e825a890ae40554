"""A large simulated Hub under all faults at once: crawled twice, and once more killed ten times along the way.

    python benchmarks/crawl_faults.py [MODELS]

Each crawl must hold every model that was on the server all the time, none twice, and none that never was
there. Every crawling process is one of its own; kills are SIGKILL, at pages spread over the crawl.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

from mdi_pipeline.home.settings import FULL_CRAWL_DAYS
from mdi_pipeline.hub.crawl import take_crawl
from mdi_pipeline.hub.live.connection import Patience
from mdi_pipeline.hub.live.source import HubSource
from mdi_pipeline.hub.source import CrawlProgress
from mdi_pipeline.simulator.service.faults import FAULTS, Faults
from mdi_pipeline.simulator.service.hubs import demo_hub
from mdi_pipeline.simulator.service.quota import Quota
from mdi_pipeline.simulator.service.server import served

KILLS = 10
MOST_STARTS = 3 * KILLS


def crawl(endpoint: str, spool: Path) -> None:
    """Crawl, telling each page, and leave models and manifest in the spool."""

    def watch(progress: CrawlProgress) -> None:
        print(progress.n_pages, flush=True)

    with tempfile.TemporaryDirectory() as folder:
        patience = Patience(read=1.5, first_wait=0.1)
        source = HubSource(spool, full_crawl_days=FULL_CRAWL_DAYS, endpoint=endpoint, patience=patience, watch=watch)
        tables = take_crawl(source, source.dates()[0], Path(folder), previous_crawl_date=None)
        tables.models.write_parquet(spool / "models.parquet")
        tables.manifest.write_parquet(spool / "manifest.parquet")


def start(endpoint: str, spool: Path, kill_at: int | None) -> bool:
    """Crawl in a process, killed when it tells a page; whether it came to its end."""
    command = [sys.executable, __file__, "--crawl", endpoint, str(spool)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        for line in process.stdout or ():
            if kill_at is not None and int(line) >= kill_at:
                process.kill()
                return False
    return process.returncode == 0


def main(n_models: int) -> None:
    """Make the Hub, crawl it three times, and compare."""
    n_pages = n_models // 1_000
    for name, seed, kills in (("first", 1, 0), ("second", 2, 0), (f"killed {KILLS} times", 3, KILLS)):
        with tempfile.TemporaryDirectory() as folder:
            spool = Path(folder)
            faults = Faults(frozenset(FAULTS), seed=seed, share=0.02)
            hub = demo_hub(n_models, 0, spool, quota=Quota(), faults=faults, archived=())
            before = hub.listing.ids()
            started = time.monotonic()
            kill_at = [n_pages * (number + 1) // (kills + 1) for number in range(kills)]
            with served(hub) as endpoint:
                for page in kill_at:
                    assert not start(endpoint, spool, page)
                starts = 1
                while not start(endpoint, spool, None):
                    starts += 1
                    assert starts < MOST_STARTS
            after = hub.listing.ids()
            ids = pl.read_parquet(spool / "models.parquet")["model_id"]
            said = pl.read_parquet(spool / "manifest.parquet").row(0, named=True)
            read = set(ids)
            print(
                f"{name}: {len(read):,} models in {said['n_pages']} pages, {hub.n_calls} calls, "
                f"{time.monotonic() - started:.0f} s; there all the time {len(before & after):,}, "
                f"lost {len((before & after) - read)}, twice {ids.len() - len(read)}, "
                f"never there {len(read - before - after)}, bad records {said['n_bad_records']}, "
                f"pages asked for again {hub.n_pages - said['n_pages']}, refused by quota {hub.quota.n_refused}"
            )
            print(f"    struck: {dict(sorted(hub.struck.items()))}, complete: {said['complete']}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--crawl"]:
        crawl(sys.argv[2], Path(sys.argv[3]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 300_000)

"""What is said of a crawl while it runs."""

import io
from datetime import date

from rich.console import Console
from rich.progress import Progress

from mdi_pipeline.cli.run import LONG_WAIT, RunBar
from mdi_pipeline.hub.source import CrawlProgress


def test_s11_long_waits_are_said_where_no_bar_is_seen() -> None:
    written = io.StringIO()
    bar = Progress(console=Console(file=written, force_terminal=False, width=40))
    said = RunBar(bar, bar.add_task("starting"))
    said.crawl_date = date(2026, 8, 31)
    said.crawled(CrawlProgress(2_000, 2, 40.0, 0.0, waiting=LONG_WAIT - 1))
    assert not written.getvalue()
    said.crawled(CrawlProgress(2_000, 2, 40.0, 0.0, waiting=250.0))
    assert "2026-08-31 crawl: 2,000 models" in written.getvalue()
    assert "waiting 4 min 10 s for the rate limit\n" in written.getvalue()

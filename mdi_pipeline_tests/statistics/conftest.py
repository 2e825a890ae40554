from __future__ import annotations

import polars as pl
import pytest

from mdi_pipeline_tests.made_up import made_up_crawl


@pytest.fixture(scope="session")
def crawl() -> dict[str, pl.DataFrame]:
    return made_up_crawl(800, seed=3)

"""Inequality of children, beside what the network itself says."""

import polars as pl

from mdi_pipeline.network.concentration import frequencies, gini, top_share
from mdi_pipeline.statistics.inequality import inequality

Crawl = dict[str, pl.DataFrame]


def test_inequality_is_that_of_the_network_and_its_interval_holds_it(crawl: Crawl) -> None:
    counts = crawl["models"]["n_children"].to_numpy()
    sample = frequencies(counts)
    table = inequality(crawl["models"], 2.1, 3.0, n_draws=200)
    estimates = dict(table.select("measure", "estimate").iter_rows())
    assert estimates["gini_children"] == gini(sample)
    assert estimates["top_1_percent_share"] == top_share(sample)
    assert estimates["power_law_exponent"] == 2.1
    assert table.select((pl.col("low") < pl.col("estimate")) & (pl.col("estimate") < pl.col("high"))).to_series().all()
    assert table.filter(measure="power_law_exponent")["n"].item() == (counts >= 3).sum()

from __future__ import annotations

import polars as pl
import pytest

from mdi_pipeline.statistics.ranking import DENOMINATORS, rank_by_index
from mdi_pipeline.tables.vocabulary import INDICES

Crawl = dict[str, pl.DataFrame]


def test_every_index_is_undefined_exactly_where_its_denominator_is_0(crawl: Crawl) -> None:
    scores = crawl["disruption_scores"]
    for index in INDICES:
        assert scores.select((pl.col(index).is_null() == (DENOMINATORS[index] == 0)).all()).item(), index


@pytest.mark.parametrize("index", INDICES)
def test_no_model_outside_a_ranking_beats_one_in_it(crawl: Crawl, index: str) -> None:
    scores = crawl["disruption_scores"]
    scored = scores.filter(status="scored").join(crawl["models"], on="model_id")
    ranked = rank_by_index(scored.lazy(), crawl["models"].lazy(), index, min_n=3, limit=5)
    assert ranked["n"].min() >= 3  # type: ignore[operator]
    eligible = scores.filter(pl.col("status") == "scored", DENOMINATORS[index] >= 3, pl.col(index).is_not_null())
    rest = eligible.join(ranked, on="model_id", how="anti")
    last = ranked.row(-1, named=True)
    assert rest.filter(
        (pl.col(index) > last[index]) | ((pl.col(index) == last[index]) & (pl.col("n_i") > last["n_i"]))
    ).is_empty()
    keys = ranked.select(-pl.col(index), -pl.col("n_i"), "model_id")
    assert keys.rows() == sorted(keys.rows())

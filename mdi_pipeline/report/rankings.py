"""The models at the top of each index."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from mdi_pipeline.statistics.ranking import DENOMINATORS, MINIMA, rank_by_index
from mdi_pipeline.tables.vocabulary import INDICES


@dataclass(frozen=True)
class Ranking:
    """The scored models with the highest value of an index.

    `models` as `rank_by_index` gives them; `minimum` is the denominator that was asked for, `n_ranked` how
    many models reach it, `n_positive` how many of those are above 0.
    """

    index: str
    models: pl.DataFrame
    minimum: int
    n_ranked: int
    n_positive: int


def rankings(scored: pl.DataFrame, n_shown: int) -> list[Ranking]:
    """The ranking of `populations.scored_models` by each index that one of them has.

    One child must not make a winner, so a model needs at least ten in the denominator. Where none has so
    many the minimum is lowered, step by step, and the ranking says to what.
    """
    found = (_ranking(scored, index, n_shown) for index in INDICES)
    return [ranking for ranking in found if ranking is not None]


def _ranking(scored: pl.DataFrame, index: str, n_shown: int) -> Ranking | None:
    defined = scored.filter(pl.col(index).is_not_null())
    for minimum in MINIMA:
        enough = defined.filter(DENOMINATORS[index] >= minimum)
        if enough.height:
            best = rank_by_index(enough.lazy(), enough.lazy(), index, min_n=minimum, limit=n_shown)
            return Ranking(index, best, minimum, enough.height, enough.filter(pl.col(index) > 0).height)
    return None

"""Tables of disruption beside attention: what the Hub counts of a model, and what was built on it."""

from __future__ import annotations

import dataframely as dy

from mdi_pipeline.tables.columns import choice, count, days, hub_id, real, text
from mdi_pipeline.tables.intervals import WithInterval, interval, sample
from mdi_pipeline.tables.registry import Table
from mdi_pipeline.tables.statistics import POPULATIONS
from mdi_pipeline.tables.vocabulary import RELATIONS

COUNTERS = (
    "likes",
    "downloads",
    "downloads_all_time",
    "likes_change",
    "downloads_change",
    "downloads_all_time_change",
)
"""What is counted of a model, and how that changed since the previous crawl: columns of `models`."""

ATTENTION_INDICES = ("mdi", "cd")
"""The indices that counters are held against: the headline and the textbook's."""

ATTENTION_MEASURES = (
    "rank_correlation",
    "rank_correlation_within_quarter",
    "disruptive_share_of_noticed",
    "disruptive_share_of_unnoticed",
)
"""How agreement is measured."""

NOTICED, UNNOTICED = 90, 50
"""Percentiles of attention from which on a model is called noticed, and up to which hardly noticed."""

GAPS = ("disruptive_unnoticed", "noticed_not_disruptive")
"""The two ways in which index and counters part."""

_PERCENTILE = "among the scored models of the same quarter of creation, ties in the middle"


class Attention(WithInterval):
    """How far an index and a counter of the Hub agree. Counters are taken at the crawl: they are no causes."""

    population = choice(POPULATIONS, "Which models it speaks of.", key=True)
    index = choice(ATTENTION_INDICES, "The index.", key=True)
    window_days = days("Length of the window.", key=True)
    counter = choice(COUNTERS, "The column of `models` that it is held against.", key=True)
    measure = choice(
        ATTENTION_MEASURES,
        "`rank_correlation`: Spearman's; `…_within_quarter`: of both percentiles within the quarter of creation, since "
        "older models have been counted for longer; `disruptive_share_of_noticed`: share of models with an index above "
        f"0 among those whose counter stands at percentile {NOTICED} or above {_PERCENTILE}; `…_of_unnoticed`: at "
        f"percentile {UNNOTICED} or below.",
        key=True,
    )
    estimate, low, high = interval(
        "The measure; null where it is undefined.",
        ", by a bootstrap over authors: for a rank correlation percentiles of its linearised draws on Fisher's scale; "
        "for a share percentiles, or Clopper-Pearson's on the number of authors where it is 0 or 1. Null with fewer "
        "than two authors.",
        low=-1,
        high=1,
    )
    n, n_authors = sample("Models that it rests on.")
    reason = text("Why nothing can be said; null where something can.")


ATTENTION = Table("attention", Attention)


class AttentionGaps(dy.Schema):
    """A model on which index and attention part: the twenty with the widest gap either way."""

    gap = choice(
        GAPS,
        f"`disruptive_unnoticed`: mdi above 0, attention at {UNNOTICED} or below, highest mdi first; "
        f"`noticed_not_disruptive`: mdi below 0, attention at {NOTICED} or above, most attention first.",
        key=True,
    )
    model_id = hub_id("Id of the model.", key=True)
    window_days = days("Length of the window.")
    place = dy.Int64(min=1, description="Place in the list, from 1.")
    minimum = count(
        "Least denominator that the list asks for: ten, or where no model of it reaches that, five, three or one."
    )
    mdi = real("Its index.", nullable=False, low=-1, high=1)
    n = count("The denominator: n_i + n_j + n_k.")
    n_i = count("Models in the window that derive from it and from none of its parents.")
    attention = real(
        f"Mean of the percentiles of its likes and downloads {_PERCENTILE}; of one, where the other is not known.",
        nullable=False,
        low=0,
        high=100,
    )
    likes = count("Likes at the crawl.", nullable=True)
    downloads = count("Downloads in the 30 days before the crawl.", nullable=True)
    relation = choice(RELATIONS, "How it derives.", nullable=True)


ATTENTION_GAPS = Table("attention_gaps", AttentionGaps)

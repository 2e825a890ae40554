"""Tables of how sensitive the scores are to choices: the window, missing edges, bots, tied times."""

from __future__ import annotations

from mdi_pipeline.tables.columns import choice, count, days, text
from mdi_pipeline.tables.findings import SIGNED_INDICES
from mdi_pipeline.tables.intervals import WithInterval, interval, sample
from mdi_pipeline.tables.registry import Table
from mdi_pipeline.tables.statistics import POPULATIONS
from mdi_pipeline.tables.vocabulary import INDICES, SIGN_SHARES

BASES = ("own", "common")
"""Whether each window speaks of its own models, or all windows of the same."""

SENSITIVITY_MEASURES = (*SIGN_SHARES, "rank_correlation", "top_overlap")
"""What is compared between windows."""

VARIANTS = (
    "as_it_is",
    "random_edges_05",
    "random_edges_10",
    "random_edges_20",
    "largest_publishers_05",
    "largest_publishers_10",
    "largest_publishers_20",
    "without_bots",
    "without_ties",
)
"""Ways in which the network might have been otherwise."""

ROBUSTNESS_MEASURES = (*SIGN_SHARES, "rank_correlation")
"""What is compared between variants."""

BY_AUTHORS = (
    ", by a bootstrap over authors: percentiles of the draws; for a rank correlation those of its "
    "linearised draws on Fisher's scale; for a share of 0 or 1, where every draw is alike, Clopper-Pearson's on the "
    "number of authors. Null with fewer than two authors, and for a rank correlation of -1 or 1."
)
"""How these intervals are found."""

UNITED = ("single_crawl", "union_of_crawls")
"""Whether what was deleted counts."""


class WindowSensitivity(WithInterval):
    """A measure of an index in a population with a window of one length, beside the headline's."""

    population = choice(
        POPULATIONS,
        "Which models it speaks of. On the common basis `built_upon` means a child in the shortest window, and so in "
        "all.",
        key=True,
    )
    index = choice(INDICES, "The index that is measured.", key=True)
    window_days = days("Length of the window.", key=True)
    basis = choice(
        BASES,
        "`own`: the models that are scored in this window; `common`: those that are scored in every window in which "
        "any model is.",
        key=True,
    )
    measure = choice(
        SENSITIVITY_MEASURES,
        "What is measured. `rank_correlation`: Spearman's with the index in the reference window; `top_overlap`: of "
        "the models ranked highest in the reference window, the share that is ranked so high in this one too (for "
        "populations that are not cut down to `built_upon`).",
        key=True,
    )
    reference_days = days("The window that ranks are compared with: the headline's.")
    estimate, low, high = interval("The measure; null where it is undefined.", BY_AUTHORS)
    n, n_authors = sample("Models it is measured on; for `top_overlap`, models ranked highest.")


WINDOW_SENSITIVITY = Table("window_sensitivity", WindowSensitivity)


class Robustness(WithInterval):
    """A measure of an index in a population when part of the network is left out and all is scored again."""

    population = choice(POPULATIONS, "Which models it speaks of.", key=True)
    index = choice(SIGNED_INDICES, "The index that is measured.", key=True)
    window_days = days("Length of the window.", key=True)
    variant = choice(
        VARIANTS,
        "What is left out. `random_edges_05`: 5 % of the edges, drawn at random; `largest_publishers_05`: the edges "
        "of the models of the authors with most of them, until 5 % of the edges are gone; `without_bots`: those of "
        "authors with 1,000 quantized models or more; `without_ties`: models made in the same second as a parent, a "
        "child or another child of a parent, whose order is not known.",
        key=True,
    )
    measure = choice(
        ROBUSTNESS_MEASURES,
        "What is measured. `rank_correlation`: Spearman's with the index as it is, over the models scored in both.",
        key=True,
    )
    estimate, low, high = interval("The measure; null where it is undefined.", BY_AUTHORS)
    n, n_authors = sample("Models it is measured on.")
    n_edges = count("Edges that are left in.")


ROBUSTNESS = Table("robustness", Robustness)


class Survivorship(WithInterval):
    """A measure of an index in this crawl, and in its union with what earlier crawls held and it no longer does."""

    population = choice(POPULATIONS, "Which models it speaks of.", key=True)
    index = choice(SIGNED_INDICES, "The index that is measured.", key=True)
    window_days = days("Length of the window.", key=True)
    variant = choice(
        UNITED,
        "`union_of_crawls`: with the models that an earlier crawl held and this one does not, and their edges, all "
        "scored anew as of this crawl; a renamed model counts under both names.",
        key=True,
    )
    measure = choice(
        ROBUSTNESS_MEASURES,
        "What is measured. `rank_correlation`: Spearman's with the index in the single crawl, over the models scored "
        "in both.",
        key=True,
    )
    estimate, low, high = interval("The measure; null where it is undefined.", BY_AUTHORS)
    n, n_authors = sample("Models it is measured on.")
    n_edges = count("Edges that count.")
    n_crawls = count("Earlier crawls that were looked into: of more than 24 as many, evenly spread.")
    n_gone = count("Models that those held and this crawl does not.")
    reason = text("Why nothing can be said of the union; null where something can.")


SURVIVORSHIP = Table("survivorship", Survivorship)

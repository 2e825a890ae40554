"""The table `findings`: what was published, under every index, population and window."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import polars as pl

from mdi_pipeline.compute.parallel import side_by_side
from mdi_pipeline.statistics.bootstrap import N_DRAWS, AuthorDraws
from mdi_pipeline.statistics.cells import level_cells, population_cells
from mdi_pipeline.statistics.design import NO_EVENT
from mdi_pipeline.statistics.estimates import Flags, Reals, floats, measured_by, several_shares, slopes, stacked
from mdi_pipeline.statistics.history import LaterChildren
from mdi_pipeline.statistics.inequality import inequality
from mdi_pipeline.statistics.populations import ALWAYS_KNOWN, POPULATION_FILTERS, scored_in_windows
from mdi_pipeline.statistics.rank_correlation import rank_correlations
from mdi_pipeline.statistics.trends import in_closed_quarters, slopes_over_quarters
from mdi_pipeline.statistics.verdicts import MIN_MODELS, too_little
from mdi_pipeline.tables.findings import CLAIMS, DEFAULT_PHASES, FINDINGS, NETWORK, SIGNED_INDICES
from mdi_pipeline.tables.vocabulary import RELATIONS, SIZE_CLASSES

FINETUNE = "finetune"
_UNDEFINED = {
    "share_positive_a_size_class": "no two size classes among the models whose number of parameters is known",
    "lead_of_finetunes": f"no finetunes, or no other relation with {MIN_MODELS} models to compare",
    "rank_correlation_later_children": "no model whose window has passed twice, or none differ",
    "share_negative_lowest_quarter": f"no closed quarter with {MIN_MODELS} models",
    "share_positive_a_year": "fewer than two closed quarters with a model",
}
"""Why a number may be undefined that needs more than models."""

_KNOWN = ("size_class", "n_children", "created_at")
"""What of the models is compared, beside what tells the populations apart."""

_KEY = ["measure", "population", "index"]
_FIGURES = ["estimate", "low", "high", "n", "n_authors"]


def findings(
    scores: pl.DataFrame | pl.LazyFrame,
    models: pl.DataFrame | pl.LazyFrame,
    edges: pl.DataFrame,
    network_summary: pl.DataFrame,
    score_regression: pl.DataFrame,
    as_of: datetime,
    *,
    phases: str = DEFAULT_PHASES,
    n_draws: int = N_DRAWS,
    seed: int = 0,
) -> pl.DataFrame:
    """Every published finding as a claim on a number, with its verdict.

    All tables are of one crawl, `as_of` its moment; of what is lazy no more is read than is needed. `phases` names the
    edges that they rest on. Columns out: those of the table `findings`: a row for each claim, population, index and
    window of `scores`, whatever there is; `undecided` says why. Odds ratios are there for what `score_regression`
    holds. The claims: `mdi_pipeline.tables.findings.CLAIMS`.
    """
    unscored = _unscored_windows(scores)
    models = models.lazy().select("model_id", "author", *ALWAYS_KNOWN, *_KNOWN).collect()
    children = LaterChildren(models, edges)

    def measured(window: tuple[int, pl.DataFrame]) -> pl.DataFrame:
        days, scored = window
        found = _of_window(scored, children, as_of, days, n_draws, seed)
        return found.with_columns(window_days=pl.lit(days, dtype=pl.Int32))

    in_windows = scored_in_windows(scores, models, unscored["window_days"].to_list(), _KNOWN)
    frames = side_by_side(measured, in_windows)
    network = inequality(
        models,
        _figure(network_summary, "power_law_alpha"),
        _figure(network_summary, "power_law_xmin"),
        n_draws=n_draws,
        seed=seed,
    ).with_columns(population=pl.lit(NETWORK))
    found = pl.concat([*frames, _odds_ratios(score_regression), network], how="diagonal_relaxed")
    found = found.join(unscored.drop_nulls("unscored"), on="window_days", how="left").with_columns(
        reason=pl.coalesce("unscored", "reason")
    )
    return FINDINGS.conform(_with_verdicts(found).with_columns(phases=pl.lit(phases)))


def _of_window(
    scored: pl.DataFrame, children: LaterChildren, as_of: datetime, days: int, n_draws: int, seed: int
) -> pl.DataFrame:
    """All numbers of one window that come from the scores themselves."""
    needed = scored.select("number", "cluster", "n_i", "n_j", *ALWAYS_KNOWN, *_KNOWN, *SIGNED_INDICES)
    scored, of_all = AuthorDraws(needed["cluster"], n_draws, seed).arranged(needed)
    closed, later = in_closed_quarters(scored, as_of, days), _closed_twice(scored, as_of, days)
    later = later.with_columns(children.after_window(later["number"], days))
    of_closed, of_later = (AuthorDraws(each["cluster"], n_draws, seed) for each in (closed, later))
    by_year = slopes_over_quarters(closed, of_closed, SIGNED_INDICES, ("share_positive",))
    parts = [
        *_shares(scored, of_all),
        _over_populations(scored, of_all),
        _with_later_children(later, of_later),
        _lowest_quarter(closed, of_closed),
        by_year.with_columns(measure=pl.lit("share_positive_a_year")),
    ]
    undefined = pl.col("estimate").is_null() & pl.col("measure").is_in(list(_UNDEFINED))
    return pl.concat([part.select(*_KEY, *_FIGURES) for part in parts]).with_columns(
        reason=pl.when(undefined).then(
            pl.col("measure").replace_strict(_UNDEFINED, default=None, return_dtype=pl.String)
        )
    )


def _unscored_windows(scores: pl.DataFrame | pl.LazyFrame) -> pl.DataFrame:
    """The windows, ascending, and why none is scored. Columns: `window_days`, `unscored` (null: some are)."""
    closed = pl.col("status").is_in(["scored", "undefined"]).any()
    return (
        scores.lazy()
        .group_by("window_days")
        .agg(closed=closed, scored=(pl.col("status") == "scored").any())
        .select(
            "window_days",
            unscored=pl.when("scored")
            .then(None)
            .when("closed")
            .then(pl.lit("no scored model"))
            .otherwise(pl.lit("no closed window")),
        )
        .sort("window_days")
        .collect()
    )


def _shares(scored: pl.DataFrame, draws: AuthorDraws) -> Iterator[pl.DataFrame]:
    """Shares of negative and disruptive models, and by how much finetunes lead."""
    levels = {"everyone": ["all"], "relation": list(RELATIONS)}
    cells = level_cells(scored.with_columns(everyone=pl.lit("all")), levels)
    bootstrap = draws.over(cells.membership)
    compared: dict[tuple[str, str], tuple[Flags, Flags]] = {}
    for index, (values, defined) in measured_by(scored, SIGNED_INDICES).items():
        compared |= {
            ("share_negative", index): (defined, values < 0),
            ("share_positive", index): (defined, values > 0),
        }
    table = stacked(several_shares(bootstrap, compared), ["measure", "index"], cells.names)
    yield table.filter(level="all")
    yield _lead_of_finetunes(table.filter(factor="relation", measure="share_positive"))


def _lead_of_finetunes(by_relation: pl.DataFrame) -> pl.DataFrame:
    """The share of finetunes less that of each other relation: the least of the leads, and of their ends.

    The interval of a difference is put together from those of both shares (Zou & Donner 2008, "Construction of
    confidence limits about effect measures", Stat. Med. 27), which keeps it wide where a share is 0. That the
    least lead is above 0 is claimed only if each is: no correction for their number is due. A relation with fewer
    than `MIN_MODELS` models is not compared.
    """
    key = ["population", "index"]
    ours = by_relation.filter(level=FINETUNE).select(*key, *_FIGURES)
    others = by_relation.filter(pl.col("level") != FINETUNE, pl.col("n") >= MIN_MODELS)
    lead = pl.col("estimate") - pl.col("estimate_right")
    below = ((pl.col("estimate") - pl.col("low")) ** 2 + (pl.col("high_right") - pl.col("estimate_right")) ** 2).sqrt()
    above = ((pl.col("high") - pl.col("estimate")) ** 2 + (pl.col("estimate_right") - pl.col("low_right")) ** 2).sqrt()
    least = (
        ours.join(others.select(*key, *_FIGURES), on=key)
        .select(*key, lead.alias("estimate"), (lead - below).alias("low"), (lead + above).alias("high"))
        .group_by(key)
        .agg(pl.col("estimate", "low", "high").min())
    )
    return (
        ours.select(*key, "n", "n_authors")
        .join(least, on=key, how="left")
        .with_columns(measure=pl.lit("lead_of_finetunes"))
    )


def _over_populations(scored: pl.DataFrame, draws: AuthorDraws) -> pl.DataFrame:
    """How the disruptive share goes with the size class, and the index with the number of children."""
    numbers = {size: float(place) for place, size in enumerate(SIZE_CLASSES)}
    size = floats(scored["size_class"].replace_strict(numbers, default=0.0, return_dtype=pl.Float64))
    cells = population_cells(scored)
    bootstrap = draws.over(cells.membership)
    of_known_size = scored.with_columns(pl.when(pl.col("size_class").is_not_null()).then(pl.col(SIGNED_INDICES)))
    by_size = {
        (index, "share_positive_a_size_class"): (defined, size, values > 0)
        for index, (values, defined) in measured_by(of_known_size, SIGNED_INDICES).items()
    }
    by_children = _with_children(scored, "n_children", "rank_correlation_children")
    found = slopes(bootstrap, by_size) | rank_correlations(bootstrap, cells.names.height, by_children)
    return stacked(found, ["index", "measure"], cells.names)


def _with_later_children(later: pl.DataFrame, draws: AuthorDraws) -> pl.DataFrame:
    """How the index goes with the number of children that came after the window."""
    cells = population_cells(later)
    bootstrap = draws.over(cells.membership)
    compared = _with_children(later, "later_children", "rank_correlation_later_children")
    return stacked(rank_correlations(bootstrap, cells.names.height, compared), ["index", "measure"], cells.names)


def _with_children(
    models: pl.DataFrame, column: str, measure: str
) -> dict[tuple[str, str], tuple[Flags, Reals, Reals]]:
    """Each index beside a count of children, to be correlated."""
    children = floats(models[column])
    return {
        (index, measure): (defined, values, children)
        for index, (values, defined) in measured_by(models, SIGNED_INDICES).items()
    }


def _lowest_quarter(closed: pl.DataFrame, draws: AuthorDraws) -> pl.DataFrame:
    """The lowest share of negative indices among the closed quarters, and the lowest ends of their intervals.

    Quarters with fewer than `MIN_MODELS` models are left out.
    """
    cells = level_cells(closed, {"start": closed["start"].unique().sort().to_list()})
    bootstrap = draws.over(cells.membership)
    compared = {
        (index,): (defined, values < 0) for index, (values, defined) in measured_by(closed, SIGNED_INDICES).items()
    }
    by_quarter = stacked(several_shares(bootstrap, compared), ["index"], cells.names).filter(pl.col("n") >= MIN_MODELS)
    everywhere = pl.DataFrame({"population": list(POPULATION_FILTERS)}).join(
        pl.DataFrame({"index": SIGNED_INDICES}), how="cross"
    )
    lowest = by_quarter.group_by("population", "index").agg(
        pl.col("estimate", "low", "high").min(), pl.col("n").sum(), pl.col("n_authors").min()
    )
    return everywhere.join(lowest, on=["population", "index"], how="left").with_columns(
        pl.col("n", "n_authors").fill_null(0), measure=pl.lit("share_negative_lowest_quarter")
    )


def _odds_ratios(score_regression: pl.DataFrame) -> pl.DataFrame:
    """The odds ratio of size, where it is known, and the highest one of another relation to finetunes.

    That of a relation without a disruptive model is below any other; where another one's is not known, neither is the
    highest.
    """
    logistic = score_regression.filter(outcome="disruptive")
    size = logistic.filter(term="parameters", missing="dropped").with_columns(
        measure=pl.lit("odds_ratio_tenfold_parameters")
    )
    keys = ["population", "index", "window_days"]
    relations = logistic.filter(term="relation", missing="indicator", reference=FINETUNE)
    unknown = pl.col("estimate").is_null() & ~pl.col("reason").str.starts_with(NO_EVENT)
    none = pl.col("estimate").is_null().all()
    nearest = relations.group_by(keys).agg(
        pl.when(~unknown.any()).then(pl.col("estimate", "low", "high").max()),
        pl.col("n", "n_authors").max(),
        pl.coalesce(
            pl.col("reason").filter(unknown).first(), pl.when(none).then(pl.col("reason").first()).first()
        ).alias("reason"),
    )
    absent = logistic.filter(missing="indicator").select(keys).unique().join(nearest, on=keys, how="anti")
    nothing = absent.with_columns(
        n=pl.lit(0, dtype=pl.Int64), n_authors=pl.lit(0, dtype=pl.Int64), reason=pl.lit("no other relation to compare")
    )
    highest = pl.concat([nearest, nothing], how="diagonal").with_columns(measure=pl.lit("odds_ratio_nearest_relation"))
    columns = [*_KEY, "window_days", *_FIGURES, "reason"]
    return pl.concat([size.select(columns), highest.select(columns)])


def _with_verdicts(found: pl.DataFrame) -> pl.DataFrame:
    """Each number beside its claim: on which side of the bound its interval lies."""
    claims = pl.DataFrame(
        [(claim.finding, claim.measure, claim.says, claim.above, float(claim.bound)) for claim in CLAIMS],
        schema=["finding", "measure", "claim", "above", "bound"],
        orient="row",
    )
    over, under = pl.col("low") > pl.col("bound"), pl.col("high") < pl.col("bound")
    straddles = pl.when(~(over | under)).then(
        pl.format("the interval holds {}", pl.col("bound").cast(pl.String).str.strip_suffix(".0"))
    )
    judged = found.join(claims, on="measure", how="inner", validate="m:1").with_columns(
        reason=pl.coalesce("reason", too_little(), straddles)
    )
    return judged.with_columns(
        verdict=pl.when(pl.col("reason").is_not_null())
        .then(pl.lit("undecided"))
        .when(over == pl.col("above"))
        .then(pl.lit("holds"))
        .otherwise(pl.lit("does not hold"))
    )


def _closed_twice(scored: pl.DataFrame, as_of: datetime, days: int) -> pl.DataFrame:
    """The models for which twice the window has ended."""
    return scored.filter(pl.col("created_at").dt.truncate("1s") + pl.duration(days=2 * days) <= as_of)


def _figure(network_summary: pl.DataFrame, measure: str) -> float | None:
    values = network_summary.filter(measure=measure)["value"]
    return values.item() if len(values) else None

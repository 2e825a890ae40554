"""The rows of the page's tables: top models, roots, populations, intervals, the network, how well lineage is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from mdi_pipeline.report.inputs import HEADLINE_INDEX, HEADLINE_POPULATIONS
from mdi_pipeline.report.prose.wording import (
    POPULATION_WORDS,
    SIGN_WORDS,
    count,
    percent,
    percent_interval,
    share_words,
    value_words,
)
from mdi_pipeline.statistics.ranking import DENOMINATORS, MINIMA, most_built_upon, rank_by_index
from mdi_pipeline.tables.statistics import MEASURES, POPULATIONS
from mdi_pipeline.tables.vocabulary import INDICES

if TYPE_CHECKING:
    from mdi_pipeline.report.inputs import ReportInputs

_NETWORK_ORDER = [
    "n_models",
    "share_with_parent",
    "share_with_child",
    "n_stubs",
    "n_edges",
    "n_edges_finetune",
    "n_edges_adapter",
    "n_edges_merge",
    "n_edges_quantized",
    "n_time_reversed",
    "n_roots_built_upon",
    "n_families",
    "largest_family",
    "max_generation",
    "mean_generation",
    "n_parents",
    "children_p50",
    "children_p90",
    "children_p99",
    "children_max",
    "gini_children",
    "gini_children_parents",
    "top_1_percent_share",
    "power_law_alpha",
    "power_law_xmin",
    "power_law_n_tail",
    "power_law_distance",
    "n_cyclic_groups",
    "n_models_in_cycles",
    "n_edges_breaking_cycles",
]
"""The order in which the figures follow from each other; others come last."""

_WHOLES = {
    "share_with_parent": ("n_models", "model"),
    "share_with_child": ("n_models", "model"),
    "top_1_percent_share": ("n_edges", "edge"),
}
"""What each share is a share of: it is never written without."""


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


def root_rows(inputs: ReportInputs) -> list[dict[str, Any]]:
    """The roots most built upon, and whether the crawl holds them."""
    roots = most_built_upon(inputs.models, inputs.network_structure, 2 * inputs.n_examples)
    held = inputs.models.filter("in_snapshot", pl.col("model_id").is_in(roots["model_id"].to_list()))
    in_snapshot = pl.col("model_id").is_in(held.select("model_id").collect()["model_id"].to_list())
    return roots.with_columns(in_snapshot=in_snapshot).to_dicts()


def summary_rows(inputs: ReportInputs) -> list[dict[str, Any]]:
    """`score_summary` for `mdi`, a row for each population."""
    rows = []
    for population in POPULATIONS:
        found = {measure: inputs.summary_row(population, measure) for measure in MEASURES}
        first = found["share_negative"]
        if first is not None:
            write = {"mean": value_words, "median": value_words}
            rows.append(
                {
                    "population": POPULATION_WORDS[population],
                    "n": first["n"],
                    "n_authors": first["n_authors"],
                    **{
                        name: write.get(name, share_words)(row) if row else "by definition none"
                        for name, row in found.items()
                    },
                }
            )
    return rows


def interval_rows(inputs: ReportInputs) -> list[dict[str, str]]:
    """The headline shares with their intervals when authors are drawn, and when parents are."""
    rows = inputs.summary.filter(
        pl.col("population").is_in(list(HEADLINE_POPULATIONS)),
        pl.col("index") == HEADLINE_INDEX,
        pl.col("measure").is_in(list(SIGN_WORDS)),
        pl.col("n") > 0,
    ).sort("population", pl.col("measure").replace_strict({name: i for i, name in enumerate(SIGN_WORDS)}))
    return [
        {
            "what": f"{POPULATION_WORDS[row['population']].capitalize()}, {SIGN_WORDS[row['measure']]}",
            "by_authors": share_words(row),
            "n_authors": count(row["n_authors"]),
            "by_parents": share_words(
                row | {"low": row["low_by_parents"], "high": row["high_by_parents"], "n_authors": None}
            ),
            "n_parents": count(row["n_main_parents"]),
        }
        for row in rows.to_dicts()
    ]


def network_rows(network_summary: pl.DataFrame) -> list[tuple[str, str]]:
    """Meaning and value of each figure."""
    values = dict(network_summary.select("measure", "value").iter_rows())
    place = {measure: place for place, measure in enumerate(_NETWORK_ORDER)}
    ordered = network_summary.sort(pl.col("measure").replace_strict(place, default=len(place)), "measure")
    return [
        (meaning, _written(measure, value, values))
        for measure, value, meaning in ordered.select("measure", "value", "meaning").iter_rows()
    ]


def _written(measure: str, value: float | None, values: dict[str, float | None]) -> str:
    if value is None:
        return "undefined"
    if measure in _WHOLES:
        whole, noun = _WHOLES[measure]
        return f"{percent(value, 1)} % of {count(int(values.get(whole) or 0), noun)}"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.3g}"


def quality_rows(inputs: ReportInputs) -> list[dict[str, Any]]:
    """`lineage_quality` in words."""
    return [
        {
            "measure": row["measure"].replace("_", " "),
            "of": ", ".join(str(row[part]) for part in ("phase", "relation", "rule") if row[part]) or "all",
            "value": " ".join(percent_interval(row["estimate"], row["low"], row["high"])) if row["n"] else "undefined",
            "n": row["n"],
        }
        for row in inputs.lineage_quality.to_dicts()
    ]

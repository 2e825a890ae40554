"""`network_summary` in words."""

from __future__ import annotations

import polars as pl

from mdi_pipeline.report.words import count, percent

_ORDER = [
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


def network_rows(network_summary: pl.DataFrame) -> list[tuple[str, str]]:
    """Meaning and value of each figure."""
    values = dict(network_summary.select("measure", "value").iter_rows())
    place = {measure: place for place, measure in enumerate(_ORDER)}
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

"""Which columns of other tables each column is made from; what is shown as column lineage.

A table that is not here, or a column that none of its entries covers, comes from no other table.
"""

from __future__ import annotations

from collections.abc import Mapping

from mdi_pipeline.tables.catalogue import TABLES

Columns = Mapping[str, tuple[str, ...]]
"""Columns by the table that they are of."""

REST = "*"
"""Every column of a table that has no entry of its own and is no `WORDS`."""

WORDS = frozenset(
    {"window_days", "reference_days", "population", "index", "measure", "meaning", "basis", "variant", "factor"}
    | {"period", "outcome", "missing", "finding", "claim", "bound", "above", "phases", "counter", "gap"}
)
"""Columns that say what a row measures: words and settings, from no table."""

_EVIDENCE = {
    "model_snapshots": (
        "model_id",
        "author",
        "created_at",
        "tags",
        "base_models",
        "base_model_relation",
        "card_base_models",
        "card_base_model_relation",
        "config_base_model",
        "library_name",
    )
}
_COUNTERS = ("downloads", "downloads_all_time", "likes")
_IDENTITY = ("model_id", "repository_id", "created_at")
_CARRIED = ("created_at", "pipeline_tag", "library_name", "n_parameters", *_COUNTERS)
_PAIRS = ("child_id", "parent_id")
_SIZED = {"model_snapshots": ("n_parameters",), "lineage_edges": (*_PAIRS, "relation")}
_NETWORK = {"models": ("model_id",), "network_edges": ("child", "parent", "breaks_cycle")}
_COUNTED = {"models": ("model_id", "created_at"), "lineage_edges": _PAIRS}
_STANDING = {
    "models": ("model_id", "created_at", "created_at_floored"),
    "lineage_edges": _PAIRS,
    "crawl_manifest": ("as_of",),
}
_JUDGED = ("model_id", "window_days", "status", "n_i", "n_j", "mdi", "cd", "cd_nok", "mcd", "di5", "dep")
_GROUPED = ("model_id", "in_snapshot", "author", "created_at", "relation", "is_llm")
_HABITS = ("author_models_before", "author_quantized_before")
_NOTICED = {
    "disruption_scores": (*_JUDGED, "n_k"),
    "models": (*_GROUPED, *_COUNTERS, *(f"{counter}_change" for counter in _COUNTERS)),
}
_REGRESSED = (
    *("population", "index", "window_days", "outcome", "missing", "term", "level", "reference"),
    *("estimate", "low", "high", "n", "n_authors", "reason"),
)
_CLOSED = {"crawl_manifest": ("as_of",)}

ORIGINS: dict[str, dict[str, Columns]] = {
    "lineage_edges": {REST: _EVIDENCE},
    "lineage_candidates": {REST: _EVIDENCE},
    "lineage_rejected": {REST: _EVIDENCE},
    "lineage_quality": {REST: _EVIDENCE},
    "lineage_agreement": {REST: _EVIDENCE},
    "lineage_successors": {
        REST: {"model_snapshots": ("model_id", "created_at")},
        "declares_it": {"model_snapshots": ("model_id", "created_at"), "lineage_edges": _PAIRS},
    },
    "models": {
        **{column: {"model_snapshots": (column,)} for column in _CARRIED},
        "model_id": {"model_snapshots": ("model_id",), "lineage_edges": ("parent_id",)},
        "in_snapshot": {"model_snapshots": ("model_id",)},
        "author": {"model_snapshots": ("author",), "lineage_edges": ("parent_id",)},
        "created_at_floored": {"model_snapshots": ("created_at",)},
        "size_class": _SIZED,
        "lineage_parameters": _SIZED,
        "is_llm": {"model_snapshots": ("pipeline_tag", "tags")},
        "relation": {"lineage_edges": ("child_id", "relation")},
        "n_parents": {"lineage_edges": ("child_id",)},
        "n_children": {"lineage_edges": ("parent_id",)},
        "main_parent": {"lineage_edges": _PAIRS},
        "architecture": {"model_snapshots": ("model_type", "gguf_architecture", "tags")},
        "n_benchmarks": {"model_snapshots": ("benchmarks",)},
        "reports_benchmarks": {"model_snapshots": ("benchmarks", "tags")},
        "author_models_before": {"model_snapshots": ("author", "created_at")},
        "author_quantized_before": {
            "model_snapshots": ("author", "created_at"),
            "lineage_edges": ("child_id", "relation"),
        },
        **{
            f"{counter}_change": {
                "model_snapshots": (*_IDENTITY, counter, "last_modified"),
                "crawl_manifest": ("modified_since",),
            }
            for counter in _COUNTERS
        },
    },
    "network_edges": {
        REST: {"models": ("model_id",), "lineage_edges": _PAIRS},
        "relation": {"models": ("model_id",), "lineage_edges": (*_PAIRS, "relation")},
    },
    "network_structure": {
        REST: _NETWORK,
        "model_id": {"models": ("model_id",)},
        "node": {"models": ("model_id",)},
    },
    "network_summary": {
        REST: {
            "models": ("model_id", "in_snapshot", "author", "n_parents", "n_children"),
            "lineage_edges": (*_PAIRS, "relation", "time_reversed"),
            "network_structure": ("component_id", "component_size", "generation"),
            "network_edges": _NETWORK["network_edges"],
        }
    },
    "disruption_scores": {
        REST: _COUNTED,
        "model_id": {"models": ("model_id",)},
        "status": _STANDING,
        "percentile": {**_STANDING, "models": (*_STANDING["models"], "pipeline_tag")},
    },
    "null_scores": {
        REST: {**_STANDING, "lineage_edges": (*_PAIRS, "relation")},
        "model_id": {"models": ("model_id",)},
    },
    "null_model": {REST: {**_STANDING, "lineage_edges": (*_PAIRS, "relation")}},
    "score_summary": {REST: {"disruption_scores": _JUDGED, "models": (*_GROUPED, "main_parent")}},
    "score_factors": {
        REST: {
            "disruption_scores": _JUDGED,
            "models": (
                *_GROUPED,
                *_HABITS,
                "size_class",
                "pipeline_tag",
                "n_parents",
                "architecture",
                "reports_benchmarks",
            ),
        }
    },
    "score_trends": {REST: {"disruption_scores": _JUDGED, "models": _GROUPED, **_CLOSED}},
    "trend_tests": {REST: {"disruption_scores": _JUDGED, "models": _GROUPED, **_CLOSED}},
    "window_sensitivity": {REST: {"disruption_scores": (*_JUDGED, "n_k"), "models": _GROUPED}},
    "score_regression": {
        REST: {
            "disruption_scores": _JUDGED,
            "models": (*_GROUPED, "author_models_before", "pipeline_tag", "lineage_parameters", "n_parents"),
            "lineage_edges": _PAIRS,
        }
    },
    "robustness": {
        REST: {
            **_STANDING,
            "models": (*_GROUPED, "created_at_floored", "pipeline_tag"),
            "lineage_edges": (*_PAIRS, "relation"),
        }
    },
    "survivorship": {
        REST: {
            **_STANDING,
            "models": (*_GROUPED, "created_at_floored", "pipeline_tag"),
            "lineage_edges": (*_PAIRS, "relation"),
        }
    },
    "attention": {REST: _NOTICED},
    "attention_gaps": {REST: _NOTICED},
    "findings": {
        REST: {
            "disruption_scores": _JUDGED,
            "models": (
                *_GROUPED,
                "author_models_before",
                "size_class",
                "n_parameters",
                "pipeline_tag",
                "n_parents",
                "n_children",
            ),
            "lineage_edges": (*_PAIRS, "relation"),
            "lineage_candidates": (*_PAIRS, "relation", "phase", "rule"),
            "network_summary": ("measure", "value"),
            "score_regression": _REGRESSED,
            **_CLOSED,
        }
    },
    "score_changes": {
        REST: {"model_snapshots": _IDENTITY, "disruption_scores": ("model_id", "window_days", "mdi", "status")}
    },
    "model_history": {
        "created_at": {"models": ("model_id", "created_at")},
        **{f"{column}_{end}": {"models": (column,)} for column in ("downloads", "likes") for end in ("first", "last")},
        REST: {"model_snapshots": _IDENTITY, "models": ("model_id", "in_snapshot")},
        "mdi_of_union": _COUNTED,
        "status_of_union": _STANDING,
    },
}


def origins_of(table: str, column: str) -> Columns:
    """The columns of other tables that a column is made from, by table; nothing for what comes from none."""
    declared = ORIGINS.get(table, {})
    if column in declared:
        return declared[column]
    return {} if column in WORDS else declared.get(REST, {})


def columns_read(table: str) -> Columns:
    """The columns of other tables that any column of a table is made from, by table."""
    read: dict[str, dict[str, None]] = {}
    for column in TABLES[table].columns:
        for source, names in origins_of(table, column.name).items():
            read.setdefault(source, {}).update(dict.fromkeys(names))
    return {source: tuple(names) for source, names in read.items()}

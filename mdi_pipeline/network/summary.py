"""Figures that sum the network up."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from mdi_pipeline.network.concentration import frequencies, gini, power_law, top_share
from mdi_pipeline.network.graph import components
from mdi_pipeline.tables.vocabulary import RELATIONS

Figure = tuple[str, float | None, str]

QUANTILES = (0.5, 0.9, 0.99)


def network_summary(
    models: pl.DataFrame, lineage_edges: pl.DataFrame, structure: pl.DataFrame, network_edges: pl.DataFrame
) -> pl.DataFrame:
    """The table `network_summary` of a network: `measure`, `value` (null where undefined), `meaning`.

    The tables are `models` (of it `in_snapshot`, `n_parents`, `n_children`), `lineage_edges`, `network_structure` (of
    it `component_id`, `component_size`, `generation`) and `network_edges`.
    """
    figures = [
        *_size(models, lineage_edges),
        *_lineages(models, structure),
        *_children(models),
        *_cycles(models.height, network_edges, lineage_edges),
    ]
    return _table(figures)


def children_summary(models: pl.DataFrame) -> pl.DataFrame:
    """The rows of `network_summary` on how children are shared out: they need no graph."""
    return _table([*_children(models)])


def _table(figures: list[Figure]) -> pl.DataFrame:
    schema = {"measure": pl.String, "value": pl.Float64, "meaning": pl.String}
    return pl.DataFrame(figures, schema, orient="row").with_columns(pl.col("value").fill_nan(None))


def _size(models: pl.DataFrame, edges: pl.DataFrame) -> Iterator[Figure]:
    crawled = models.filter("in_snapshot")
    yield "n_models", crawled.height, "Models of the crawl."
    yield "n_stubs", models.height - crawled.height, "Parents known by name only."
    yield "n_edges", edges.height, "Pairs of a child and a parent."
    yield "share_with_parent", _share(crawled, pl.col("n_parents") > 0), "Share of the crawl's models with a parent."
    yield "share_with_child", _share(crawled, pl.col("n_children") > 0), "Share of the crawl's models with a child."
    for relation in RELATIONS:
        n = edges.filter(pl.col("relation") == relation).height
        yield f"n_edges_{relation}", n, f"Edges of the relation {relation}."


def _lineages(models: pl.DataFrame, structure: pl.DataFrame) -> Iterator[Figure]:
    components = structure.select("component_id", "component_size").unique()
    families = components.filter(pl.col("component_size") > 1)
    largest = families["component_size"].max()
    yield (
        "n_roots_built_upon",
        models.filter(n_parents=0).filter(pl.col("n_children") > 0).height,
        "Roots with a child.",
    )
    yield "n_families", families.height, "Weakly connected components of two models or more."
    yield "largest_family", _number(largest), "Models in the largest of them."
    yield "max_generation", _number(structure["generation"].max()), "Longest path from a root."
    derived = structure.filter(pl.col("generation") > 0)
    yield "mean_generation", _number(derived["generation"].mean()), "Mean generation of the models with a parent."


def _children(models: pl.DataFrame) -> Iterator[Figure]:
    children = models["n_children"]
    parents = children.filter(children > 0)
    yield "n_parents", parents.len(), "Models with at least one child."
    for quantile in QUANTILES:
        value = _number(parents.quantile(quantile, interpolation="nearest"))
        yield f"children_p{quantile * 100:g}", value, f"Quantile {quantile:g} of children per parent."
    yield "children_max", _number(parents.max()), "Children of the model with most of them."
    counts = children.cast(pl.Int64).to_numpy()
    of_all, of_parents = frequencies(counts), frequencies(counts[counts > 0])
    yield "gini_children", float(gini(of_all)), "Gini coefficient of children over all models."
    yield "gini_children_parents", float(gini(of_parents)), "Gini coefficient of children over models with a child."
    yield "top_1_percent_share", float(top_share(of_all)), "Share of all children that the top 1 % of models have."
    fit = power_law(counts)
    yield "power_law_alpha", fit.alpha, "Exponent of a power law fitted to the tail of children per parent."
    yield "power_law_xmin", fit.xmin, "Number of children at which that tail begins."
    yield "power_law_distance", fit.distance, "Kolmogorov-Smirnov distance of the tail from the fitted power law."
    yield "power_law_n_tail", fit.n_tail, "Models in that tail."


def _cycles(n_nodes: int, network_edges: pl.DataFrame, edges: pl.DataFrame) -> Iterator[Figure]:
    sizes = np.bincount(components(n_nodes, network_edges, "strong"))
    yield "n_cyclic_groups", int((sizes > 1).sum()), "Groups of models that derive from each other."
    yield "n_models_in_cycles", int(sizes[sizes > 1].sum()), "Models in those groups."
    yield (
        "n_edges_breaking_cycles",
        _number(network_edges["breaks_cycle"].sum()),
        "Edges left out to make the network acyclic.",
    )
    yield "n_time_reversed", _number(edges["time_reversed"].sum()), "Edges whose child is older than the parent."


def _share(models: pl.DataFrame, condition: pl.Expr) -> float | None:
    return _number(models.select(condition.mean()).item())


def _number(value: object) -> float | None:
    return None if value is None else float(value)  # type: ignore[arg-type]

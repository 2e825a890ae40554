"""A small made-up crawl: the tables that statistics and report read, consistent with each other."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl

from mdi_pipeline.lineage.habits import author_habits
from mdi_pipeline.tables.catalogue import TABLES

START = datetime(2026, 1, 1, tzinfo=UTC)
AS_OF = START + timedelta(days=300)
RELATIONS = np.array(["finetune", "adapter", "quantized", "merge"])
TASKS = ["text-generation", "text-to-image", "automatic-speech-recognition", "fill-mask", None]
SIZES = ["<1B", "1-3B", "3-10B", "10-30B", "30-100B", ">=100B", None]


def made_up_crawl(n: int = 600, seed: int = 0, window_days: int = 90) -> dict[str, pl.DataFrame]:
    """Every table that the report reads, for a network of so many models."""
    rng = np.random.default_rng(seed)
    authors = rng.zipf(1.6, n) % max(n // 4, 2)
    ids = [f"author{author}/model-{i:04d}" for i, author in enumerate(authors)]
    minutes = np.sort(rng.integers(0, 300 * 24 * 60, n))
    edges = _edges(ids, rng)
    models = _models(ids, [START + timedelta(minutes=int(minute)) for minute in minutes], edges, rng)
    return {
        "models": models,
        "lineage_edges": edges,
        "disruption_scores": _scores(models, edges, window_days),
        "network_structure": _structure(models),
        "network_summary": TABLES["network_summary"].conform(
            pl.DataFrame(
                {
                    "measure": ["models", "edges", "gini_children"],
                    "value": [float(n), float(edges.height), 0.83],
                    "meaning": ["Models in the network.", "Edges of the network.", "Gini of children per model."],
                }
            )
        ),
        "lineage_candidates": TABLES["lineage_candidates"].empty(),
        "lineage_rejected": TABLES["lineage_rejected"].conform(
            pl.DataFrame(
                {
                    "child_id": [ids[0], ids[1]],
                    "declared_parent": ["./checkpoint-500", ids[1]],
                    "phase": ["card", "tag"],
                    "reason": ["local_path", "self_loop"],
                }
            )
        ),
        "lineage_quality": _quality(n),
        "crawl_manifest": _manifest(n),
    }


def _edges(ids: list[str], rng: np.random.Generator) -> pl.DataFrame:
    """Each of two models in three derives from an older one, the much used ones preferred."""
    pairs: list[tuple[str, str, str]] = []
    uses = np.ones(len(ids))
    for child in range(5, len(ids)):
        if rng.random() < 1 / 3:
            continue
        n_parents = int(rng.choice([1, 1, 1, 1, 1, 1, 2, 3]))
        weights = uses[:child] / uses[:child].sum()
        parents = rng.choice(child, size=n_parents, replace=False, p=weights)
        uses[parents] += 1
        relation = "merge" if n_parents > 1 else str(rng.choice(RELATIONS[:3], p=[0.5, 0.3, 0.2]))
        pairs += [(ids[child], ids[parent], relation) for parent in parents]
    return TABLES["lineage_edges"].conform(
        pl.DataFrame(
            pairs, schema={"child_id": pl.String, "parent_id": pl.String, "relation": pl.String}, orient="row"
        ).with_columns(
            pl.lit("tag").alias("phase"),
            pl.lit("exact").alias("resolution"),
            pl.col("parent_id").alias("declared_parent"),
            pl.lit(True).alias("relation_declared"),
            pl.lit(False).alias("time_reversed"),
        )
    )


def _models(ids: list[str], created: list[datetime], edges: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    parents = edges.group_by("child_id").agg(
        pl.len().alias("n_parents"), pl.col("relation").first(), main_parent=pl.col("parent_id").min()
    )
    children = edges.group_by("parent_id").agg(pl.len().alias("n_children"))
    n = len(ids)
    sizes = rng.integers(0, len(SIZES), n)
    tasks = rng.choice(len(TASKS), n, p=[0.5, 0.2, 0.1, 0.1, 0.1])
    return TABLES["models"].conform(
        pl.DataFrame(
            {
                "model_id": ids,
                "created_at": created,
                "author": [model_id.split("/")[0] if i % 50 else None for i, model_id in enumerate(ids)],
                "size_class": [SIZES[size] for size in sizes],
                "pipeline_tag": [TASKS[task] for task in tasks],
                "downloads": rng.integers(0, 10_000, n),
                "likes": rng.integers(0, 100, n),
            },
            schema_overrides={"created_at": pl.Datetime("us", "UTC"), "size_class": pl.String, "author": pl.String},
        )
        .join(parents, left_on="model_id", right_on="child_id", how="left")
        .join(children, left_on="model_id", right_on="parent_id", how="left")
        .with_columns(
            pl.lit(True).alias("in_snapshot"),
            pl.lit(False).alias("created_at_floored"),
            pl.lit(None, dtype=pl.Int64).alias("n_parameters"),
            pl.lit(None, dtype=pl.Int64).alias("lineage_parameters"),
            pl.lit(None, dtype=pl.String).alias("library_name"),
            (pl.col("pipeline_tag") == "text-generation").fill_null(False).alias("is_llm"),
            pl.lit(None, dtype=pl.Int64).alias("downloads_all_time"),
            pl.lit(None, dtype=pl.Int64).alias("downloads_all_time_change"),
            (pl.col("downloads") // 7 - 100).alias("downloads_change"),
            (pl.col("likes") // 9).alias("likes_change"),
            pl.when(pl.col("likes") % 10 == 0).then(pl.col("likes") // 10 + 1).alias("n_benchmarks"),
            (pl.col("likes") % 10 == 0).alias("reports_benchmarks"),
            pl.concat_str(pl.lit("kind-"), pl.col("downloads") % 13).alias("architecture"),
            pl.col("n_parents", "n_children").fill_null(0).cast(pl.Int64),
        )
        .pipe(lambda models: models.hstack(author_habits(models)))
    )


def _scores(models: pl.DataFrame, edges: pl.DataFrame, window_days: int) -> pl.DataFrame:
    counts = _counts(models, edges, timedelta(days=window_days))
    n_i, n_j, n_k = (pl.col(name).cast(pl.Float64) for name in ("n_i", "n_j", "n_k"))
    total, upon = n_i + n_j + n_k, n_i + n_j
    closed = pl.col("created_at") + pl.duration(days=window_days) <= AS_OF
    status = (
        pl.when(pl.col("n_parents") == 0)
        .then(pl.lit("root"))
        .when(~closed)
        .then(pl.lit("censored"))
        .when(total == 0)
        .then(pl.lit("undefined"))
        .otherwise(pl.lit("scored"))
    )
    cd = pl.when(total > 0).then((n_i - n_j) / total)
    return TABLES["disruption_scores"].conform(
        models.select("model_id", "n_parents", "created_at")
        .join(counts, on="model_id", how="left")
        .with_columns(pl.col("n_i", "n_j", "n_k").fill_null(0))
        .with_columns(
            pl.lit(window_days, dtype=pl.Int32).alias("window_days"),
            pl.lit(0, dtype=pl.Int64).alias("n_j5"),
            pl.when(total > 0).then((n_i - n_j - n_k) / total).alias("mdi"),
            cd.alias("cd"),
            pl.when(upon > 0).then((n_i - n_j) / upon).alias("cd_nok"),
            (cd * upon).alias("mcd"),
            pl.when(n_i + n_k > 0).then(n_i / (n_i + n_k)).alias("di5"),
            pl.when(upon > 0).then(n_j / upon).alias("dep"),
            status.alias("status"),
            pl.lit(None, dtype=pl.Float64).alias("percentile"),
        )
    )


def _counts(models: pl.DataFrame, edges: pl.DataFrame, window: timedelta) -> pl.DataFrame:
    """The definition of the counts, word for word, by sets; slow, for small networks."""
    created = dict(models.select("model_id", "created_at").iter_rows())
    children: dict[str, set[str]] = {}
    parents: dict[str, set[str]] = {}
    for child, parent in edges.select("child_id", "parent_id").iter_rows():
        children.setdefault(parent, set()).add(child)
        parents.setdefault(child, set()).add(parent)
    rows = []
    for focal, born in created.items():
        upon_focal = children.get(focal, set())
        upon_parents = {child for parent in parents.get(focal, ()) for child in children[parent]} - {focal}
        a = {child for child in upon_focal if born < created[child] <= born + window}
        b = {child for child in upon_parents if born < created[child] <= born + window}
        rows.append((focal, len(a - b), len(a & b), len(b - a)))
    return pl.DataFrame(rows, schema=["model_id", "n_i", "n_j", "n_k"], orient="row")


def _structure(models: pl.DataFrame) -> pl.DataFrame:
    """One component, two generations: enough to be drawn."""
    return TABLES["network_structure"].conform(
        models.select(
            "model_id",
            pl.int_range(pl.len(), dtype=pl.Int32).alias("node"),
            pl.lit(0, dtype=pl.Int32).alias("component_id"),
            pl.lit(models.height, dtype=pl.Int64).alias("component_size"),
            (pl.col("n_parents") > 0).cast(pl.Int64).alias("generation"),
            pl.lit(1 / max(models.height, 1)).alias("pagerank"),
            pl.col("n_children").alias("n_descendants"),
            pl.lit(None, dtype=pl.String).alias("root_id"),
        )
    )


def _quality(n: int) -> pl.DataFrame:
    return TABLES["lineage_quality"].conform(
        pl.DataFrame(
            {
                "measure": ["coverage", "unresolved_share"],
                "phase": [None, None],
                "relation": [None, None],
                "rule": [None, None],
                "estimate": [0.66, 0.04],
                "low": [0.6, 0.02],
                "high": [0.71, 0.07],
                "n": [n, n],
                "n_authors": [9, 9],
            },
            schema_overrides={"phase": pl.String, "relation": pl.String, "rule": pl.String},
        )
    )


def _manifest(n: int) -> pl.DataFrame:
    return TABLES["crawl_manifest"].conform(
        pl.DataFrame(
            {
                "source": ["files"],
                "location": ["crawls"],
                "revision": [None],
                "as_of": [AS_OF],
                "started_at": [AS_OF],
                "finished_at": [AS_OF],
                "n_requests": [0],
                "n_pages": [1],
                "n_models": [n],
                "n_repeated_records": [1],
                "n_bad_records": [1],
                "n_card_parents_skipped": [2],
                "bad_records": [
                    [{"file": "a.jsonl", "line_number": 7, "reason": "no id", "record": '{"author": "<b>x</b>"}'}]
                ],
                "unread_fields": [[{"field": "downloads", "shape": "text", "n_records": 3}]],
                "seconds_waited": [0.0],
                "content_hash": ["0" * 64],
                "complete": [True],
                "previous_crawl_date": [date(2026, 10, 27)],
                "full_crawl_date": [AS_OF.date()],
                "carried_over_from": [None],
                "modified_since": [None],
                "n_carried_over": [0],
            },
            schema_overrides={"revision": pl.String},
        )
    )

"""Benchmark results that some models report of themselves, as the JSON text of a model index."""

from __future__ import annotations

import numpy as np
import polars as pl

from mdi_pipeline.simulator.setting import Setting
from mdi_pipeline.simulator.traits import CONTROL, IMAGE_GENERATION, LLM, OTHER, SPEECH, TEXT, VISION, Traits

DATASETS = {
    LLM: ("mmlu", "acc"),
    TEXT: ("glue", "accuracy"),
    IMAGE_GENERATION: ("coco", "fid"),
    SPEECH: ("common_voice", "wer"),
    VISION: ("imagenet-1k", "accuracy"),
    CONTROL: ("LunarLander-v2", "mean_reward"),
    OTHER: ("tabular", "f1"),
}
"""The data set and metric of each domain."""

REPORTED = 0.03
"""Share of models that report results, as in real crawls of 2026."""


def model_index(traits: Traits, setting: Setting) -> pl.Series:
    """The model index of each model; null for most. Larger models have the higher results, give or take."""
    rng = setting.stream("benchmarks")
    n = len(traits.billions)
    score = 1 / (1 + np.exp(-0.5 * np.log(traits.billions + 1e-3) - rng.normal(0, 0.5, n)))
    datasets, metrics = (pl.Series([DATASETS[code][place] for code in range(len(DATASETS))]) for place in (0, 1))
    text = pl.concat_str(
        pl.lit('[{"name": "model", "results": [{"task": {"type": "evaluation"}, "dataset": {"type": "'),
        "dataset",
        pl.lit('"}, "metrics": [{"type": "'),
        "metric",
        pl.lit('", "value": '),
        pl.col("score").round(3),
        pl.lit("}]}]}]"),
    )
    return pl.DataFrame(
        {
            "dataset": datasets.gather(traits.domain),
            "metric": metrics.gather(traits.domain),
            "score": score,
            "reported": rng.random(n) < REPORTED,
        }
    ).select(model_index=pl.when("reported").then(text))["model_index"]

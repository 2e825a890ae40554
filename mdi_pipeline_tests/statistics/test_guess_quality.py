"""What is measured of guesses, counted by hand."""

import polars as pl
import pytest

from mdi_pipeline.lineage.masking import Masked
from mdi_pipeline.statistics.guess_quality import guess_quality
from mdi_pipeline.tables.catalogue import TABLES

CHILDREN = pl.DataFrame(
    [
        ("a/1", "a", True, "quantized", True),
        ("b/1", "b", False, "quantized", True),
        ("b/2", "b", False, "quantized", False),
        ("c/1", "c", False, "adapter", True),
        ("c/2", "c", False, "quantized", True),
        ("d/1", "d", False, "finetune", True),
    ],
    schema=["child_id", "author", "decides", "relation", "parent_in_crawl"],
    orient="row",
)
GUESSES = pl.DataFrame(
    [
        ("a/1", "name", "quantized", "gguf/root", "o/x", False, False),
        ("b/1", "name", "quantized", "gguf/root", "o/x", True, True),
        ("b/2", "name", "quantized", "gguf/root", "o/x", False, True),
        ("c/1", "name", "quantized", "mlx/root", "o/x", True, True),
        ("c/1", "config", "adapter", "peft_config", "o/y", False, False),
    ],
    schema=["child_id", "phase", "relation", "rule", "parent_id", "is_right", "in_family"],
    orient="row",
)


def measured(measure: str, **where: str | None) -> list[tuple[float, int, int]]:
    quality = guess_quality(Masked(CHILDREN, GUESSES), n_draws=50)
    conditions = [pl.col(name).eq_missing(value) for name, value in where.items()]
    return quality.filter(pl.col("measure") == measure, *conditions).select("estimate", "n", "n_authors").rows()


def test_precision_is_of_all_guesses_of_the_half_that_does_not_decide() -> None:
    assert measured("precision", phase="name", rule=None) == [(pytest.approx(2 / 3), 3, 2)]
    assert measured("precision", phase="name", rule="gguf/root") == [(0.5, 2, 1)]
    assert measured("precision_in_family", phase="name", rule="gguf/root") == [(1.0, 2, 1)]
    assert measured("precision", phase="config", rule="peft_config") == [(0.0, 1, 1)]


def test_the_gate_sees_only_the_half_that_decides() -> None:
    assert measured("gate_precision") == [(0.0, 1, 1)]


def test_recall_is_of_the_models_whose_parent_is_in_the_crawl() -> None:
    assert measured("recall", phase="name", relation=None) == [(0.5, 4, 3)]
    assert measured("recall", phase="name", relation="quantized") == [(0.5, 2, 2)]
    assert measured("recall", phase="name", relation="finetune") == [(0.0, 1, 1)]
    assert measured("recall", phase="config", relation="adapter") == [(0.0, 1, 1)]


def test_nothing_masked_nothing_measured() -> None:
    quality = guess_quality(Masked(CHILDREN.clear(), GUESSES.clear()))
    assert quality.is_empty()
    assert quality.schema == TABLES["lineage_quality"].empty().schema

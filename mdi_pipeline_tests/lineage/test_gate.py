"""Guesses about hidden parents, and which rules are let in."""

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from mdi_pipeline.lineage.gate import admit, admitted_rules, wide_edges
from mdi_pipeline.lineage.masking import decides, mask
from mdi_pipeline.lineage.parsing import Lineage, parse_lineage
from mdi_pipeline.statistics.guess_quality import guess_quality
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline_tests.lineage.crawls import crawl, model

START = datetime(2024, 1, 1, tzinfo=UTC)


def owned(model_id: str, day: int, **fields: Any) -> dict[str, Any]:
    return model(model_id, START + timedelta(days=day), author=model_id.split("/", maxsplit=1)[0], **fields)


def copies(n: int, *, wrong: int = 0) -> pl.LazyFrame:
    """A model and copies of it by as many authors, of which the first name another parent than their name says."""
    children = [
        owned(f"author{i}/Phi-GGUF", 10 + i, tags=[f"base_model:{'z/Other' if i < wrong else 'o/Phi'}"])
        for i in range(n)
    ]
    return crawl(owned("o/Phi", 0), owned("z/Other", 0), owned("silent/Phi-GGUF", 500), *children)


def parsed(snapshots: pl.LazyFrame, min_precision: float = 0.9) -> Lineage:
    declared = parse_lineage(snapshots)
    quality = guess_quality(mask(declared), n_draws=200)
    return admit(declared, admitted_rules(quality, min_precision=min_precision))


def test_the_halves_never_change() -> None:
    """Which half an author is of is part of what was tuned on which half."""
    authors = pl.Series(["mradermacher", "unsloth", "bartowski", "Qwen", "RedHatAI"])
    assert decides(authors).to_list() == [True, False, True, False, True]


def test_hidden_parents_are_guessed() -> None:
    snapshots = copies(40, wrong=10)
    masked = mask(parse_lineage(snapshots))
    assert masked.children.height == 40
    by_name = masked.guesses.filter(phase="name")
    assert by_name.height == 40
    assert by_name["is_right"].sum() == 30
    assert set(by_name["rule"]) == {"gguf/root"}


def test_a_guess_leans_on_nothing_that_its_own_half_declares() -> None:
    """`o/Phi` is not in the crawl: who derives from it must be told by the other half that it is."""
    authors = [f"author{i}" for i in range(30)]
    halves = decides(pl.Series(authors))
    one_half = [author for author, half in zip(authors, halves, strict=True) if half]
    children = [owned(f"{author}/Phi-GGUF", 5, tags=["base_model:o/Phi"]) for author in one_half]
    other = next(author for author, half in zip(authors, halves, strict=True) if not half)
    alone, told = crawl(*children), crawl(*children, owned(f"{other}/mine", 5, tags=["base_model:o/Phi"]))
    assert mask(parse_lineage(alone)).guesses.is_empty()
    assert mask(parse_lineage(told)).guesses.height == len(one_half)


def test_ancestors_and_descendants_are_family() -> None:
    snapshots = crawl(
        owned("o/Phi", 0),
        owned("o/Phi-tuned", 1, tags=["base_model:o/Phi"]),
        owned("x/Phi-tuned-GGUF", 2, tags=["base_model:o/Phi"]),
        owned("y/Phi-GGUF", 2, tags=["base_model:o/Phi-tuned"]),
        owned("z/Phi-GGUF", 2, tags=["base_model:other/one"]),
    )
    guesses = mask(parse_lineage(snapshots)).guesses.sort("child_id")
    assert guesses.select("child_id", "is_right", "in_family").rows() == [
        ("x/Phi-tuned-GGUF", False, True),
        ("y/Phi-GGUF", False, True),
        ("z/Phi-GGUF", False, False),
    ]


def test_a_cycle_of_declarations_ends() -> None:
    snapshots = crawl(
        owned("a/A", 0, tags=["base_model:b/B"]),
        owned("b/B", 0, tags=["base_model:a/A"]),
        owned("b/B-GGUF", 1, tags=["base_model:c/C"]),
        owned("c/C", 0, tags=["base_model:c/D"]),
    )
    assert mask(parse_lineage(snapshots)).guesses["in_family"].to_list() == [False]


def test_a_rule_that_is_right_is_let_in() -> None:
    lineage = parsed(copies(160))
    assert lineage.edges.filter(child_id="silent/Phi-GGUF").select(
        "parent_id", "phase", "relation_declared"
    ).rows() == [("o/Phi", "name", False)]
    assert lineage.candidates.is_empty()


def test_a_rule_that_is_often_wrong_stays_out() -> None:
    lineage = parsed(copies(160, wrong=40))
    assert lineage.edges.filter(phase="name").is_empty()
    assert lineage.candidates["child_id"].to_list() == ["silent/Phi-GGUF"]


def test_the_bound_is_a_setting() -> None:
    assert parsed(copies(160, wrong=40), min_precision=0.5).edges.filter(phase="name").height == 1


def test_a_rule_that_the_crawl_is_too_small_to_measure_stays_out() -> None:
    lineage = parsed(copies(30))
    assert lineage.edges.filter(phase="name").is_empty()
    assert lineage.candidates.height == 1


def test_the_reported_half_has_no_say() -> None:
    """Wrong only among the authors that do not decide: let in, and seen to be wrong in what is reported."""
    authors = pl.Series([f"author{i}" for i in range(240)])
    children = [
        owned(f"{author}/Phi-GGUF", 5, tags=[f"base_model:{'o/Phi' if half else 'z/Other'}"])
        for author, half in zip(authors, decides(authors), strict=True)
    ]
    snapshots = crawl(owned("o/Phi", 0), owned("z/Other", 0), *children)
    quality = guess_quality(mask(parse_lineage(snapshots)), n_draws=200)
    assert admitted_rules(quality).rows() == [("name", "quantized", "gguf/obscure")]
    reported = quality.filter(pl.col("measure") == "precision", pl.col("rule").is_null())
    assert reported["estimate"].to_list() == [0.0]


def test_the_stronger_phase_speaks_first() -> None:
    snapshots = crawl(owned("a/Phi-LoRA", 1, config_base_model="o/Base"), owned("a/Phi", 0), owned("o/Base", 0))
    lineage = parse_lineage(snapshots)
    rules = lineage.candidates.select("phase", "relation", "rule").unique()
    admitted = admit(lineage, rules)
    assert admitted.edges.select("parent_id", "phase").rows() == [("o/Base", "config")]
    assert admitted.candidates.select("parent_id", "phase").rows() == [("a/Phi", "name")]


def test_only_rules_of_the_phases_asked_for() -> None:
    quality = guess_quality(mask(parse_lineage(copies(160))), n_draws=200)
    assert admitted_rules(quality, phases=("hub", "tag", "card", "config")).is_empty()


def test_what_is_outranked_is_said_to_be() -> None:
    child = owned("a/x", 1, tags=["base_model:o/Phi"], config_base_model="z/Other")
    lineage = parse_lineage(crawl(child, owned("o/Phi", 0), owned("z/Other", 0)))
    assert lineage.rejected.select("declared_parent", "phase", "reason").rows() == [("z/Other", "config", "outranked")]


def test_the_wide_network_holds_each_pair_once() -> None:
    lone = owned("a/Phi-LoRA", 1, config_base_model="a/Phi", tags=["base_model:adapter:a/Phi"])
    lineage = parse_lineage(crawl(lone, owned("a/Phi", 0), owned("b/x", 1, tags=["base_model:a/Phi"])))
    assert lineage.candidates.height == 3
    wide = TABLES["lineage_edges"].conform(wide_edges(lineage.edges, lineage.candidates))
    assert wide.select("child_id", "phase").rows() == [("a/Phi-LoRA", "tag"), ("b/x", "tag")]


@pytest.mark.parametrize(
    ("measure", "low", "n_authors", "admitted"),
    [
        ("gate_precision", 0.91, 60, True),
        ("gate_precision", 0.90, 50, True),
        ("gate_precision", 0.89, 60, False),
        ("gate_precision", None, 60, False),
        ("gate_precision", 0.95, 49, False),
        ("precision", 0.95, 60, False),
    ],
)
def test_a_rule_needs_the_bound_at_its_lower_end_and_authors(
    measure: str, low: float | None, n_authors: int, *, admitted: bool
) -> None:
    row = {"phase": "name", "relation": "quantized", "rule": "gguf/root", "estimate": 0.97, "high": 1.0, "n": 100}
    measured = pl.DataFrame([{**row, "measure": measure, "low": low, "n_authors": n_authors}])
    quality = TABLES["lineage_quality"].conform(measured)
    assert admitted_rules(quality).height == admitted

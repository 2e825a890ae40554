from __future__ import annotations

from dataclasses import replace

import polars as pl

from mdi_pipeline.report.inputs import ReportInputs
from mdi_pipeline.report.prose.sentences import (
    counter_sentences,
    gap_lists,
    regression_sentences,
    union_sentence,
)
from mdi_pipeline.report.prose.wording import signed
from mdi_pipeline.tables.attention import COUNTERS
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline_tests.report.conftest import estimated_with_unknown_sizes, united


def test_sentences_carry_the_numbers_of_the_table(inputs: ReportInputs) -> None:
    row = inputs.attention.filter(
        population="scored", index="mdi", counter="likes", measure="rank_correlation_within_quarter"
    ).row(0, named=True)
    [sentence] = [said for said in counter_sentences(inputs) if said.startswith("All scored models, likes:")]
    numbers = f"{signed(row['estimate'])} [{signed(row['low'])}, {signed(row['high'])}]"
    assert f"within the quarter of creation {numbers}, n = {row['n']} models by {row['n_authors']} authors" in sentence


def test_counters_that_say_nothing_are_named_with_the_reason(inputs: ReportInputs) -> None:
    said = counter_sentences(inputs)
    assert "Undecided for downloads, all time because: the source does not count it." in said
    assert "Undecided for downloads since last crawl because: no earlier crawl with this counter." in said
    nothing = inputs.attention.with_columns(
        estimate=None, low=None, high=None, n=pl.lit(0), reason=pl.lit("the source does not count it")
    )
    [sentence] = counter_sentences(replace(inputs, attention=nothing))
    assert sentence.count("/") == len(COUNTERS) - 1


def test_lists_show_the_first_ten_or_say_that_there_are_none(inputs: ReportInputs) -> None:
    ranked = [
        {
            "gap": "disruptive_unnoticed",
            "model_id": f"a/{place:02d}",
            "window_days": 90,
            "place": place,
            "minimum": 5,
            "mdi": 1.0,
        }
        | {"n": 12, "n_i": 12, "attention": 10.0, "likes": None, "downloads": 3, "relation": None}
        for place in range(1, 15)
    ]
    table = TABLES["attention_gaps"].conform(pl.DataFrame(ranked, schema_overrides={"likes": pl.Int64}))
    unnoticed, noticed = gap_lists(replace(inputs, attention_gaps=table))
    assert [row["model_id"] for row in unnoticed.rows] == [f"a/{place:02d}" for place in range(1, 11)]
    assert "With n ≥ 5. No model reaches n ≥ 10" in unnoticed.criterion
    assert noticed.rows == []
    assert noticed.nothing.startswith("No model: mdi below 0")


def test_the_sentence_on_deletions_counts_what_is_gone_or_says_why_it_cannot(inputs: ReportInputs) -> None:
    assert union_sentence(united(inputs)).startswith("41 models that 3 earlier crawls held are gone. With them, ")
    assert "undecided because: one crawl" in union_sentence(inputs)


def test_where_only_models_of_unknown_size_leave_an_estimate_it_is_said_that_they_are_kept(
    inputs: ReportInputs,
) -> None:
    sentences = regression_sentences(estimated_with_unknown_sizes(inputs))
    assert all("so they are kept, with an indicator" in sentence for sentence in sentences)


def test_without_an_estimate_the_reason_is_given(inputs: ReportInputs) -> None:
    for sentence in regression_sentences(inputs):
        assert "undecided because" in sentence
        assert "without a known number of parameters dropped" in sentence


def test_the_reason_is_that_of_most_terms_not_that_of_one_left_out(inputs: ReportInputs) -> None:
    first = pl.int_range(pl.len()).over("population", "index", "window_days", "outcome", "missing") == 0
    reasons = inputs.score_regression.with_columns(
        n=1_000, reason=pl.when(first).then(pl.lit("it follows")).otherwise(pl.lit("too few"))
    )
    for sentence in regression_sentences(replace(inputs, score_regression=reasons)):
        assert "undecided because: too few" in sentence


def test_nothing_was_fitted_is_said(inputs: ReportInputs) -> None:
    bare = replace(inputs, score_regression=inputs.score_regression.clear())
    assert all("undecided because no regression was made" in sentence for sentence in regression_sentences(bare))

"""Disruption beside attention, and what deletions do, as the page says them."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from mdi_pipeline.report.choice_figures import draw_rows, union_sentence
from mdi_pipeline.report.counter_words import counter_sentences, gap_lists
from mdi_pipeline.report.figures import figures
from mdi_pipeline.report.inputs import ReportInputs
from mdi_pipeline.report.words import signed
from mdi_pipeline.tables.attention import COUNTERS
from mdi_pipeline.tables.catalogue import TABLES


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


def test_figures_hold_the_table_and_the_sizes_of_both_series(inputs: ReportInputs) -> None:
    drawn = figures(inputs)
    agreement, noticed = drawn["counters_agreement"], drawn["counters_noticed"]
    assert set(agreement.data["counter"]) == {"likes", "downloads", "likes_change", "downloads_change"}
    assert set(agreement.data["population"]) == {"scored", "built_upon"}
    n = noticed.data.filter(counter="likes").sort("measure")["n"].to_list()
    assert f"n = {n[0]}; {n[1]}" in str(noticed.chart.to_dict())
    assert "percentile 90 or above" in noticed.subtitle


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


@pytest.mark.parametrize("n_crawls", [0, 3])
def test_the_union_is_drawn_where_there_is_one(inputs: ReportInputs, n_crawls: int) -> None:
    if n_crawls:
        union = inputs.survivorship.filter(variant="single_crawl").with_columns(
            variant=pl.lit("union_of_crawls"), n_crawls=pl.lit(3, dtype=pl.Int64), n_gone=pl.lit(41, dtype=pl.Int64)
        )
        both = pl.concat([inputs.survivorship.filter(variant="single_crawl"), union])
        inputs = replace(inputs, survivorship=both)
        assert union_sentence(inputs).startswith("41 models that 3 earlier crawls held are gone. With them, ")
    else:
        assert "undecided because: one crawl" in union_sentence(inputs)
    drawn = figures(inputs)["robustness_share_positive"]
    assert ("union_of_crawls" in drawn.data["variant"]) == bool(n_crawls)
    assert ("with what was deleted" in str(drawn.chart.to_dict())) == bool(n_crawls)


def test_both_ways_of_drawing_stand_side_by_side(inputs: ReportInputs) -> None:
    rows = draw_rows(inputs)
    assert len(rows) == 6
    row = inputs.summary.filter(population="scored", index="mdi", measure="share_positive").row(0, named=True)
    [said] = [each for each in rows if each["what"] == "All scored models, above 0"]
    assert said["n_parents"] == f"{row['n_main_parents']:,}"
    assert said["n_authors"] == f"{row['n_authors']:,}"
    assert f"{100 * row['low_by_parents']:.0f}, {100 * row['high_by_parents']:.0f}]" in said["by_parents"]

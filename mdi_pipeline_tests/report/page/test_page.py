from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import polars as pl
import pytest

from mdi_pipeline.report.figures.catalogue import all_figures
from mdi_pipeline.report.inputs import ReportInputs
from mdi_pipeline.report.page.page import build_report
from mdi_pipeline_tests.made_up import made_up_crawl
from mdi_pipeline_tests.report.conftest import EMPTYISH, inputs_of

VOID = {"meta", "link", "br", "hr", "img", "input", "path", "line", "rect", "circle"}


class Page(HTMLParser):
    """What a page is made of; fails where tags do not nest."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.ids: list[str] = []
        self.headings: list[int] = []
        self.text = ""
        self.feed(html)
        self.close()
        assert not self.stack, f"never closed: {self.stack}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.ids += [value for name, value in attrs if name == "id" and value]
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.stack.pop() == tag, f"</{tag}> at {self.getpos()}"

    def handle_data(self, data: str) -> None:
        self.text += f"{data} "


@pytest.fixture(scope="module")
def html(inputs: ReportInputs) -> str:
    return build_report(inputs)


def test_it_is_well_formed_and_its_headings_are_in_order(html: str) -> None:
    page = Page(html)
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(page.headings, page.headings[1:], strict=False))


def test_ids_are_unique_and_every_link_within_the_page_leads_somewhere(html: str) -> None:
    page = Page(html)
    assert len(page.ids) == len(set(page.ids))
    inner = {attrs["href"][1:] for _, attrs in page.tags if (attrs.get("href") or "").startswith("#")}
    assert inner
    assert inner <= set(page.ids)
    assert set(re.findall(r"url\(#([^)]+)\)", html)) <= set(page.ids)


def test_it_loads_nothing(html: str) -> None:
    page = Page(html)
    assert not {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "object", "embed"}
    for tag, attrs in page.tags:
        for name in ("src", "href", "xlink:href", "data", "srcset", "action"):
            target = attrs.get(name) or ""
            if target.startswith("#") or not target:
                continue
            assert tag == "a", (tag, target)
            assert re.match(r"https://(arxiv\.org|huggingface\.co)/", target), target
    assert "@import" not in html
    assert not re.search(r"url\((?!#)", html)


def test_every_figure_is_there(html: str, inputs: ReportInputs) -> None:
    drawn = all_figures(inputs)
    assert {"distribution_mdi", "signs_scored", "factor_relation", "children_tail", "families"} <= set(drawn)
    assert set(drawn) <= set(Page(html).ids)
    described = [attrs["aria-label"] for tag, attrs in Page(html).tags if attrs.get("role") == "img" and tag == "div"]
    assert all(described)


def test_the_first_screen_says_what_is_not_known(html: str) -> None:
    text = Page(html).text
    first = text[text.index("What this crawl says") : text.index("How the scores are distributed")]
    assert "exact formula is not public" in first
    assert "2604.11618" in html


def test_same_inputs_same_bytes(html: str, inputs: ReportInputs) -> None:
    assert build_report(inputs) == html


def test_the_methods_name_the_libraries_that_computed_the_tables(html: str, inputs: ReportInputs) -> None:
    assert "Computed with" not in html
    named = build_report(replace(inputs, libraries={"numba": "0.68", "polars": "2.0 and 2.1"}))
    assert "<li>Computed with numba 0.68, polars 2.0 and 2.1.</li>" in named


def test_ids_are_escaped_everywhere() -> None:
    evil = "<script>alert(1)</script>\"'&"
    tables: dict[str, pl.DataFrame] = {}
    for name, frame in made_up_crawl(400, seed=4).items():
        named = [column for column, kind in frame.schema.items() if column.endswith("_id") and kind == pl.String]
        tables[name] = frame.with_columns(pl.col(named) + evil)
    tables["models"] = tables["models"].with_columns(
        pipeline_tag=pl.col("pipeline_tag") + evil, author=pl.col("author") + evil
    )
    html = build_report(inputs_of(tables))
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    Page(html)


@pytest.mark.parametrize("crawl", EMPTYISH)
def test_little_to_say_is_said_clearly(crawl: str) -> None:
    page = Page(build_report(EMPTYISH[crawl]()))
    assert "Undecided" in page.text or crawl in {"one author", "ten models"}
    assert "None" not in page.text
    assert "nan" not in re.findall(r"\w+", page.text)
    if crawl == "only open windows":
        assert "Undecided: no closed window." in page.text
        assert "can score them" in page.text
    if crawl == "one author":
        assert "[one author]" in page.text


def test_a_lowered_minimum_is_printed() -> None:
    tables = made_up_crawl(300, seed=3)
    few = pl.col("n_i") + pl.col("n_j") + pl.col("n_k") < 10
    scores = tables["disruption_scores"].filter(few)
    page = Page(build_report(inputs_of(tables | {"disruption_scores": scores})))
    assert "with n ≥ 5" in page.text
    assert "No model reaches 10, so the minimum was lowered" in page.text


def test_no_share_stands_alone(html: str) -> None:
    """A percentage in the text is followed by an interval, by what it is a share of, or by why it has neither."""
    text = re.sub(r"\s+", " ", re.sub(r"<svg.*?</svg>", "", html, flags=re.S))
    text = re.sub(r"<style>.*?</style>|aria-label=\"[^\"]*\"", "", text)
    shares = re.findall(r"[\d.]+ %.{0,14}", text)
    assert len(shares) > 20
    alone = [share for share in shares if not re.match(r"[\d.]+ % (\[|of |interval)", share)]
    assert not alone


def test_bad_records_and_what_was_left_out_are_listed(html: str, inputs: ReportInputs) -> None:
    text = re.sub(r"\s+", " ", Page(html).text)
    assert "a.jsonl 7 no id" in text
    assert "a path on someone's machine" in text
    assert f"models, status root {inputs.statuses['root']:,}" in text


def test_numbers_on_the_page_are_those_of_the_table(html: str, inputs: ReportInputs) -> None:
    row = inputs.score_summary.row(
        by_predicate=(pl.col("population") == "built_upon")
        & (pl.col("index") == "mdi")
        & (pl.col("measure") == "share_negative"),
        named=True,
    )
    shown: Any = re.search(r"(\d+) % \[(\d+), (\d+)\] of (\d+) models by (\d+) authors have a", Page(html).text)
    expected = [f"{100 * row[name]:.0f}" for name in ("estimate", "low", "high")] + [
        str(row["n"]),
        str(row["n_authors"]),
    ]
    assert list(shown.groups()) == expected


def test_the_report_speaks_of_its_own_window_only(html: str, inputs: ReportInputs) -> None:
    other = inputs.disruption_scores.with_columns(window_days=pl.lit(30, dtype=pl.Int32), status=pl.lit("scored"))
    more = replace(inputs, disruption_scores=pl.concat([inputs.disruption_scores, other]))
    assert build_report(more) == html


def test_a_simulated_or_broken_crawl_is_called_so(html: str, inputs: ReportInputs) -> None:
    assert "simulated" not in Page(html).text
    manifest = inputs.crawl_manifest.with_columns(source=pl.lit("demo"), complete=False)
    warned = build_report(replace(inputs, crawl_manifest=manifest))
    first = Page(warned).text.split("How the scores are distributed")[0]
    assert "This Hub is simulated." in first
    assert "This crawl is not complete" in first
    assert "huggingface.co/" not in warned


def test_findings_stand_with_number_interval_n_and_verdict(html: str, inputs: ReportInputs) -> None:
    row = inputs.findings.row(
        by_predicate=(pl.col("measure") == "share_negative")
        & (pl.col("population") == "scored")
        & (pl.col("index") == "mdi")
        & (pl.col("window_days") == inputs.window_days),
        named=True,
    )
    text = re.sub(r"\s+", " ", Page(html).text)
    said = re.search(
        r"Most models have a negative index\..*?All scored models: \S+ % \[[^\]]+\], "
        r"n = (\S+) models by (\S+) authors\. "
        r"(Holds|Does not hold|Undecided)",
        text,
    )
    assert said
    assert said.groups() == (f"{row['n']:,}", f"{row['n_authors']:,}", row["verdict"].capitalize())


def test_an_undecided_finding_says_why() -> None:
    text = re.sub(r"\s+", " ", Page(build_report(EMPTYISH["only open windows"]())).text)
    assert "no estimate, n = 0 models by 0 authors. Undecided because: no closed window." in text

"""What the guesses are worth on a real crawl, and on a simulated Hub whose truth is known."""

from datetime import date

import polars as pl
import pytest

from mdi_pipeline.hub.files import FilesSource
from mdi_pipeline.lineage.gate import admit, admitted_rules
from mdi_pipeline.lineage.masking import mask
from mdi_pipeline.lineage.parsing import Lineage, parse_lineage
from mdi_pipeline.lineage.stems import plain_name, with_stems
from mdi_pipeline.simulator.listing import simulated_listing
from mdi_pipeline.simulator.source import DemoSource
from mdi_pipeline.simulator.truth import true_lineage
from mdi_pipeline.statistics.guess_quality import guess_quality
from mdi_pipeline.tables.vocabulary import MIN_PRECISION
from mdi_pipeline_tests.shared import SHARED, needs_shared

SIZE, SEED, DAY = 20_000, 0, date(2026, 8, 31)


def measured(snapshots: pl.LazyFrame) -> tuple[Lineage, pl.DataFrame]:
    declared = parse_lineage(snapshots)
    quality = guess_quality(mask(declared))
    return admit(declared, admitted_rules(quality)), quality


@pytest.fixture(scope="module")
def radar(tmp_path_factory: pytest.TempPathFactory) -> pl.LazyFrame:
    source = FilesSource(SHARED / "data" / "radar")
    return source.crawl(date(2026, 8, 22), tmp_path_factory.mktemp("radar")).records.collect().lazy()


@pytest.fixture(scope="module")
def radar_measured(radar: pl.LazyFrame) -> tuple[Lineage, pl.DataFrame]:
    return measured(radar)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lineage, pl.DataFrame]:
    records = DemoSource(SIZE, SEED).crawl(DAY, tmp_path_factory.mktemp("demo")).records
    return measured(records.collect().lazy())


def in_the_network(quality: pl.DataFrame) -> pl.DataFrame:
    return quality.filter(measure="precision").join(admitted_rules(quality), on=["phase", "relation", "rule"])


@needs_shared
def test_radar_admitted_rules_hold_among_authors_that_did_not_decide(
    radar_measured: tuple[Lineage, pl.DataFrame],
) -> None:
    lineage, quality = radar_measured
    held_out = in_the_network(quality)
    assert held_out.height >= 1
    assert held_out["low"].min() >= MIN_PRECISION
    assert lineage.edges.filter(phase="name").height > 30


@needs_shared
def test_radar_recall_of_quantized_models(radar_measured: tuple[Lineage, pl.DataFrame]) -> None:
    _, quality = radar_measured
    recall = quality.filter(measure="recall", phase="name", relation="quantized").row(0, named=True)
    assert recall["estimate"] >= 0.3
    assert recall["low"] >= 0.3


@needs_shared
def test_radar_every_guess_is_an_edge_a_candidate_or_rejected(
    radar: pl.LazyFrame, radar_measured: tuple[Lineage, pl.DataFrame]
) -> None:
    lineage, _ = radar_measured
    said = lineage.resolved.select("child_id", "declared_parent", "phase").unique()
    pairs = pl.concat([lineage.edges, lineage.candidates], how="diagonal").select("child_id", "parent_id").unique()
    placed = lineage.resolved.join(pairs, on=["child_id", "parent_id"]).select("child_id", "declared_parent", "phase")
    accounted = pl.concat([placed, lineage.rejected.select("child_id", "declared_parent", "phase")]).unique()
    assert said.join(accounted, on=said.columns, how="anti").is_empty()
    both = lineage.edges.join(lineage.candidates, on=["child_id", "parent_id"])
    assert both.is_empty()
    known = radar.select("model_id").collect()["model_id"]
    guessed = lineage.edges.filter(phase="name")
    assert guessed["child_id"].is_in(known.implode()).all()
    assert guessed.join(lineage.edges.filter(pl.col("phase") != "name"), on="child_id").is_empty()


@needs_shared
def test_radar_is_the_same_twice(radar: pl.LazyFrame, radar_measured: tuple[Lineage, pl.DataFrame]) -> None:
    lineage, quality = measured(radar)
    assert lineage.edges.equals(radar_measured[0].edges)
    assert lineage.candidates.equals(radar_measured[0].candidates)
    assert quality.equals(radar_measured[1])


def test_the_simulated_hub_is_guessed_well_by_the_admitted_rules(demo: tuple[Lineage, pl.DataFrame]) -> None:
    _, quality = demo
    held_out = in_the_network(quality)
    assert set(held_out["phase"]) == {"config", "name"}
    assert held_out["low"].min() >= MIN_PRECISION


def test_few_true_roots_of_the_simulated_hub_are_given_a_parent(demo: tuple[Lineage, pl.DataFrame]) -> None:
    """Of the models of the crawl that truly derive from none and say nothing of a parent."""
    lineage, _ = demo
    roots = undeclared(true_roots=True).filter(pl.col("child_id").is_in(demo_ids().implode()))["child_id"]
    words = with_stems(roots.to_frame().select(name=plain_name(pl.col("child_id"))))["family"].drop_nulls().len()
    given = inferred(lineage.edges).filter(pl.col("child_id").is_in(roots.implode())).height
    suspected = inferred(lineage.candidates).filter(pl.col("child_id").is_in(roots.implode())).height
    print(f"{len(roots)} true roots, {words} with such words, {given} given a parent, {suspected} candidates")  # noqa: T201
    assert words > 100
    assert given / words < 0.05
    assert (given + suspected) / words < 0.2


def test_parents_that_the_simulated_hub_does_not_tell_are_found(demo: tuple[Lineage, pl.DataFrame]) -> None:
    """Not hidden by the measurement but truly undeclared, which no real crawl can show."""
    lineage, _ = demo
    truth = undeclared(true_roots=False)
    pairs = truth.select("child_id", "parent_id")
    for edges, what in ((lineage.edges, "in the network"), (lineage.candidates, "candidates")):
        guesses = inferred(edges).join(truth, on="child_id", how="semi")
        right = guesses.join(pairs, on=["child_id", "parent_id"], how="semi").height
        print(f"{what}: {right} of {guesses.height} right")  # noqa: T201
        if what == "in the network":
            assert guesses.height > 300
            assert right / guesses.height > MIN_PRECISION


def inferred(edges: pl.DataFrame) -> pl.DataFrame:
    return edges.filter(pl.col("phase").is_in(["config", "name"]))


def undeclared(*, true_roots: bool) -> pl.DataFrame:
    truth = true_lineage(SIZE, SEED).filter(pl.col("declaration") == "none")
    return truth.filter(pl.col("parent_id").is_null() == true_roots)


def demo_ids() -> pl.Series:
    return simulated_listing(SIZE, SEED, DAY)["id"]

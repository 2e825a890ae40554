"""`findings`: numbers along an independent path, planted effects, and what cannot be said."""

from __future__ import annotations

import warnings
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.stats import spearmanr

from mdi_pipeline.disruption.scores import score_models
from mdi_pipeline.hub.crawl import take_crawl
from mdi_pipeline.hub.files import FilesSource
from mdi_pipeline.lineage.nodes import network_models
from mdi_pipeline.lineage.parsing import parse_lineage
from mdi_pipeline.statistics.design import NO_EVENT
from mdi_pipeline.statistics.findings import findings
from mdi_pipeline.statistics.fitting import UNBOUNDED
from mdi_pipeline.statistics.populations import scored_models
from mdi_pipeline.statistics.regression import score_regression
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline.tables.findings import CLAIMS, SIGNED_INDICES
from mdi_pipeline.tables.statistics import POPULATIONS
from mdi_pipeline_tests.made_up import AS_OF, made_up_crawl
from mdi_pipeline_tests.shared import SHARED, needs_shared
from mdi_pipeline_tests.statistics.conftest import Query

Crawl = dict[str, pl.DataFrame]


def found_in(crawl: Crawl, scores: pl.DataFrame | None = None, n_draws: int = 200) -> pl.DataFrame:
    table = crawl["disruption_scores"] if scores is None else scores
    models, edges = crawl["models"], crawl["lineage_edges"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        regression = score_regression(scored_models(table, models, 90), models, edges, 90)
        return findings(table, models, edges, crawl["network_summary"], regression, AS_OF, n_draws=n_draws)


@pytest.fixture(scope="module")
def table(crawl: Crawl) -> pl.DataFrame:
    return found_in(crawl)


def row(table: pl.DataFrame, measure: str, population: str = "scored") -> dict[str, object]:
    return table.filter(measure=measure, population=population, index="mdi").row(0, named=True)


def test_every_claim_stands_under_every_choice(table: pl.DataFrame) -> None:
    from_scores = [claim for claim in CLAIMS if claim.finding < 6 and not claim.measure.startswith("odds_ratio")]
    choices = table.filter(pl.col("index").is_not_null(), ~pl.col("measure").str.starts_with("odds_ratio"))
    assert choices.height == len(from_scores) * len(SIGNED_INDICES) * len(POPULATIONS)
    assert set(table["measure"]) == {claim.measure for claim in CLAIMS}


def test_verdict_follows_from_interval_and_bound(table: pl.DataFrame) -> None:
    assert set(table["verdict"]) == {"holds", "does not hold", "undecided"}
    for one in table.iter_rows(named=True):
        if one["verdict"] == "undecided":
            assert one["reason"]
            continue
        over = one["low"] > one["bound"]
        assert over or one["high"] < one["bound"]
        assert (one["verdict"] == "holds") == (over == one["above"])
        assert one["n"] >= 30
        assert one["n_authors"] >= 10


def test_shares_and_lead_agree_with_sql(crawl: Crawl, table: pl.DataFrame, query: Query) -> None:
    frames = {"scores": crawl["disruption_scores"], "models": crawl["models"]}
    scored = "scores JOIN models USING (model_id) WHERE status = 'scored' AND n_i + n_j > 0"
    [(negative, disruptive, n)] = query(
        f"SELECT avg((mdi < 0)::INT), avg((mdi > 0)::INT), count(*) FROM {scored}", **frames
    )
    for measure, share in (("share_negative", negative), ("share_positive", disruptive)):
        of_measure = row(table, measure, "built_upon")
        assert (of_measure["estimate"], of_measure["n"]) == (pytest.approx(share), n)
    [(lead,)] = query(
        f"""WITH shares AS (SELECT relation, avg((mdi > 0)::INT) AS share, count(*) AS n FROM {scored} GROUP BY 1)
        SELECT (SELECT share FROM shares WHERE relation = 'finetune') - max(share) FROM shares
        WHERE relation <> 'finetune' AND n >= 30""",
        **frames,
    )
    assert row(table, "lead_of_finetunes", "built_upon")["estimate"] == pytest.approx(lead)


def test_slope_by_size_agrees_with_sql(crawl: Crawl, table: pl.DataFrame, query: Query) -> None:
    [(slope, n)] = query(
        """SELECT regr_slope((mdi > 0)::INT, list_position(['<1B', '1-3B', '3-10B', '10-30B', '30-100B', '>=100B'],
        size_class)), count(size_class) FROM scores JOIN models USING (model_id) WHERE status = 'scored'""",
        scores=crawl["disruption_scores"],
        models=crawl["models"],
    )
    found = row(table, "share_positive_a_size_class")
    assert (found["estimate"], found["n"]) == (pytest.approx(slope), n)


def test_correlation_with_later_children_agrees_with_sql(crawl: Crawl, table: pl.DataFrame, query: Query) -> None:
    rows = query(
        """SELECT s.mdi, count(c.model_id) FROM scores s JOIN models f USING (model_id)
        LEFT JOIN edges e ON e.parent_id = f.model_id
        LEFT JOIN models c ON c.model_id = e.child_id AND c.created_at > f.created_at + INTERVAL 90 DAY
            AND c.created_at <= f.created_at + INTERVAL 180 DAY
        WHERE s.status = 'scored' AND f.created_at + INTERVAL 180 DAY <= (SELECT as_of FROM crawl)
        GROUP BY s.model_id, s.mdi""",
        scores=crawl["disruption_scores"],
        models=crawl["models"],
        edges=crawl["lineage_edges"],
        crawl=pl.DataFrame({"as_of": [AS_OF]}),
    )
    mdi, later = np.array(rows, dtype=float).T
    found = row(table, "rank_correlation_later_children")
    assert (found["estimate"], found["n"]) == (pytest.approx(spearmanr(mdi, later).statistic), len(rows))


def planted(crawl: Crawl, seed: int, finetune: float, size: float) -> pl.DataFrame:
    """Scores whose signs depend on relation and size class as is said."""
    known = crawl["disruption_scores"].join(crawl["models"], on="model_id", how="left", maintain_order="left")
    step = known["size_class"].replace_strict(
        {"<1B": 0, "1-3B": 1, "3-10B": 2, "10-30B": 3, "30-100B": 4, ">=100B": 5}, default=2, return_dtype=pl.Float64
    )
    share = 0.2 + finetune * (known["relation"] == "finetune").fill_null(value=False).cast(pl.Float64) + size * step
    disruptive = pl.Series(np.random.default_rng([seed, 7]).random(known.height)) < share
    return crawl["disruption_scores"].with_columns(
        mdi=pl.when(pl.col("mdi").is_not_null()).then(pl.when(disruptive).then(1.0).otherwise(-1.0))
    )


@pytest.fixture(scope="module")
def large() -> Crawl:
    return made_up_crawl(2_500, seed=9)


def test_planted_effects_are_found(large: Crawl) -> None:
    table = found_in(large, planted(large, 0, finetune=0.3, size=0.06))
    for measure in ("lead_of_finetunes", "odds_ratio_nearest_relation", "share_positive_a_size_class"):
        assert row(table, measure)["verdict"] == "holds", measure
    opposite = found_in(large, planted(large, 0, finetune=-0.2, size=0.0))
    assert row(opposite, "lead_of_finetunes")["verdict"] == "does not hold"


@pytest.mark.parametrize(
    ("reason", "verdict"), [(f"{NO_EVENT} among 7", "holds"), (UNBOUNDED, "undecided"), ("it follows", "undecided")]
)
def test_the_highest_odds_ratio_is_known_where_each_is_or_is_0(large: Crawl, reason: str, verdict: str) -> None:
    models, edges, scores = large["models"], large["lineage_edges"], planted(large, 0, finetune=0.3, size=0.06)
    unknown = (pl.col("term") == "relation") & (pl.col("level") == "quantized") & pl.col("estimate").is_not_null()
    regression = score_regression(scored_models(scores, models, 90), models, edges, 90).with_columns(
        pl.when(~unknown).then(pl.col("estimate", "low", "high")),
        reason=pl.when(unknown).then(pl.lit(reason)).otherwise("reason"),
    )
    table = findings(scores, models, edges, large["network_summary"], regression, AS_OF, n_draws=20)
    found = row(table, "odds_ratio_nearest_relation")
    assert (found["verdict"], found["reason"]) == (verdict, None if verdict == "holds" else reason)
    assert (found["estimate"] is None) == (verdict == "undecided")


@pytest.mark.slow
def test_without_effects_few_are_claimed(large: Crawl) -> None:
    measures = ("lead_of_finetunes", "share_positive_a_size_class")
    claimed = dict.fromkeys(measures, 0)
    for seed in range(20):
        table = found_in(large, planted(large, seed, finetune=0, size=0), n_draws=200)
        for measure in measures:
            claimed[measure] += row(table, measure)["verdict"] == "holds"
    assert max(claimed.values()) <= 2


def test_no_closed_window_reads_so(crawl: Crawl) -> None:
    open_windows = crawl["disruption_scores"].with_columns(
        status=pl.when(pl.col("status").is_in(["scored", "undefined"])).then(pl.lit("censored")).otherwise("status")
    )
    table = found_in(crawl, open_windows, n_draws=20).filter(pl.col("window_days").is_not_null())
    assert table["verdict"].unique().to_list() == ["undecided"]
    assert table["reason"].unique().to_list() == ["no closed window"]


def test_nothing_one_author_and_ten_models_are_undecided(crawl: Crawl) -> None:
    nothing = {name: TABLES[name].empty() for name in ("disruption_scores", "models", "lineage_edges")}
    one_author = crawl["models"].with_columns(author=pl.lit("one"))
    ten = crawl["disruption_scores"].filter(status="scored").head(10)
    for case in (
        found_in({**nothing, "network_summary": TABLES["network_summary"].empty()}, n_draws=20),
        found_in({**crawl, "models": one_author}, n_draws=20),
        found_in(crawl, ten, n_draws=20).filter(pl.col("index").is_not_null()),
    ):
        assert case.height > 0
        assert case["verdict"].unique().to_list() == ["undecided"]
        assert case["reason"].null_count() == 0


def test_the_same_seed_gives_the_same_table(crawl: Crawl, table: pl.DataFrame) -> None:
    shuffled = {name: frame.sample(fraction=1, shuffle=True, seed=4) for name, frame in crawl.items()}
    again = found_in(shuffled)
    assert again.drop("estimate", "low", "high").equals(table.drop("estimate", "low", "high"))
    for column in ("estimate", "low", "high"):
        assert (again[column] - table[column]).abs().max() < 1e-12  # type: ignore[operator]


def test_a_claim_is_open_until_its_quarters_are_closed(crawl: Crawl) -> None:
    models, edges = crawl["models"], crawl["lineage_edges"]
    scores = crawl["disruption_scores"]
    regression = score_regression(scored_models(scores, models, 90), models, edges, 90)
    early = findings(
        scores, models, edges, crawl["network_summary"], regression, AS_OF - timedelta(days=200), n_draws=20
    )
    assert row(early, "share_positive_a_year")["reason"] == "fewer than two closed quarters with a model"


@needs_shared
@pytest.mark.slow
def test_a_window_that_is_not_closed_is_undecided_where_a_shorter_one_is_filled(tmp_path: Path) -> None:
    source = FilesSource(SHARED / "data" / "weekly")
    crawl = take_crawl(source, date(2025, 5, 7), tmp_path, previous_crawl_date=None)
    edges = parse_lineage(crawl.models.lazy()).edges
    models = network_models(crawl.models.lazy(), edges)
    as_of = crawl.manifest["as_of"].item()
    table = findings(
        score_models(models, edges, as_of, [30, 90]),
        models,
        edges,
        TABLES["network_summary"].empty(),
        TABLES["score_regression"].empty(),
        as_of,
        n_draws=100,
    )
    open_ones = table.filter(window_days=90)
    assert open_ones["verdict"].unique().to_list() == ["undecided"]
    assert open_ones["reason"].unique().to_list() == ["no closed window"]
    filled = table.filter(window_days=30, index="mdi", measure="share_negative")
    assert filled.filter(population="scored")["n"].item() > 10_000
    assert filled["verdict"].to_list().count("holds") >= 2

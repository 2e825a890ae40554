"""When an asset follows its inputs."""

import dagster as dg
import pytest

from mdi_pipeline.home.folder import Home
from mdi_pipeline.orchestration.crawl_dates import CRAWL_DATES, add_dates
from mdi_pipeline.orchestration.definitions import build_defs
from mdi_pipeline_tests.orchestration.automation.conftest import DAYS, land


def test_all_but_the_crawl_follows_its_inputs(home: Home) -> None:
    graph = build_defs(home.path).resolve_asset_graph()
    without = {
        key.to_user_string() for key in graph.get_all_asset_keys() if graph.get(key).automation_condition is None
    }
    assert without == {"model_snapshots", "crawl_manifest"}


@pytest.fixture
def chain() -> dg.Definitions:
    """A crawl, what follows from it, what follows from that, and what spans all dates: under the real conditions."""
    from mdi_pipeline.orchestration.automation.conditions import follows_any_crawl, follows_inputs

    @dg.asset(partitions_def=CRAWL_DATES)
    def crawl() -> None: ...

    @dg.asset(partitions_def=CRAWL_DATES, deps=[crawl], automation_condition=follows_inputs())
    def scores() -> None: ...

    @dg.asset(partitions_def=CRAWL_DATES, deps=[scores], automation_condition=follows_inputs())
    def page() -> None: ...

    @dg.asset(deps=[scores], automation_condition=follows_any_crawl())
    def history() -> None: ...

    return dg.Definitions([crawl, scores, page, history])


def test_an_old_date_rewritten_recomputes_exactly_what_hangs_on_it(chain: dg.Definitions) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        add_dates(instance, DAYS)
        for day in DAYS:
            for asset in ("crawl", "scores", "page"):
                land(instance, asset, day, "1")
        land(instance, "history", None, "1")
        found, cursor = requested(chain, instance)
        assert found == set()
        land(instance, "crawl", DAYS[0], "2")
        found, cursor = requested(chain, instance, cursor)
        assert found == {("scores", str(DAYS[0]))}
        land(instance, "scores", DAYS[0], "2")
        found, cursor = requested(chain, instance, cursor)
        assert found == {("page", str(DAYS[0])), ("history", None)}


@pytest.mark.parametrize("follow_code", [True, False])
def test_other_code_makes_again_what_is_there_where_the_settings_say_so(follow_code: bool) -> None:
    from mdi_pipeline.orchestration.automation.conditions import follows_inputs

    def with_code(version: str) -> dg.Definitions:
        @dg.asset(partitions_def=CRAWL_DATES)
        def crawl() -> None: ...

        condition = follows_inputs(changed_code=follow_code)

        @dg.asset(partitions_def=CRAWL_DATES, deps=[crawl], code_version=version, automation_condition=condition)
        def scores() -> None: ...

        return dg.Definitions([crawl, scores])

    with dg.DagsterInstance.ephemeral() as instance:
        add_dates(instance, DAYS)
        for asset in ("crawl", "scores"):
            land(instance, asset, DAYS[0], "1")
        found, cursor = requested(with_code("1"), instance)
        assert found == set()
        found, cursor = requested(with_code("2"), instance, cursor)
        assert found == ({("scores", str(DAYS[0]))} if follow_code else set())
        assert requested(with_code("2"), instance, cursor)[0] == set()


def test_made_again_and_come_out_the_same_costs_nothing_below(chain: dg.Definitions) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        add_dates(instance, DAYS)
        for asset in ("crawl", "scores", "page"):
            land(instance, asset, DAYS[0], "1")
        _, cursor = requested(chain, instance)
        land(instance, "crawl", DAYS[0], "1")
        assert requested(chain, instance, cursor)[0] == set()


def test_a_run_that_made_all_of_a_date_leaves_nothing_to_follow(chain: dg.Definitions) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        add_dates(instance, DAYS)
        _, cursor = requested(chain, instance)
        for asset in ("crawl", "scores", "page"):
            land(instance, asset, DAYS[2], "1")
        land(instance, "history", None, "1")
        assert requested(chain, instance, cursor)[0] == set()


@pytest.mark.parametrize("passed", [True, False])
def test_nothing_follows_an_input_whose_blocking_check_failed(passed: bool) -> None:
    from mdi_pipeline.orchestration.automation.conditions import follows_inputs

    @dg.asset(
        partitions_def=CRAWL_DATES,
        check_specs=[dg.AssetCheckSpec("sound", asset="crawl", blocking=True, partitions_def=CRAWL_DATES)],
    )
    def crawl():
        return dg.MaterializeResult(check_results=[dg.AssetCheckResult(passed=passed)])

    @dg.asset(partitions_def=CRAWL_DATES, deps=[crawl], automation_condition=follows_inputs())
    def scores() -> None: ...

    with dg.DagsterInstance.ephemeral() as instance:
        add_dates(instance, DAYS)
        _, cursor = requested(dg.Definitions([crawl, scores]), instance)
        dg.materialize([crawl], partition_key=str(DAYS[0]), instance=instance, raise_on_error=False)
        found, _ = requested(dg.Definitions([crawl, scores]), instance, cursor)
    assert found == ({("scores", str(DAYS[0]))} if passed else set())


def requested(
    defs: dg.Definitions, instance: dg.DagsterInstance, cursor: object = None
) -> tuple[set[tuple[str, str | None]], object]:
    result = dg.evaluate_automation_conditions(defs, instance, cursor=cursor)  # type: ignore[arg-type]
    found = set()
    for evaluation in result.results:
        subset = evaluation.true_subset.get_internal_value()
        key = evaluation.key.to_user_string()
        if isinstance(subset, bool):
            found |= {(key, None)} if subset else set()
        else:
            found |= {(key, partition) for partition in subset.get_partition_keys()}
    return found, result.cursor

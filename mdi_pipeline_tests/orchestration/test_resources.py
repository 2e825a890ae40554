"""What a run can be configured with in Dagster: the settings of a run, and nothing that says where it works."""

from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster import Noneable

from mdi_pipeline.home.folder import Home
from mdi_pipeline.home.settings import SETTINGS, Settings, SettingsError, save_settings
from mdi_pipeline.orchestration.crawl_dates import add_dates
from mdi_pipeline.orchestration.definitions import build_defs
from mdi_pipeline.orchestration.jobs import JOB
from mdi_pipeline.orchestration.resources import PipelineResource
from mdi_pipeline_tests.home.test_sources import crawled

DAY = date(2026, 8, 22)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    save_settings(home, Settings(window_days=45, first_date=DAY))
    return home


def configuration(home: Home, resource: str) -> dict[str, dg.Field]:
    """The fields that a run can set of a resource."""
    definition = build_defs(home.path).resolve_job_def(JOB).resource_defs[resource]
    return definition.config_schema.as_field().config_type.fields


def run(home: Home, resources: dict[str, Any]) -> str:
    """Launch a crawl date as the UI does; the reason why it failed comes back."""
    job = build_defs(home.path).resolve_job_def(JOB)
    with dg.DagsterInstance.ephemeral() as instance:
        add_dates(instance, [DAY])
        result = job.execute_in_process(
            run_config={"resources": resources},
            instance=instance,
            partition_key=str(DAY),
            raise_on_error=False,
            asset_selection=[dg.AssetKey("model_snapshots"), dg.AssetKey("crawl_manifest")],
        )
    failure = result.get_step_failure_events()[0].step_failure_data.user_failure_data
    assert failure
    return str(failure.description)


def test_every_setting_of_a_run_can_be_configured_is_described_and_optional(home: Home) -> None:
    fields = configuration(home, "pipeline")
    assert set(fields) == {name for name, declared in SETTINGS.items() if declared.of_a_run} | {"force"}
    for name in set(fields) - {"force"}:
        assert not fields[name].is_required
        assert isinstance(fields[name].config_type, Noneable)
        assert SETTINGS[name].meaning in str(fields[name].description)
        assert SETTINGS[name].allowed in str(fields[name].description)


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"pipeline": {"config": {"home": "/elsewhere"}}},
        {"pipeline": {"resources": {"home": {"config": "/elsewhere"}}}},
        {"views": {"config": {"database": {"database": "/elsewhere"}}}},
    ],
)
def test_no_run_can_say_where_it_works(home: Home, elsewhere: dict[str, Any]) -> None:
    with pytest.raises(dg.DagsterInvalidConfigError, match="unexpected config entry"):
        run(home, elsewhere)


def test_what_a_run_is_configured_with_overrides_the_home(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def window(**overrides: Any) -> int:
        return PipelineResource(home=str(home.path), **overrides).partition(str(DAY)).settings.window_days

    assert window() == 45
    monkeypatch.setenv("MDI_WINDOW_DAYS", "60")
    assert window() == 60
    assert window(window_days=30) == 30
    with pytest.raises(SettingsError, match="window_days is 0; it must be a whole number"):
        window(window_days=0)


def test_a_value_that_is_refused_fails_the_run_in_one_line(home: Home) -> None:
    reason = run(home, {"pipeline": {"config": {"phases": ["moon"]}}})
    assert reason == 'phases is ["moon"]; it must be one or more of hub, tag, card, config, name'


def test_crawls_of_another_family_are_refused_however_a_run_is_launched(home: Home) -> None:
    crawled(home, DAY, "hub", "https://huggingface.co")
    assert "give those a home of their own" in run(home, {"pipeline": {"config": {"source": "demo"}}})
    assert "give those a home of their own" in run(home, {})
    home.settings_file.unlink()
    assert "its mdi.toml is gone. Make it again: mdi config --home" in run(home, {"pipeline": {"config": {}}})

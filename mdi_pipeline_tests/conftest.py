"""What the tests share: how properties are tested, and homes that were filled once."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from mdi_pipeline_tests.pipeline import TODAY_THERE, mdi, write_crawl

# The same examples every time, without a clock: CI's machines are slow by turns.
settings.register_profile(
    "steady", deadline=None, derandomize=True, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two dates of a small simulated Hub; not to be changed."""
    home = tmp_path_factory.mktemp("demo")
    result = mdi(home, "run", "--source", "demo", "--size", "2000", "--from", "2026-08-30", "--to", "2026-08-31")
    assert result.exit_code == 0, result.output
    return home


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures are not drawn, which is half of the work on a small crawl, where nobody looks at them."""
    monkeypatch.setattr("mdi_pipeline.report.figures.figure.chart_svg", lambda _: '<svg width="9" height="9"/>')


@pytest.fixture
def crawls(tmp_path: Path) -> Path:
    """A folder with one small crawl."""
    folder = tmp_path / "crawls"
    write_crawl(folder, TODAY_THERE, 300)
    return folder

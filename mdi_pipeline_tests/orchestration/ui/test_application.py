"""The home's reports beside Dagster's web application."""

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from mdi_pipeline.orchestration.ui.application import ReportFiles


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    """A browser on the reports of a home that has one, beside a file that is none of its."""
    page = tmp_path / "reports" / "2026-08-22" / "report.html"
    page.parent.mkdir(parents=True)
    page.write_text("<html><script>alert(1)</script></html>")
    (tmp_path / "mdi.toml").write_text("webhook = 'https://secret'")
    (page.parent / "link.html").symlink_to(tmp_path / "mdi.toml")
    return TestClient(Starlette(routes=[Mount("/mdi/reports", ReportFiles(directory=tmp_path / "reports"))]))


def test_a_report_is_served_and_runs_no_script(client: TestClient) -> None:
    served = client.get("/mdi/reports/2026-08-22/report.html")
    assert served.status_code == 200
    policy = served.headers["content-security-policy"]
    assert policy.startswith("sandbox")
    assert "default-src 'none'" in policy
    assert "script" not in policy
    assert served.headers["x-content-type-options"] == "nosniff"
    again = client.get("/mdi/reports/2026-08-22/report.html", headers={"If-None-Match": served.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "path",
    ["../mdi.toml", "%2e%2e/mdi.toml", "2026-08-22/..%2f..%2fmdi.toml", "2026-08-22/link.html", "2026-08-22", ""],
)
def test_nothing_else_is_served(client: TestClient, path: str) -> None:
    served = client.get(f"/mdi/reports/{path}")
    assert served.status_code == 404
    assert "secret" not in served.text

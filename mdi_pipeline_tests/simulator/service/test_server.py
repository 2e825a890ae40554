"""The routes over HTTP, answered and refused as the Hub does it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import httpx2
import pytest

from mdi_pipeline.simulator.service.archive import FILE, REPOSITORY, revision_of
from mdi_pipeline.simulator.service.quota import Quota
from mdi_pipeline.simulator.service.server import served
from mdi_pipeline_tests.simulator.hub_over_http import SIZE, hub


def test_a_page_is_as_the_hub_sends_it() -> None:
    with served(hub()) as endpoint:
        answer = httpx2.get(f"{endpoint}/api/models?limit=50&expand[]=cardData&expand=tags&filter=gguf")
        following = httpx2.get(answer.links["next"]["url"])
    records = answer.json()
    assert len(records) == 50
    assert all("gguf" in record["tags"] for record in records + following.json())
    assert {key for record in records for key in record} == {"_id", "id", "cardData", "tags"}
    assert answer.headers["ratelimit"].startswith('"api";r=')
    assert answer.headers["ratelimit-policy"] == '"fixed window";"api";q=100000;w=300'
    assert not {record["id"] for record in records} & {record["id"] for record in following.json()}


def test_the_links_lead_through_all_models_and_end() -> None:
    simulated = hub()
    ids: list[str] = []
    with served(simulated) as endpoint, httpx2.Client() as client:
        url: str | None = f"{endpoint}/api/models?expand=author"
        while url:
            answer = client.get(url)
            ids += [record["id"] for record in answer.json()]
            url = answer.links["next"]["url"] if "next" in answer.links else None
    assert len(ids) == len(set(ids)) == SIZE
    assert simulated.n_pages == simulated.n_calls == SIZE / 100


def test_a_field_that_is_not_there_is_refused_and_the_valid_ones_named() -> None:
    with served(hub("refused_expand")) as endpoint:
        answer = httpx2.get(f"{endpoint}/api/models?expand=baseModels")
    assert answer.status_code == 400
    assert '"cardData"' in answer.json()["error"]
    assert "baseModels" not in answer.json()["error"]


@pytest.mark.parametrize("query", ["sort=likes", "direction=1", "cursor=nonsense"])
def test_orders_and_cursors_that_the_hub_does_not_know_are_refused(query: str) -> None:
    with served(hub()) as endpoint:
        answer = httpx2.get(f"{endpoint}/api/models?{query}")
    assert answer.status_code == 400
    assert "error" in answer.json()


def test_calls_beyond_the_quota_are_refused_with_the_time_to_wait() -> None:
    simulated = hub(quota=Quota(calls=2, window=300))
    with served(simulated) as endpoint:
        answers = [httpx2.get(f"{endpoint}/api/models?limit=1") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].headers["ratelimit"].startswith('"api";r=0;t=')
    assert simulated.quota.n_refused == 1


def test_a_file_of_the_archive_is_that_of_its_revision(tmp_path: Path) -> None:
    days = [date(2026, 8, 1), date(2026, 8, 2)]
    simulated = hub(days=days, spool=tmp_path)
    with served(simulated) as endpoint:
        commits = httpx2.get(f"{endpoint}/api/datasets/{REPOSITORY}/commits/main").json()
        about = httpx2.get(f"{endpoint}/api/datasets/{REPOSITORY}").json()
        file = httpx2.get(f"{endpoint}/datasets/{REPOSITORY}/resolve/{commits[-1]['id']}/{FILE}")
    assert [commit["id"] for commit in commits] == [revision_of(day) for day in reversed(days)]
    assert about["sha"] == revision_of(days[-1])
    assert file.headers["x-repo-commit"] == revision_of(days[0])
    assert file.content == simulated.archive.file(days[0]).read_bytes()
    assert simulated.n_downloads == 1


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("api/datasets/nobody/nothing", "RepoNotFound"),
        (f"api/datasets/{REPOSITORY}/revision/0000", "RevisionNotFound"),
        (f"datasets/{REPOSITORY}/resolve/main/other.parquet", "EntryNotFound"),
    ],
)
def test_what_is_not_there_is_refused_with_the_hubs_own_code(tmp_path: Path, path: str, code: str) -> None:
    with served(hub(days=[date(2026, 8, 1)], spool=tmp_path)) as endpoint:
        answer = httpx2.get(f"{endpoint}/{path}")
    assert answer.status_code == 404
    assert answer.headers["x-error-code"] == code

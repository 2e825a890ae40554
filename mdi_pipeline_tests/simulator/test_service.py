"""The simulated Hub: paged, limited and described as the real one is known to be."""

import json
import random
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdi_pipeline.hub.live.listing import cursor_after
from mdi_pipeline.simulator.service.faults import FAULTS, OF_A_CALL, Faults
from mdi_pipeline.simulator.service.pages import ORDERS, BadCursor, SimulatedListing, cursor_of, place_of
from mdi_pipeline.simulator.service.quota import Quota
from mdi_pipeline.simulator.service.server import served
from mdi_pipeline_tests.shared import SHARED, needs_shared
from mdi_pipeline_tests.simulator.hub_over_http import SIZE, hub, models


def walk(listing: SimulatedListing, order: str, limit: int) -> list[dict[str, object]]:
    cursor, records = None, []
    while True:
        page, cursor = listing.page(order, limit, cursor, ["createdAt", "lastModified"], [])
        records += page
        if cursor is None:
            return records


@settings(max_examples=12)
@given(
    order=st.sampled_from(ORDERS),
    limit=st.integers(150, 1_000),
    n_changes=st.integers(0, 12),
    seed=st.integers(0, 100),
)
def test_pages_give_every_model_once_and_in_order(order: str, limit: int, n_changes: int, seed: int) -> None:
    listing = SimulatedListing(models())
    for number in range(n_changes):
        listing.churn(random.Random(seed + number))
    records = walk(listing, order, limit)
    ids = [record["id"] for record in records]
    assert len(set(ids)) == len(ids) == SIZE
    assert set(ids) == listing.ids()
    keys = [(record["lastModified"] if order == "lastModified" else "", record["_id"]) for record in records]
    assert keys == sorted(keys, reverse=True)


@given(st.text("0123456789abcdef", min_size=24, max_size=24), st.text(max_size=24))
def test_a_cursor_names_its_place(object_id: str, moment: str) -> None:
    assert place_of(cursor_of((moment, object_id), "lastModified"), "lastModified") == (moment, object_id)
    assert place_of(cursor_after(object_id), "createdAt") == ("", object_id)
    with pytest.raises(BadCursor):
        place_of("not a cursor", "createdAt")


@given(st.integers(1, 5), st.lists(st.floats(0, 7), max_size=40))
def test_a_window_admits_its_quota_and_no_more(calls: int, pauses: list[float]) -> None:
    now = [0.0]
    quota = Quota(calls=calls, window=10, clock=lambda: now[0])
    taken: dict[int, int] = {}
    for pause in pauses:
        now[0] += pause
        window = int(now[0] // 10)
        is_admitted = quota.take()
        assert is_admitted == (taken.get(window, 0) < calls)
        taken[window] = taken.get(window, 0) + is_admitted


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


def test_a_field_that_is_not_there_is_refused_and_the_valid_ones_named() -> None:
    with served(hub("refused_expand")) as endpoint:
        answer = httpx2.get(f"{endpoint}/api/models?expand=baseModels")
    assert answer.status_code == 400
    assert '"cardData"' in answer.json()["error"]
    assert "baseModels" not in answer.json()["error"]


def test_faults_strike_their_share_and_again_the_same_way() -> None:
    faults = Faults(frozenset(FAULTS), seed=3, share=0.1)
    struck = [faults.of_call(number) for number in range(2_000)]
    assert struck == [faults.of_call(number) for number in range(2_000)]
    for kind in OF_A_CALL:
        assert 0.07 < struck.count(kind) / 2_000 < 0.13
    with pytest.raises(ValueError, match="no fault lightning"):
        Faults(frozenset({"lightning"}))


def test_what_is_modified_comes_first() -> None:
    listing = SimulatedListing(models())
    oldest = listing.models["_id"][-1]
    record = listing.touch(oldest, datetime.now(UTC))
    again = listing.touch(oldest, datetime.now(UTC) + timedelta(seconds=1))
    assert again["likes"] == record["likes"] + 1
    assert walk(listing, "lastModified", 1_000)[0]["_id"] == oldest


@needs_shared
def test_a_folder_of_crawls_can_be_served(tmp_path) -> None:
    from mdi_pipeline.simulator.service.hubs import folder_hub

    served_hub = folder_hub(SHARED / "data" / "radar", tmp_path, quota=Quota(), faults=Faults())
    assert served_hub.listing.models.height == 15_156
    assert [str(day) for day in served_hub.archive.days] == [f"2026-08-{day}" for day in range(19, 23)]
    record = json.loads(served_hub.listing.models["line"][0])
    assert isinstance(record["tags"], list)
    assert isinstance(record["cardData"], dict)


@pytest.mark.slow
def test_the_command_serves() -> None:
    command = "from mdi_pipeline.cli import main; main()"
    arguments = ["simulate-hub", "--size", "2000", "--port", "18231"]
    with subprocess.Popen([sys.executable, "-c", command, *arguments], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert "2,000 models" in process.stdout.readline()
            transport = httpx2.HTTPTransport(retries=8)
            with httpx2.Client(transport=transport) as client:
                assert len(client.get("http://127.0.0.1:18231/api/models?limit=10").json()) == 10
        finally:
            process.terminate()

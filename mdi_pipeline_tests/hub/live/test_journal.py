"""Pages as they are kept, and answers that are no pages."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdi_pipeline.hub.live.client import Answer
from mdi_pipeline.hub.live.journal import Journal, PageDamaged


def answer(text: str) -> Answer:
    return Answer(text, None, datetime.now(UTC))


@pytest.mark.parametrize("text", ["", "[", '[{"id": "a/b"}', '{"error": "no"}', "null", "<html>", '[{"a": 1}] x'])
def test_what_is_no_whole_list_is_no_page(tmp_path: Path, text: str) -> None:
    journal = Journal(tmp_path)
    with pytest.raises(PageDamaged):
        journal.add(answer(text), fields=(), n_requests=1, seconds_waited=0)
    assert not list(tmp_path.iterdir())
    assert not Journal(tmp_path).pages


@settings(max_examples=20)
@given(
    odd=st.lists(st.sampled_from(["null", "7", "[]", "{}", '"\\ud800"', '{"_id": 3}']), max_size=4),
    at=st.integers(0, 3),
)
def test_odd_records_leave_the_others_and_the_cursor_alone(
    tmp_path_factory: pytest.TempPathFactory, odd: list[str], at: int
) -> None:
    records = [f'{{"_id": "{number:024x}", "id": "a/{number}"}}' for number in (9, 8, 7)]
    texts = [*records[:at], *odd, *records[at:]]
    folder = tmp_path_factory.mktemp("journal")
    page = Journal(folder).add(answer(f"[{','.join(texts)}]"), fields=("tags",), n_requests=1, seconds_waited=0)
    assert page.n_records == len(texts)
    assert page.last_id == f"{7:024x}"
    assert Journal(folder).pages == [page]

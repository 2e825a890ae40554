"""A crawl without what every later step needs is refused, and the message says what came instead."""

import pytest

from mdi_pipeline.hub.required_fields import require_fields
from mdi_pipeline.hub.source import SourceError


@pytest.mark.parametrize("parents", ["tags", "cardData", "baseModels"])
def test_times_and_one_field_that_names_parents_are_enough(parents: str) -> None:
    require_fields({"id", "createdAt", parents}, {"id", "createdAt", parents}, "crawl.jsonl")


def test_h2_records_of_ids_alone_are_refused_by_name() -> None:
    with pytest.raises(SourceError) as refused:
        require_fields({"id"}, {"_id", "id"}, "https://huggingface.co/api/models")
    assert str(refused.value) == (
        "https://huggingface.co/api/models: no record has createdAt, which is needed. What was found: _id, id."
    )


def test_m5_a_crawl_without_any_field_that_names_parents_is_refused() -> None:
    with pytest.raises(SourceError, match="no record has tags, cardData or baseModels, of which one is needed"):
        require_fields({"id", "createdAt"}, {"id", "createdAt", "labels"}, "crawl.jsonl")


def test_m5_names_from_the_source_are_cut_escaped_and_counted() -> None:
    with pytest.raises(SourceError) as refused:
        require_fields(set(), {"\x1b[31m", "x" * 5_000, *(f"y{number:04}" for number in range(100))}, "crawl.jsonl")
    message = str(refused.value)
    assert message.isprintable()
    assert r"\x1b[31m" in message
    assert "and 82 more" in message
    assert len(message) < 1_000
    with pytest.raises(SourceError, match="no fields at all"):
        require_fields(set(), set(), "crawl.jsonl")

"""Versions that follow each other."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mdi_pipeline.lineage.parsing import parse_lineage
from mdi_pipeline.lineage.successors import lineage_successors
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline_tests.lineage.crawls import crawl, model

START = datetime(2024, 1, 1, tzinfo=UTC)


def successors(*names: str | tuple[str, int], **fields: Any) -> list[tuple[object, ...]]:
    days = [(name, place) if isinstance(name, str) else name for place, name in enumerate(names)]
    snapshots = crawl(*(model(name, START + timedelta(days=day), **fields) for name, day in days))
    found = TABLES["lineage_successors"].conform(lineage_successors(snapshots, parse_lineage(snapshots).edges))
    return found.select("successor_id", "predecessor_id").rows()


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["a/m-v1", "a/m-v2", "a/m-v10"], [("a/m-v10", "a/m-v2"), ("a/m-v2", "a/m-v1")]),
        (["a/m", "a/m-v2"], [("a/m-v2", "a/m")]),
        (["a/m", "a/m-v1", "a/m-v2"], [("a/m-v2", "a/m-v1")]),
        (["a/m-v1.5-8b", "a/m-v1.10-8b"], [("a/m-v1.10-8b", "a/m-v1.5-8b")]),
        (["a/m_V1", "a/m-v2"], [("a/m-v2", "a/m_V1")]),
        (["a/m-v1", "b/m-v2"], []),
        (["a/m-v1", "a/m-v2-GGUF"], []),
        (["a/v1", "a/v2"], []),
        ([("a/m-v1", 5), ("a/m-v2", 1)], []),
        (["a/m", "a/n"], []),
        ([], []),
    ],
)
def test_versions_follow_each_other(names: list[str], expected: list[tuple[str, str]]) -> None:
    assert successors(*names) == expected


def test_they_are_no_edges_and_it_is_said_where_one_is_declared() -> None:
    snapshots = crawl(
        model("a/m-v1", START), model("a/m-v2", START, card_base_models=["a/m-v1"]), model("a/m-v3", START)
    )
    edges = parse_lineage(snapshots).edges
    assert edges["child_id"].to_list() == ["a/m-v2"]
    assert lineage_successors(snapshots, edges).select("successor_id", "declares_it").rows() == [
        ("a/m-v2", True),
        ("a/m-v3", False),
    ]

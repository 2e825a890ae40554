"""What is written where an id belongs."""

import pytest

from mdi_pipeline.lineage.parsing import parse_lineage
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline_tests.lineage.crawls import crawl, edges, model, rejected


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("a/b, c/d", "list_in_text"),
        ("a/b,c/d", "list_in_text"),
        ("['a/b', 'c/d']", "list_in_text"),
        ('["a/b", "c/d"]', "list_in_text"),
        ("[a/b]", "list_in_text"),
        ("'a/b'; `c/d`", "list_in_text"),
        ("a/b + c/d", "list_in_text"),
        ("a/b and c/d", "list_in_text"),
        ("a/b c/d", "list_in_text"),
        ("- a/b\n- c/d", "list_in_text"),
        ("some-model, another-model", "list_in_text"),
        ("huggingface.co/a/b", "url"),
        ("hf.co/a/b", "url"),
        ("HuggingFace.co/a/b", "url"),
        ("www.huggingface.co/a/b", "url"),
        ("modelscope.cn/models/a/b", "url"),
        ("[a/b](https://huggingface.co/a/b)", "url"),
        ("[a/b](/a/b)", "url"),
        ("<https://huggingface.co/a/b>", "url"),
        ("a/b, https://huggingface.co/c/d", "url"),
        ("outputs/run 1, outputs/run 2", "local_path"),
        ("see the paper", "not_an_id"),
        ("fine-tuned from a/b", "not_an_id"),
        ("/data/a, /data/b", "local_path"),
        ("outputs/a/b, outputs/c/d", "local_path"),
        ("checkpoint-500", "local_path"),
        ("final_model", "local_path"),
        ("outputs", "local_path"),
        ("outputs/checkpoint-500", "local_path"),
        ("results/my-lora", "local_path"),
    ],
)
def test_m9_the_reason_says_what_was_written(written: str, reason: str) -> None:
    lineage = parse_lineage(crawl(model("k/x", card_base_models=[written])))
    assert rejected(lineage) == [("k/x", written.strip(), "card", reason)]
    assert lineage.edges.is_empty()
    assert TABLES["lineage_rejected"].conform(lineage.rejected).height == 1


@pytest.mark.parametrize("written", ["a/b, c/d", "['a/b', 'c/d']", "A/B and c/d", "a/b\nc/d"])
def test_m9_the_ids_of_a_list_in_a_text_are_used_where_all_are_known(written: str) -> None:
    known = [model("a/b"), model("k/other", tags=["base_model:c/d"])]
    lineage = parse_lineage(crawl(model("k/x", card_base_models=[written]), *known))
    assert lineage.edges.filter(child_id="k/x")["parent_id"].to_list() == ["a/b", "c/d"]
    assert rejected(lineage) == [("k/x", written, "card", "list_in_text")]


def test_m9_a_list_in_a_text_of_which_an_id_is_unknown_makes_no_edge_and_no_stub() -> None:
    lineage = parse_lineage(crawl(model("k/x", card_base_models=["a/b, c/d"]), model("a/b")))
    assert lineage.edges.is_empty()
    assert lineage.models["model_id"].to_list() == ["a/b", "k/x"]


def test_m9_a_list_in_a_text_takes_the_relation_that_is_stated() -> None:
    child = model("k/x", card_base_models=["a/b, a/c"], card_base_model_relation="finetune")
    lineage = parse_lineage(crawl(child, model("a/b"), model("a/c")))
    assert edges(lineage, "relation", "relation_declared") == [
        ("k/x", "a/b", "finetune", True),
        ("k/x", "a/c", "finetune", True),
    ]

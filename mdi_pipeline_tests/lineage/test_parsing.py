"""What the metadata declares, and which edges come of it."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from mdi_pipeline.hub.files import FilesSource
from mdi_pipeline.lineage.parsing import parse_lineage
from mdi_pipeline.tables.catalogue import TABLES
from mdi_pipeline.tables.vocabulary import RELATIONS
from mdi_pipeline_tests.lineage.crawls import crawl, edges, model, rejected
from mdi_pipeline_tests.shared import SHARED, needs_shared


def test_the_hubs_own_resolution_is_the_strongest_phase() -> None:
    child = model(
        "a/child",
        base_models=["o/base"],
        base_model_relation="quantized",
        tags=["base_model:o/base", "base_model:finetune:o/base"],
        card_base_models=["o/base"],
    )
    lineage = parse_lineage(crawl(child, model("o/base")))
    assert edges(lineage, "relation", "phase", "resolution", "relation_declared") == [
        ("a/child", "o/base", "quantized", "hub", "exact", True)
    ]


def test_phases_are_united_edge_by_edge() -> None:
    child = model("a/child", tags=["base_model:o/one", "base_model:merge:o/one"], card_base_models=["o/one", "o/two"])
    lineage = parse_lineage(crawl(child, model("o/one"), model("o/two")))
    assert edges(lineage, "phase") == [("a/child", "o/one", "tag"), ("a/child", "o/two", "card")]


def test_a_stated_relation_of_a_weaker_phase_counts_where_the_stronger_states_none() -> None:
    child = model("a/child", base_models=["o/base"], tags=["base_model:o/base", "base_model:adapter:o/base"])
    lineage = parse_lineage(crawl(child, model("o/base")))
    assert edges(lineage, "relation", "phase") == [("a/child", "o/base", "adapter", "hub")]


def test_a_lone_typed_tag_is_a_candidate_and_no_edge() -> None:
    lineage = parse_lineage(crawl(model("a/child", tags=["base_model:finetune:o/base"]), model("o/base")))
    assert lineage.edges.is_empty()
    assert lineage.candidates.select("child_id", "parent_id", "phase", "rule").rows() == [
        ("a/child", "o/base", "tag", "lone_tag")
    ]


def test_a_phase_that_is_left_out_makes_candidates() -> None:
    child = model("a/child", tags=["base_model:o/one"], card_base_models=["o/one", "o/two"])
    lineage = parse_lineage(crawl(child, model("o/one"), model("o/two")), phases=("hub", "tag"))
    assert edges(lineage) == [("a/child", "o/one")]
    assert lineage.candidates.select("parent_id", "rule").rows() == [("o/two", "card")]


def test_inference_speaks_only_for_children_without_a_parent() -> None:
    lineage = parse_lineage(
        crawl(
            model("a/declared", card_base_models=["o/base"], config_base_model="o/other"),
            model("a/silent", config_base_model="o/base"),
            model("o/base"),
        )
    )
    assert edges(lineage) == [("a/declared", "o/base")]
    assert lineage.candidates.select("child_id", "parent_id", "relation", "phase").rows() == [
        ("a/silent", "o/base", "adapter", "config")
    ]


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("None", "empty"),
        ("https://huggingface.co/o/base", "url"),
        ("/data/model_base", "local_path"),
        ("./checkpoints", "local_path"),
        ("outputs/run/checkpoints/last", "local_path"),
        ("C:\\Models\\Apriel-5B", "local_path"),
        ("models/", "local_path"),
        ("o/ba se", "not_an_id"),
        ("A fine model!", "not_an_id"),
        ("a/child", "self_loop"),
        ("A/Child", "self_loop"),
    ],
)
def test_what_is_no_parent_is_rejected_with_the_reason(written: str, reason: str) -> None:
    lineage = parse_lineage(crawl(model("a/child", card_base_models=[written])))
    assert lineage.edges.is_empty()
    assert rejected(lineage) == [("a/child", written.strip(), "card", reason)]


@pytest.mark.parametrize(
    ("declared", "parent", "resolution"),
    [
        ("Qwen/Qwen3-4B", "Qwen/Qwen3-4B", "exact"),
        ("qwen/qwen3-4b", "Qwen/Qwen3-4B", "case"),
        ("two/Spellings", "two/Spellings", "unresolved"),
        ("declared/By-The-Hub", "declared/By-The-Hub", "exact"),
        ("declared/by-the-hub", "declared/By-The-Hub", "case"),
        ("gpt2", "openai-community/gpt2", "alias"),
        ("GPT2", "openai-community/gpt2", "alias"),
        ("former/name", "present/name", "alias"),
        ("Former/Name", "present/name", "alias"),
        ("nobody/knows", "nobody/knows", "unresolved"),
        ("bare", "bare", "unresolved"),
    ],
)
def test_a_declared_id_is_resolved(declared: str, parent: str, resolution: str) -> None:
    lineage = parse_lineage(
        crawl(
            model("a/child", card_base_models=[declared]),
            model("Qwen/Qwen3-4B"),
            model("two/spellings"),
            model("two/SPELLINGS"),
            model("b/child", tags=["base_model:declared/By-The-Hub"]),
            model("c/child", tags=["base_model:present/name"], card_base_models=["former/name"]),
        )
    )
    found = lineage.edges.filter(child_id="a/child").select("parent_id", "resolution").row(0)
    assert found == (parent, resolution)


def test_a_bare_name_means_the_only_prominent_model_that_carries_it() -> None:
    copies = [model(f"a/copy-{i}", tags=["base_model:Qwen/Qwen3-4B"]) for i in range(10)]
    lineage = parse_lineage(crawl(model("a/child", card_base_models=["Qwen3-4B"]), *copies))
    assert edges(lineage, "resolution")[0] == ("a/child", "Qwen/Qwen3-4B", "alias")


def test_a_bare_name_of_two_models_that_differ_by_case_stays_unresolved() -> None:
    copies = [model(f"a/copy-{i}", tags=[f"base_model:{('Qwen/Qwen3', 'o/QWEN3')[i % 2]}"]) for i in range(20)]
    lineage = parse_lineage(crawl(model("a/child", card_base_models=["qwen3"]), *copies))
    assert edges(lineage, "resolution")[0] == ("a/child", "qwen3", "unresolved")


@pytest.mark.parametrize(
    ("fields", "relation"),
    [
        ({}, "finetune"),
        ({"tags": ["peft"]}, "adapter"),
        ({"tags": ["LoRA", "gguf"]}, "adapter"),
        ({"library_name": "peft"}, "adapter"),
        ({"tags": ["gguf"]}, "quantized"),
        ({"library_name": "gguf"}, "quantized"),
        ({"tags": ["mlx", "4-bit"]}, "quantized"),
        ({"tags": ["mlx"]}, "finetune"),
        ({"tags": ["8-bit"]}, "finetune"),
        ({"tags": ["merge", "mergekit"]}, "finetune"),
        ({"card_base_models": ["o/base", "o/other"], "tags": ["gguf"]}, "merge"),
    ],
)
def test_the_relation_is_inferred_where_none_is_stated(fields: dict[str, object], relation: str) -> None:
    lineage = parse_lineage(crawl(model("a/child", **{"card_base_models": ["o/base"], **fields}), model("o/base")))
    assert set(lineage.edges.select("relation", "relation_declared").rows()) == {(relation, False)}


def test_children_older_than_their_parent_are_kept_and_flagged() -> None:
    old, young = datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)
    lineage = parse_lineage(
        crawl(
            model("a/old", old, card_base_models=["o/young"]),
            model("a/unknown", None, card_base_models=["o/young"]),
            model("a/young", young, card_base_models=["o/young"]),
            model("o/young", young),
        )
    )
    assert edges(lineage, "time_reversed") == [
        ("a/old", "o/young", True),
        ("a/unknown", "o/young", False),
        ("a/young", "o/young", False),
    ]


def test_cycles_are_kept() -> None:
    lineage = parse_lineage(crawl(model("a/a", card_base_models=["b/b"]), model("b/b", card_base_models=["a/a"])))
    assert edges(lineage) == [("a/a", "b/b"), ("b/b", "a/a")]


def test_an_empty_crawl_has_no_lineage() -> None:
    lineage = parse_lineage(crawl())
    for table, frame in (("lineage_edges", lineage.edges), ("lineage_rejected", lineage.rejected)):
        assert TABLES[table].conform(frame).is_empty()


@pytest.mark.parametrize(
    ("fields", "relations"),
    [
        # The Hub says adapter of one parent; the card names a second one.
        (
            {
                "library_name": "peft",
                "tags": ["lora", "base_model:a/p", "base_model:adapter:a/p"],
                "card_base_models": ["a/p", "a/q"],
            },
            ["adapter", "adapter"],
        ),
        # A plain tag beside a typed one.
        ({"tags": ["base_model:a/p", "base_model:quantized:a/p", "base_model:a/q"]}, ["quantized", "quantized"]),
        # The Hub's own resolution states it, tags and card add parents.
        (
            {
                "base_models": ["a/p"],
                "base_model_relation": "adapter",
                "tags": ["base_model:a/p", "base_model:a/q"],
                "card_base_models": ["a/p", "a/q", "a/r"],
            },
            ["adapter", "adapter", "adapter"],
        ),
        # The card calls it a merge, the Hub does not.
        (
            {
                "tags": ["base_model:a/p", "base_model:finetune:a/p"],
                "card_base_models": ["a/p", "a/q"],
                "card_base_model_relation": "merge",
            },
            ["finetune", "finetune"],
        ),
        # Two relations of one parent: the first in the Hub's order.
        (
            {
                "tags": ["base_model:a/p", "base_model:adapter:a/p", "base_model:quantized:a/p"],
                "card_base_models": ["a/p", "a/q"],
            },
            ["adapter", "adapter"],
        ),
        # Tags that differ from parent to parent stay as they are; a further parent has what most of them say.
        (
            {
                "tags": [
                    *("base_model:a/p", "base_model:adapter:a/p", "base_model:a/q", "base_model:finetune:a/q"),
                    *("base_model:a/r", "base_model:adapter:a/r"),
                ],
                "card_base_models": ["a/s"],
            },
            ["adapter", "finetune", "adapter", "adapter"],
        ),
        # What states the relation is a parent that can't be used.
        (
            {
                "tags": ["base_model:/data/llama", "base_model:adapter:/data/llama"],
                "card_base_models": ["a/p", "a/q"],
            },
            ["adapter", "adapter"],
        ),
        (
            {"tags": ["base_model:c/x", "base_model:quantized:c/x"], "card_base_models": ["a/p", "a/q"]},
            ["quantized"] * 2,
        ),
    ],
)
def test_m1_the_relation_is_the_childs_whichever_phase_adds_a_parent(
    fields: dict[str, object], relations: list[str]
) -> None:
    lineage = parse_lineage(crawl(model("c/x", **fields), *(model(f"a/{name}") for name in "pqrs")))
    assert lineage.edges["relation"].to_list() == relations
    assert lineage.edges["relation_declared"].all()


def test_m1_a_lone_tag_and_a_guess_state_no_relation_for_other_parents() -> None:
    lineage = parse_lineage(
        crawl(
            model("c/x", tags=["base_model:adapter:a/p"], card_base_models=["a/q", "a/r"], config_base_model="a/p"),
            *(model(f"a/{name}") for name in "pqr"),
        )
    )
    assert edges(lineage, "relation") == [("c/x", "a/q", "merge"), ("c/x", "a/r", "merge")]
    assert lineage.candidates.select("parent_id", "relation").rows() == [("a/p", "adapter")]


def test_m1_a_candidate_of_a_left_out_phase_has_the_childs_relation_too() -> None:
    child = model("c/x", tags=["base_model:a/p", "base_model:adapter:a/p"], card_base_models=["a/p", "a/q", "a/r"])
    lineage = parse_lineage(crawl(child, *(model(f"a/{name}") for name in "pqr")), phases=("hub", "tag"))
    assert lineage.candidates.select("parent_id", "relation").rows() == [("a/q", "adapter"), ("a/r", "adapter")]


@needs_shared
def test_m1_the_merges_of_a_real_crawl_are_those_that_the_hub_calls_so_and_those_of_which_it_says_nothing(
    tmp_path: Path,
) -> None:
    """278 came out as merges where the Hub's tags call 52 so."""
    source = FilesSource(SHARED / "data" / "radar")
    snapshots = source.crawl(source.dates()[-1], tmp_path).records.collect()
    lineage = parse_lineage(snapshots.lazy())
    merges = lineage.edges.filter(relation="merge")
    tagged = snapshots.filter(pl.col("tags").list.eval(pl.element().str.starts_with("base_model:merge:")).list.any())
    stated = merges.filter("relation_declared")["child_id"].unique()
    assert set(stated) == set(tagged["model_id"])
    assert stated.len() == 52
    assert merges.filter(~pl.col("relation_declared"))["child_id"].n_unique() == 6
    silent = merges.filter(~pl.col("relation_declared"))
    typed = [f"base_model:{relation}:" for relation in RELATIONS]
    tags = snapshots.join(silent, left_on="model_id", right_on="child_id", how="semi").explode("tags")["tags"]
    assert not [tag for tag in tags if tag and tag.startswith(tuple(typed))]


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [2, 3, 0, 1]])
def test_m8_resolution_decides_before_spelling(order: list[int]) -> None:
    tags = ["base_model:meta/L", "base_model:finetune:meta/L", "base_model:Meta/l", "base_model:quantized:Meta/l"]
    lineage = parse_lineage(crawl(model("c/x", tags=[tags[place] for place in order]), model("meta/L")))
    assert edges(lineage, "relation", "resolution", "declared_parent") == [
        ("c/x", "meta/L", "finetune", "exact", "meta/L")
    ]


def test_m8_the_exact_spelling_counts_among_parents_of_the_card_too() -> None:
    child = model("c/x", card_base_models=["GPT2", "OPENAI-COMMUNITY/gpt2", "openai-community/gpt2"])
    lineage = parse_lineage(crawl(child, model("openai-community/gpt2")))
    assert edges(lineage, "resolution", "declared_parent") == [
        ("c/x", "openai-community/gpt2", "exact", "openai-community/gpt2")
    ]


@pytest.mark.parametrize("written", ["quantized", "Quantized", " QUANTIZED ", '["quantized"]', "['Quantized']"])
@pytest.mark.parametrize("phase", ["card", "hub"])
def test_m9_a_relation_in_any_case_or_in_a_list_of_one_is_read(written: str, phase: str) -> None:
    prefix = "card_" if phase == "card" else ""
    child = model("k/x", **{f"{prefix}base_models": ["o/b"], f"{prefix}base_model_relation": written})
    assert edges(parse_lineage(crawl(child, model("o/b"))), "relation", "relation_declared") == [
        ("k/x", "o/b", "quantized", True)
    ]


@pytest.mark.parametrize("written", ['["quantized","merge"]', "distilled", "[]", "not quantized", ""])
def test_m9_what_is_no_relation_of_the_hubs_states_none(written: str) -> None:
    child = model("k/x", card_base_models=["o/b"], card_base_model_relation=written)
    assert edges(parse_lineage(crawl(child, model("o/b"))), "relation", "relation_declared") == [
        ("k/x", "o/b", "finetune", False)
    ]


def test_m9_a_tags_type_is_read_in_any_case() -> None:
    child = model("k/x", tags=["base_model:o/b", "base_model:Quantized:o/b"])
    assert edges(parse_lineage(crawl(child, model("o/b"))), "relation", "phase") == [("k/x", "o/b", "quantized", "tag")]


@needs_shared
def test_a_real_crawl_loses_no_declaration(tmp_path: Path) -> None:
    """Every declaration is an edge, a candidate or rejected; figures of the data's own description."""
    source = FilesSource(SHARED / "data" / "radar")
    snapshots = source.crawl(source.dates()[-1], tmp_path).records.collect()
    lineage = parse_lineage(snapshots.lazy())
    accounted = pl.concat(
        [
            lineage.resolved.select("child_id", "declared_parent", "phase"),
            lineage.rejected.select("child_id", "declared_parent", "phase"),
        ]
    ).unique()
    tagged = snapshots.select("model_id", "tags").explode("tags").drop_nulls("tags")["tags"]
    assert tagged.str.starts_with("base_model:").any()
    assert accounted.filter(phase="tag").height == _distinct_tag_parents(snapshots)
    pairs = pl.concat([lineage.edges, lineage.candidates], how="diagonal").select("child_id", "parent_id").unique()
    missing = lineage.resolved.join(pairs, on=["child_id", "parent_id"], how="anti")
    assert missing.is_empty()
    assert lineage.rejected.filter(phase="tag", reason="self_loop").height == 23
    named_by_case = lineage.edges.filter(phase="card", resolution="case")
    assert named_by_case.height > 100
    known = {spelled.lower() for spelled in snapshots["model_id"]}
    unresolved = lineage.edges.filter(resolution="unresolved")["parent_id"]
    assert not [parent for parent in unresolved if parent.lower() in known]


def _distinct_tag_parents(snapshots: pl.DataFrame) -> int:
    """Counted the plain way: a set of pairs."""
    pairs = set()
    for model_id, tags in snapshots.select("model_id", "tags").iter_rows():
        for tag in tags or []:
            if tag.startswith("base_model:"):
                named = tag.removeprefix("base_model:")
                relation, _, rest = named.partition(":")
                pairs.add((model_id, rest if relation in {"finetune", "adapter", "merge", "quantized"} else named))
    return len(pairs)

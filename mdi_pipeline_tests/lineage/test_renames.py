"""Models that a crawl knows by a former name."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from mdi_pipeline.lineage.parsing import parse_lineage
from mdi_pipeline_tests.lineage.crawls import crawl, edges, model, rejected


def test_a_former_name_makes_no_second_parent() -> None:
    """The Hub's tag has the present name, the card the former one: one repository, one edge."""
    child = model(
        "a/child",
        tags=["base_model:meta/Llama", "base_model:finetune:meta/Llama"],
        card_base_models=["meta/Meta-Llama"],
    )
    lineage = parse_lineage(crawl(child, model("meta/Llama")))
    assert edges(lineage, "phase", "relation") == [("a/child", "meta/Llama", "tag", "finetune")]


def test_a_former_name_of_which_children_disagree_stays_unresolved_where_no_tag_tells() -> None:
    """Each of the two that disagree has the parent of its own tag: card and tag come from one declaration."""
    lineage = parse_lineage(
        crawl(
            model("a/one", tags=["base_model:present/one"], card_base_models=["former/name"]),
            model("a/two", tags=["base_model:present/two"], card_base_models=["former/name"]),
            model("a/untold", card_base_models=["former/name"]),
        )
    )
    assert edges(lineage, "resolution") == [
        ("a/one", "present/one", "exact"),
        ("a/two", "present/two", "exact"),
        ("a/untold", "former/name", "unresolved"),
    ]


def at(month: int) -> datetime:
    return datetime(2025, month, 1, tzinfo=UTC)


RENAMED = [
    model("org/new", at(1)),
    model("org/old", at(6)),
    model("k/tells", at(3), tags=["base_model:org/new"], card_base_models=["org/old"]),
]


def test_m2_a_former_name_that_another_model_took_makes_no_second_parent() -> None:
    """The Hub's tag has the present name, the card the former one, which a younger model has now."""
    child = model(
        "k/c0", at(3), tags=["base_model:org/new", "base_model:finetune:org/new"], card_base_models=["org/old"]
    )
    lineage = parse_lineage(crawl(model("org/new", at(1)), model("org/old", at(6)), child))
    assert edges(lineage, "relation", "phase", "resolution", "time_reversed") == [
        ("k/c0", "org/new", "finetune", "tag", "exact", False)
    ]
    assert lineage.models["model_id"].to_list() == ["k/c0", "org/new", "org/old"]


@pytest.mark.parametrize(
    ("child", "parents"),
    [
        # The card alone names it, and the model of that name is younger than the child: the one before is meant.
        (model("k/x", at(3), card_base_models=["org/old"]), [("org/new", "alias")]),
        (model("k/x", at(3), card_base_models=["Org/Old"]), [("org/new", "alias")]),
        # Not younger, or of unknown age: what is written is meant.
        (model("k/x", at(7), card_base_models=["org/old"]), [("org/old", "exact")]),
        (model("k/x", None, card_base_models=["org/old"]), [("org/old", "exact")]),
        # The Hub's tag names it too.
        (model("k/x", at(3), tags=["base_model:org/old"], card_base_models=["org/old"]), [("org/old", "exact")]),
        # Two names are left over on each side: not one for one, but one of the renames is known.
        (
            model("k/x", at(3), tags=["base_model:org/new", "base_model:b/b"], card_base_models=["org/old", "c/c"]),
            [("b/b", "exact"), ("org/new", "exact")],
        ),
        # The others differ by nothing but case.
        (
            model("k/x", at(3), tags=["base_model:b/B", "base_model:d/d"], card_base_models=["b/b", "org/old"]),
            [("b/B", "exact"), ("d/d", "exact")],
        ),
    ],
)
def test_m2_which_model_a_name_means_that_two_have_had(
    child: dict[str, object], parents: list[tuple[str, str]]
) -> None:
    lineage = parse_lineage(crawl(child, *RENAMED))
    found = lineage.edges.filter(child_id="k/x").sort("parent_id").select("parent_id", "resolution").rows()
    assert found == parents


def test_m2_a_parent_renamed_more_than_once_is_followed_to_its_present_name() -> None:
    names = ["o/first", "o/second", "o/third", "o/fourth"]
    steps = [
        model(f"k/{number}", tags=[f"base_model:{later}"], card_base_models=[former])
        for number, (former, later) in enumerate(pairwise(names))
    ]
    lineage = parse_lineage(crawl(*steps, model("k/x", card_base_models=["o/first"]), model("o/fourth")))
    assert lineage.edges.filter(child_id="k/x").select("parent_id", "resolution").row(0) == ("o/fourth", "alias")


def test_m2_names_that_were_swapped_lead_nowhere() -> None:
    lineage = parse_lineage(
        crawl(
            model("k/one", tags=["base_model:o/b"], card_base_models=["o/a"]),
            model("k/two", tags=["base_model:o/a"], card_base_models=["o/b"]),
            model("k/x", card_base_models=["o/a"]),
        )
    )
    assert edges(lineage) == [("k/one", "o/b"), ("k/two", "o/a"), ("k/x", "o/a")]


def test_m2_the_hubs_own_resolution_has_the_present_name_before_a_tag() -> None:
    child = model(
        "k/x",
        base_models=["org/new"],
        tags=["base_model:org/old", "base_model:quantized:org/old"],
        card_base_models=["org/old"],
    )
    lineage = parse_lineage(crawl(child, model("org/new"), model("org/old")))
    assert edges(lineage, "relation", "phase") == [("k/x", "org/new", "quantized", "hub")]


def test_m2_a_model_that_names_itself_by_its_former_name_is_no_child_of_a_stub() -> None:
    child = model("k/new", tags=["base_model:k/new", "base_model:finetune:k/new"], card_base_models=["k/old"])
    lineage = parse_lineage(crawl(child))
    assert lineage.edges.is_empty()
    assert rejected(lineage) == [("k/new", "k/new", "tag", "self_loop"), ("k/new", "k/old", "card", "self_loop")]


def test_m2_a_card_that_names_the_model_itself_tells_no_former_name() -> None:
    child = model("k/x", tags=["base_model:o/base"], card_base_models=["k/x"])
    lineage = parse_lineage(crawl(child, model("o/base")))
    assert edges(lineage) == [("k/x", "o/base")]
    assert rejected(lineage) == [("k/x", "k/x", "card", "self_loop")]

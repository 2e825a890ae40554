"""Which model a name means, and what is said of the guess."""

from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from mdi_pipeline.lineage.parsing import parse_lineage
from mdi_pipeline_tests.lineage.crawls import crawl, model

OLD, YOUNG = datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)


def owned(model_id: str, created_at: datetime = OLD, **fields: Any) -> dict[str, Any]:
    return model(model_id, created_at, author=model_id.split("/", maxsplit=1)[0], **fields)


def guess(child: dict[str, Any], *others: dict[str, Any]) -> tuple[Any, ...] | None:
    lineage = parse_lineage(crawl(child, *others))
    found = lineage.candidates.filter(child_id=child["model_id"], phase="name")
    return found.select("parent_id", "relation", "rule").rows()[0] if found.height else None


def declaring(parent: str, n: int = 2) -> list[dict[str, Any]]:
    return [owned(f"fan{i}/tune-of-{i}", YOUNG, tags=[f"base_model:{parent}"]) for i in range(n)]


def test_the_owners_own_model() -> None:
    assert guess(owned("a/Phi-GGUF", YOUNG), owned("a/Phi"), owned("b/Phi"), owned("c/Phi")) == (
        "a/Phi",
        "quantized",
        "gguf/root",
    )


def test_the_owner_in_the_name() -> None:
    assert guess(owned("bart/o_Phi-GGUF", YOUNG), owned("o/Phi"), owned("p/Phi")) == (
        "o/Phi",
        "quantized",
        "gguf/root",
    )


def test_the_model_that_others_declare() -> None:
    found = guess(owned("x/Phi-AWQ", YOUNG), owned("o/Phi"), owned("p/Phi"), *declaring("o/Phi"))
    assert found == ("o/Phi", "quantized", "low_bits/root")


def test_a_declared_model_that_the_crawl_lacks() -> None:
    assert guess(owned("x/Phi-AWQ", YOUNG), *declaring("o/Phi")) == ("o/Phi", "quantized", "low_bits/root")


def test_the_only_one_is_obscure_where_nobody_declares_it() -> None:
    assert guess(owned("x/Phi-LoRA", YOUNG), owned("o/Phi")) == ("o/Phi", "adapter", "adapter/obscure")


def test_the_only_one_that_is_old_enough() -> None:
    child = owned("x/Phi-GGUF", datetime(2024, 6, 1, tzinfo=UTC))
    assert guess(child, owned("o/Phi"), owned("p/Phi", YOUNG)) == ("o/Phi", "quantized", "gguf/obscure")


@pytest.mark.parametrize(
    "others",
    [
        [],
        [owned("o/Phi"), owned("p/Phi")],
        [owned("o/Phi", YOUNG)],
        [owned("o/Phi-4bit")],
        [owned("o/Phi-mini")],
    ],
    ids=["none", "two", "younger", "packaged itself", "another name"],
)
def test_no_guess_where_nothing_or_too_much_fits(others: list[dict[str, Any]]) -> None:
    assert guess(owned("x/Phi-GGUF", OLD), *others) is None


def test_spelled_differently_is_obscure() -> None:
    found = guess(owned("x/phi-awq", YOUNG), owned("o/Phi"), *declaring("o/Phi"))
    assert found == ("o/Phi", "quantized", "low_bits/obscure")


@pytest.mark.parametrize("parent", [owned("o/Phi", tags=["base_model:z/base"]), owned("o/Phi-heretic")])
def test_a_parent_that_is_derived_itself(parent: dict[str, Any]) -> None:
    name = parent["model_id"].split("/")[1]
    found = guess(owned(f"x/{name}-GGUF", YOUNG), parent, *declaring(parent["model_id"]))
    assert found == (parent["model_id"], "quantized", "gguf/derivative")


def test_a_word_that_may_be_part_of_a_name() -> None:
    fans = declaring("o/Phi")
    assert guess(owned("x/Phi-MTP-GGUF", YOUNG), owned("o/Phi"), *fans) == ("o/Phi", "quantized", "gguf/loose")
    with_variant = guess(owned("o/Phi-MTP-GGUF", YOUNG), owned("o/Phi"), owned("o/Phi-MTP"), *fans)
    assert with_variant == ("o/Phi-MTP", "quantized", "gguf/root")


def test_weights_as_trained_may_be_named_for_their_precision() -> None:
    found = guess(owned("o/Phi-GGUF", YOUNG), owned("o/Phi-BF16"))
    assert found is not None
    assert found[0] == "o/Phi-BF16"


def test_guesses_are_made_only_of_models_without_a_parent() -> None:
    child = owned("a/Phi-GGUF", YOUNG, card_base_models=["z/other"])
    assert guess(child, owned("a/Phi")) is None


def test_same_models_in_another_order_give_the_same_bytes() -> None:
    models = [
        owned(f"o{i}/Phi{j}{end}", YOUNG if end else OLD) for i in range(4) for j in range(3) for end in ("", "-GGUF")
    ]
    there, back = parse_lineage(crawl(*models)).candidates, parse_lineage(crawl(*reversed(models))).candidates
    key = ["child_id", "parent_id"]
    assert there.height > 0
    assert pl.concat([there.sort(key)]).equals(back.sort(key))

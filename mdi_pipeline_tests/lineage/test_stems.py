"""Stripping the trailing markers off names, beside a plain reading of the same rules."""

import re

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdi_pipeline.lineage.markers import FAMILIES, NUMBERINGS, QUALIFIERS, VARIANTS
from mdi_pipeline.lineage.stems import plain_name, with_stems

FAMILY_OF = {shape: family for family in reversed(FAMILIES) for shape in family.shapes}
ORDER = [family.name for family in FAMILIES]


def plainly_stripped(name: str) -> tuple[str | None, str | None, str | None]:
    """Family, stem and variant of a name, word by word."""
    words = name.split("-")
    found: list[str] = []
    at_variant = None
    loose = False
    while len(words) > 1 and len(words[0]) > 0:
        shape = re.sub(r"\d+(?:[._]\d+)*", "#", words[-1])
        family = FAMILY_OF.get(shape)
        if family:
            repackages = [entry.name for entry in FAMILIES if entry.repackages]
            if found and family.name not in found and not {family.name, *found} <= set(repackages):
                break
            found.append(family.name)
        elif shape in VARIANTS:
            if not loose and found:
                at_variant = "-".join(words)
            loose = True
        elif shape in QUALIFIERS or (shape in NUMBERINGS and not found):
            pass
        else:
            break
        words.pop()
    if not found:
        return None, None, None
    stem = "-".join(words)
    return min(found, key=ORDER.index), stem, at_variant if loose else stem


def stripped(*names: str) -> list[tuple[str | None, str | None, str | None]]:
    return with_stems(pl.DataFrame({"name": names}, schema={"name": pl.String})).drop("name").rows()


def concrete(shape: str) -> st.SearchStrategy[str]:
    return st.sampled_from(["2", "16", "4.25", "0731"]).map(lambda number: shape.replace("#", number))


every_shape = [shape for family in FAMILIES for shape in family.shapes] + [*QUALIFIERS, *VARIANTS, *NUMBERINGS]
words = st.one_of(
    st.sampled_from(every_shape).flatmap(concrete), st.sampled_from(["qwen", "8b", "instruct", "v2", "x", "2507"])
)


@given(st.lists(words, min_size=1, max_size=8).map("-".join))
def test_names_are_stripped_as_a_plain_reading_strips_them(name: str) -> None:
    assert stripped(name) == [plainly_stripped(name)]


@given(st.lists(st.lists(words, min_size=1, max_size=8).map("-".join), max_size=6))
def test_a_name_is_stripped_alike_in_any_company(names: list[str]) -> None:
    assert stripped(*names) == [row for name in names for row in stripped(name)]


unnumbered = st.one_of(
    st.sampled_from([shape for shape in every_shape if shape not in NUMBERINGS]).flatmap(concrete),
    st.sampled_from(["qwen", "8b", "instruct", "x"]),
)


@given(st.lists(unnumbered, min_size=1, max_size=5).map("-".join))
def test_one_more_packaging_leaves_the_stem(name: str) -> None:
    """Where no version or date stands in it: those go with a marker only at the end of a name."""
    (family, stem, _), (_, packed_stem, _) = stripped(name, f"{name}-gguf")
    if family in ("gguf", "mlx", "exported", "low_bits"):
        assert packed_stem == stem


def test_a_version_inside_a_name_stays() -> None:
    assert [stem for _, stem, _ in stripped("qwen-gguf-v2", "qwen-gguf-v2-gguf")] == ["qwen", "qwen-gguf-v2"]


@pytest.mark.parametrize(
    ("model_id", "family", "stem"),
    [
        ("meta-llama/Llama-3.1-8B-Instruct-Q4_K_M-GGUF", "gguf", "llama-3.1-8b-instruct"),
        ("a/Qwen3-4B-IQ4_XS-GGUF", "gguf", "qwen3-4b"),
        ("a/model-unsloth-bnb-4bit", "low_bits", "model-unsloth"),
        ("a/Mistral-7B-exl2-6.0bpw", "low_bits", "mistral-7b"),
        ("a/Mistral-7B-i1-GGUF", "gguf", "mistral-7b"),
        ("a/phi-4-lora-v2", "adapter", "phi-4"),
        ("a/phi-4-lora-2025", "adapter", "phi-4"),
        ("a/phi-4-heretic-GGUF", "gguf", "phi-4-heretic"),
        ("a/phi-4-lora-GGUF", "gguf", "phi-4-lora"),
        ("a/phi_4_mlx_4bit", "mlx", "phi-4"),
        ("a/GGUF", None, None),
        ("a/MiniMax-H3", None, None),
        ("a/model-v2", None, None),
        ("bare-awq", "low_bits", "bare"),
    ],
)
def test_families_of_names(model_id: str, family: str | None, stem: str | None) -> None:
    names = pl.DataFrame({"id": [model_id]}).select(name=plain_name(pl.col("id")))
    assert with_stems(names).select("family", "stem").row(0) == (family, stem)


def test_each_shape_is_listed_once() -> None:
    assert len(every_shape) == len(set(every_shape))

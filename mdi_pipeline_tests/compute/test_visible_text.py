"""Text of unknown origin, as it may be shown."""

import json

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdi_pipeline.compute.visible_text import shortened, visible, visible_json, without_formulas

CODES = {
    "\x00": r"\x00", "\x07": r"\x07", "\t": r"\t", "\n": r"\n", "\r": r"\r", "\x1b": r"\x1b", "\x7f": r"\x7f",
    "\x85": r"\x85", "\x9b": r"\x9b", "\u061c": r"\u061c", "\u200e": r"\u200e", "\u202e": r"\u202e",
    "\u2028": r"\u2028", "\u2066": r"\u2066", "\u2069": r"\u2069", "\ud800": r"\ud800", "\uffff": r"\uffff",
}  # fmt: skip


@pytest.mark.parametrize("character", CODES, ids=map(ascii, CODES))
def test_s7_control_characters_are_shown_as_their_code(character: str) -> None:
    assert visible(f"a{character}b") == f"a{CODES[character]}b"


@given(st.text())
def test_s7_what_is_visible_stays_and_stays_so(text: str) -> None:
    assert visible(visible(text)) == visible(text)
    assert visible(text).isprintable() or not text.isprintable()


@pytest.mark.parametrize("text", ["Qwen/Qwen3-8B", "мир/世界 😀", "a\u200db", "naïve", "\\x1b"])
def test_s7_other_text_is_left_alone(text: str) -> None:
    assert visible(text) == text


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers())
def test_s3_json_says_the_same_without_what_xml_forbids(text: str, number: int) -> None:
    shown = json.loads(visible_json({"a": [text, {"b": number}]}))["a"]
    assert shown[1] == {"b": number}
    assert visible(shown[0].replace("\n", "")) == shown[0].replace("\n", "")
    if visible(text) == text and max(text, default="") <= "\uffff":
        assert shown[0] == text


@pytest.mark.parametrize(
    "text", ["\x01", "\\\x01", "\\\\\x01", "\\u0001", "\\\\u0001", "\x7f\x9f", '"\x1b"', "\uffff\\"]
)
def test_s3_json_with_backslashes(text: str) -> None:
    shown = json.loads(visible_json({"a": text}))["a"]
    codes = {"\x01": "\\u0001", "\x7f": "\\u007f", "\x9f": "\\u009f", "\x1b": "\\u001b", "\uffff": "\\uffff"}
    assert shown == "".join(codes.get(character, character) for character in text)


def test_s13_formulas_become_text_and_numbers_stay() -> None:
    data = pl.DataFrame(
        {
            "task": [
                "=1+1+cmd()",
                "+1",
                "-1",
                "@x",
                "\t=1",
                "\r=1",
                "\n=1",
                "\uff1d1",
                "text-generation",
                "'=1",
                "",
                None,
            ],
            "value": [-1.5] * 12,
            "count": [-1] * 12,
        }
    )
    written = without_formulas(data)
    assert written["task"].to_list() == [
        "'=1+1+cmd()", "'+1", "'-1", "'@x", "'\t=1", "'\r=1", "'\n=1", "'\uff1d1", "text-generation", "'=1", "", None,
    ]  # fmt: skip
    assert written.drop("task").equals(data.drop("task"))


def test_long_texts_keep_both_ends() -> None:
    assert shortened("abcdefghij", 10) == "abcdefghij"
    assert shortened("abcdefghij", 5) == "ab…ij"

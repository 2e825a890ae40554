from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdi_pipeline.report.prose.wording import percent, percent_interval, share_words, signed


@pytest.mark.parametrize(
    ("share", "decimals", "written"),
    [(0, 0, "0"), (1, 2, "100"), (0.824, 0, "82"), (0.0004, 0, "<1"), (0.9996, 1, ">99.9"), (0.0345, 1, "3.5")],
)
def test_percent(share: float, decimals: int, written: str) -> None:
    assert percent(share, decimals) == written


@given(st.floats(0, 1, exclude_min=True, exclude_max=True), st.integers(0, 2))
def test_only_none_and_all_are_written_0_and_100(share: float, decimals: int) -> None:
    assert percent(share, decimals) not in ("0", "0.0", "0.00", "100", "100.0", "100.00")


def test_decimals_follow_the_interval() -> None:
    assert percent_interval(0.824, 0.71, 0.9) == ("82 %", "[71, 90]")
    assert percent_interval(0.0345, 0.031, 0.0381) == ("3.5 %", "[3.1, 3.8]")
    assert percent_interval(0.9944, 0.9922, 0.9962) == ("99.44 %", "[99.22, 99.62]")


def test_no_interval_says_why() -> None:
    row = {"estimate": 0.5, "low": None, "high": None, "n_authors": 1}
    assert share_words(row) == "50 % [one author]"
    assert share_words(row | {"estimate": None}) == "undecided"


def test_signed() -> None:
    assert [signed(value) for value in (0.834, -1, 0.001, -0.001, 2126.7)] == [
        "+0.83",
        "−1.00",
        "0.00",
        "0.00",
        "+2,126.70",
    ]

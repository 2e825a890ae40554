"""Pages as they are kept, and answers that are no pages."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdi_pipeline.hub.live.client import Answer
from mdi_pipeline.hub.live.journal import Journal, Page
from mdi_pipeline.hub.live.page_text import PageDamaged, is_broken

DEEP = 1_100


def answer(body: str | bytes, cursor: str | None = None) -> Answer:
    return Answer(body if isinstance(body, bytes) else body.encode(), cursor, datetime.now(UTC))


def drafted(journal: Journal, body: str | bytes, *, damaged: bool = False) -> Page:
    return journal.draft(answer(body), fields=("tags",), n_requests=1, seconds_waited=0, damaged=damaged)


def kept(journal: Journal, body: str | bytes, *, damaged: bool = False) -> Page:
    page = drafted(journal, body, damaged=damaged)
    journal.keep(page)
    return page


def lines(journal: Journal) -> list[str]:
    return pl.read_parquet(journal.files)["line"].to_list()


def record(number: int, rest: str = "") -> str:
    return f'{{"_id": "{number:024x}", "id": "a/{number}"{rest}}}'


@pytest.mark.parametrize("damaged", [False, True])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "[",
        '[{"id": "a/b"}',
        '{"error": "no"}',
        "null",
        "<html>",
        "\ufeff <html>",
        '[{"a": 1}] x',
        '["\\ud800',
        "[}",
    ],
)
def test_what_is_no_whole_list_is_no_page(tmp_path: Path, text: str, damaged: bool) -> None:
    journal = Journal(tmp_path)
    with pytest.raises(PageDamaged):
        drafted(journal, text, damaged=damaged)
    assert not list(tmp_path.iterdir())
    assert not Journal(tmp_path).pages


@settings(max_examples=20)
@given(
    odd=st.lists(st.sampled_from(["null", "7", "[]", "{}", '"\\ud800"', '{"_id": 3}', '"],["']), max_size=4),
    at=st.integers(0, 3),
)
def test_odd_records_leave_the_others_and_the_cursor_alone(
    tmp_path_factory: pytest.TempPathFactory, odd: list[str], at: int
) -> None:
    records = [record(number) for number in (9, 8, 7)]
    texts = [*records[:at], *odd, *records[at:]]
    folder = tmp_path_factory.mktemp("journal")
    journal = Journal(folder)
    page = kept(journal, f"[{','.join(texts)}]")
    assert page.n_records == len(texts) == len(lines(journal))
    assert page.last_id == f"{7:024x}"
    assert Journal(folder).pages == [page]


@pytest.mark.parametrize("beside", ["", ', "author": "\\ud800"'])
@pytest.mark.parametrize("depth", [DEEP, 100_000])
def test_s9_a_record_nested_deep_at_a_pages_end_is_one_record(tmp_path: Path, depth: int, beside: str) -> None:
    nested = record(7, f', "cardData": {"[" * depth}{"]" * depth}')
    journal = Journal(tmp_path)
    page = kept(journal, f"[{record(9, beside)},{record(8)},{nested}]")
    assert (page.n_records, page.last_id) == (3, f"{7:024x}")
    assert len(lines(journal)[2]) > 2 * depth


def test_h3_a_byte_order_mark_is_no_part_of_a_page(tmp_path: Path) -> None:
    assert kept(Journal(tmp_path), b"\xef\xbb\xbf" + f"[{record(9)}]".encode()).n_records == 1


def test_h3_a_page_torn_inside_a_character_is_damaged(tmp_path: Path) -> None:
    accented = record(8, ', "author": "\u00e9"')
    whole = f"[{record(9)},{accented}]".encode()
    torn = whole[: whole.index("\u00e9".encode()) + 1]
    for damaged in (False, True):
        with pytest.raises(PageDamaged):
            drafted(Journal(tmp_path), torn, damaged=damaged)


def test_bytes_that_are_no_text_cost_their_record_where_the_hub_holds_them(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    author = record(8, ', "author": "@"')
    body = f"[{record(9)},{author},{record(7)}]".encode().replace(b"@", b"\xff")
    with pytest.raises(PageDamaged, match="not UTF-8"):
        drafted(journal, body)
    page = kept(journal, body, damaged=True)
    assert (page.n_records, page.last_id) == (3, f"{7:024x}")
    assert [line for line in lines(journal) if not is_broken(line)] == [record(9), record(7)]


@pytest.mark.parametrize("harm", ["emptied", "torn", "no page of ours", "misses one before"])
def test_s6_pages_that_cannot_be_read_are_dropped_with_those_after_them(tmp_path: Path, harm: str) -> None:
    journal = Journal(tmp_path)
    pages = [kept(journal, f"[{record(9 - number)}]") for number in range(4)]
    file = journal.files[2]
    if harm == "emptied":
        file.write_bytes(b"")
    elif harm == "torn":
        file.write_bytes(file.read_bytes()[:-20])
    elif harm == "no page of ours":
        pl.DataFrame({"line": ["x"]}).write_parquet(file)
    else:
        file.unlink()
    again = Journal(tmp_path)
    assert again.pages == pages[:2]
    assert len(again.files) == 2


def test_the_fields_that_records_have_are_known_whatever_their_names(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    drafted(journal, '[{"id": "a", "tags": null, "a\\"b": 1}, 7, {"tags": null, "x": []}, "\\ud800"]')
    assert journal.fields_found() == ({"id", 'a"b', "x"}, {"id", "tags", 'a"b', "x"})

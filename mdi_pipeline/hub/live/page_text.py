"""The records in the text of a page, one by one, where no parser takes the page as a whole."""

from __future__ import annotations

import json
import re

MARKED = "\x1a"
"""Stands for bytes that are not UTF-8. JSON does not admit it inside a text: just the record around it is broken."""

BEFORE_TEXT = b"\xef\xbb\xbf \t\r\n"
"""What may stand before the first character of a text: a byte-order mark and blanks."""

_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|["\[\]{},]', re.DOTALL)
"""A text, or one of the characters that build lists and objects. A quote alone: a text without an end."""

_OPENING, _CLOSING = frozenset("[{"), frozenset("]}")


class PageDamaged(Exception):
    """A page is not a whole JSON list."""


def decoded(body: bytes, *, damaged: bool) -> str:
    """The text of a page; a byte-order mark does not belong to it.

    Raises `PageDamaged` where it is not UTF-8, unless `damaged` pages are wanted: then with `MARKED` in those places.
    """
    if body.lstrip(BEFORE_TEXT).startswith(b"<"):
        raise PageDamaged(
            "a page is HTML and not JSON: something between here and the Hub answers in its place. "
            "Log in at your network's login page, or check HF_ENDPOINT and the proxy"
        )
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if not damaged:
            raise PageDamaged(f"a page is not UTF-8 at byte {error.start:,}") from None
        return body.decode("utf-8-sig", errors="replace").replace("\ufffd", MARKED)


def records_in(text: str) -> list[str]:
    """The texts of the records of a page, whatever is inside them. Raises `PageDamaged` where its list has no end."""
    records: list[str] = []
    depth, start = 0, 0
    for token in _TOKEN.finditer(text):
        char = token[0]
        if char == '"':
            raise PageDamaged("a page is broken JSON: a text in it has no end")
        if char in _OPENING:
            depth += 1
            if depth == 1:
                if char != "[" or text[: token.start()].strip():
                    break
                start = token.end()
        elif char in _CLOSING:
            depth -= 1
            if depth <= 0:
                if char != "]" or text[token.end() :].strip():
                    break
                last = text[start : token.start()].strip()
                return [*records, last] if last or records else records
        elif char == "," and depth == 1:
            records.append(text[start : token.start()].strip())
            start = token.end()
    raise PageDamaged("a page is broken JSON: it is no list, or one without an end")


def is_broken(record: str) -> bool:
    """Whether Python's parser refuses a record too; it is the more lenient one."""
    try:
        json.loads(record)
    except RecursionError:
        return False  # Nested too deep for it, not broken.
    except ValueError:
        return True
    return False

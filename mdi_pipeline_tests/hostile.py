"""Texts that mean harm, a crawl full of them, and what may be in what is made from it."""

import csv
import json
import re
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

HTML = (
    "<script>window.pwned=1</script>",
    '"><img src=x onerror=window.pwned=1>',
    "</svg><script>window.pwned=1</script><svg onload=window.pwned=1>",
    "'><iframe srcdoc='<script>parent.pwned=1</script>'>",
    "</style></title></textarea><script>window.pwned=1</script><!--",
    "javascript:window.pwned=1//",
    "&lt;b&gt;&#x3c;script&#x3e;]]>{{ 7 * 7 }}{% raw %}",
)
RICH = ("[red]x[/red]", "evil/[/]x", "[link=https://evil.example]x[/link]", ":warning:[/bold][")
MARKDOWN = (
    "![x](https://evil.example/x.png)",
    "](https://evil.example) [x](javascript:window.pwned=1)",
    "`x`|a|b|**c**_d_~~e~~\\",
    "<img src=x onerror=window.pwned=1>$x$",
)
SQL = ("'; DROP TABLE models; --", "' OR 1=1 --", "\"; ATTACH '/tmp/evil' AS evil; --", "$1?:x")
TERMINAL = (
    "\x1b[2J\x1b[31mred\x1b[0m",
    "\x1b]52;c;ZXZpbA==\x07",
    "\x1b]8;;https://evil.example\x1b\\x\x1b]8;;\x1b\\",
    "\x9b2J\x9d0;title\x9c",
    "\u202etxt.exe\u2066x\u2069\u200f",
    "a\x00b\x01c\x08d\x7fe\x85f",
    "two\nlines\rand\ttabs\x0b\x0c\u2028\u2029",
    "\ufffe\uffff\u061c",
)
FORMULAS = ("=1+1+cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "\uff1d1+1")
LONG = ("\U0001f600" * 2_500, "x" * 10_000, "<b>" * 3_400, "\x1b" * 10_000)

ALL = (*HTML, *RICH, *MARKDOWN, *SQL, *TERMINAL, *FORMULAS, *LONG)

DAY = date(2026, 8, 22)
N_CHILDREN = 11

INVISIBLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]")
"""What may stand nowhere that people look at; line feeds apart."""

ELEMENTS = frozenset({
    "html", "head", "meta", "title", "style", "body", "header", "main", "section", "nav", "p", "h1", "h2",
    "h3", "a", "b", "strong", "small", "span", "div", "ul", "ol", "li", "dl", "dt", "dd", "code", "details",
    "summary", "figure", "figcaption", "table", "thead", "tbody", "tr", "th", "td", "svg", "g", "path",
    "rect", "circle", "line", "text", "tspan", "defs", "clippath", "lineargradient", "stop",
})  # fmt: skip
"""The elements of the page: none runs or loads anything."""


def write_hostile_crawl(folder: Path, texts: tuple[str, ...]) -> None:
    """A crawl in which each text is the name of an author and of a model, a task, a library, a tag and a licence.

    A model an hour, all of one parent, so that those which have ten later siblings are ranked. The first texts have
    the most models: their tasks are in the figures. Each text has a model with children, as far as it can be a parent.
    """
    folder.mkdir(parents=True)
    born = datetime(2026, 1, 1, tzinfo=UTC)
    records = [{"id": "lab/base", "createdAt": born.isoformat(), "tags": [], "pipeline_tag": "text-generation"}]
    for number, text in enumerate(texts):
        parent = f"{text}/{number}{text}"
        of_base = [parent, *(f"{parent}-{again}" for again in range(20 - number))]
        hour = len(records)
        records += [_record(one, "lab/base", born + timedelta(hours=hour + i), text) for i, one in enumerate(of_base)]
        records += [
            _record(f"{parent}.{child}", parent, born + timedelta(days=60, hours=hour + child), text)
            for child in range(N_CHILDREN)
        ]
    lines = "\n".join(json.dumps(record) for record in records)
    (folder / f"{DAY}.jsonl").write_text(lines)


def _record(model_id: str, parent: str, born: datetime, text: str) -> dict[str, object]:
    return {
        "id": model_id,
        "author": text,
        "createdAt": born.isoformat(),
        "pipeline_tag": text,
        "library_name": text,
        "tags": [f"base_model:{parent}", f"base_model:finetune:{parent}", f"license:{text}", text],
        "cardData": {"license": text, "base_model": parent},
        "config": {"architectures": [text], "model_type": text},
        "downloads": 1,
        "likes": 1,
    }


class _Page(HTMLParser):
    """Finds what a page could do."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ELEMENTS:
            self.wrong.append(tag)
        for name, value in attrs:
            if name.startswith("on") or name in {"src", "srcdoc", "xlink:href", "action", "formaction"}:
                self.wrong.append(f"{tag} {name}={value}")
            if name == "href" and not re.match(r"#|https://(huggingface\.co|arxiv\.org)/", value or ""):
                self.wrong.append(f"{tag} {name}={value}")


def wrong_in_page(page: str) -> list[str]:
    """Elements, attributes and addresses of a page that have no place there, and invisible characters."""
    parser = _Page()
    parser.feed(page)
    return [*parser.wrong, *INVISIBLE.findall(page)]


def wrong_in_svg(file: Path) -> list[str]:
    """Elements and attributes of a picture that have no place there. Raises `ParseError` where it is no XML."""
    text = file.read_text(encoding="utf-8")
    wrong = INVISIBLE.findall(text)
    for element in ET.fromstring(text).iter():
        if element.tag.rpartition("}")[2].lower() not in ELEMENTS:
            wrong.append(element.tag)
        wrong += [name for name in element.attrib if name.startswith("on") or "href" in name]
    return wrong


def wrong_in_csv(file: Path) -> list[str]:
    """Cells that a spreadsheet would compute."""
    with file.open(encoding="utf-8", newline="") as opened:
        cells = [cell for row in csv.reader(opened) for cell in row]
    return [cell for cell in cells if cell[:1] in tuple("=+-@\t\r\n\uff1d") and cell and not _is_number(cell)]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text[0] == "-"

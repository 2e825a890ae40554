"""Where the report of a crawl date is kept: a page, and its figures as files to cite.

What a page was made from stands in its own head (`Stamp`). The figures are put in place first and the page last, so
that a page vouches for both: a kill at any moment leaves the page that was there, or the whole new one.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from mdi_pipeline.compute.durable import replace_durably
from mdi_pipeline.lake.store import LakeError, Stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

REPORT = "report"
"""What the report is called beside the tables."""

MARK = re.compile(rb'<meta name="mdi-made-from" content="([A-Za-z0-9_=-]+)">')
HEAD_BYTES = 65_536
"""The mark stands at the start of a page; no more of it is read."""

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Page:
    """A report as it was made: the page, and what writes its figures into a folder."""

    html: str
    write_figures: Callable[..., None]

    def with_png(self) -> Page:
        """The page, its figures written as PNG too."""
        return replace(self, write_figures=partial(self.write_figures, png=True))


class Reports:
    """The reports of one home, by crawl date."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def page(self, crawl_date: date) -> Path:
        """The page of a crawl date."""
        return self.root / str(crawl_date) / "report.html"

    def figures(self, crawl_date: date) -> Path:
        """The folder of the figures of a crawl date, as files to cite."""
        return self.root / str(crawl_date) / "figures"

    def stamp(self, crawl_date: date) -> Stamp | None:
        """What a report was made from; None where there is none, or not a whole one."""
        if not self.figures(crawl_date).is_dir():
            return None
        try:
            with self.page(crawl_date).open("rb") as opened:
                found = MARK.search(opened.read(HEAD_BYTES))
        except FileNotFoundError:
            return None
        return Stamp.from_metadata(json.loads(urlsafe_b64decode(found.group(1)))) if found else None

    def write(
        self, crawl_date: date, page: Page, made_from: Mapping[str, object], libraries: Mapping[str, str]
    ) -> Stamp:
        """Put a report in place, whole; its stamp comes back. Raises `LakeError` where the disk refuses."""
        target = self.page(crawl_date)
        content = sha256(page.html.encode()).hexdigest()[:16]
        stamp = Stamp(made_from, {"page": content}, libraries, SCHEMA_VERSION)
        mark = urlsafe_b64encode(json.dumps(stamp.metadata(), sort_keys=True).encode()).decode()
        marked = page.html.replace("<head>", f'<head>\n<meta name="mdi-made-from" content="{mark}">', 1)
        try:
            # Beside its place, not in the lake: that may be a disk of its own.
            target.parent.mkdir(parents=True, exist_ok=True)
            with TemporaryDirectory(prefix=".", dir=target.parent) as folder:
                workspace = Path(folder)
                page.write_figures(workspace / "figures")
                staged = workspace / "report.html"
                staged.write_text(marked, encoding="utf-8")
                _replace_folder(workspace / "figures", self.figures(crawl_date), workspace / "before")
                replace_durably(staged, target)
        except OSError as error:
            raise LakeError(f"{target} could not be written: {error}. Make it again: mdi report") from error
        return stamp


def _replace_folder(staged: Path, target: Path, aside: Path) -> None:
    """Put a whole folder in the place of another; in between there is none, but never a part of one."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        target.rename(aside)
    staged.rename(target)

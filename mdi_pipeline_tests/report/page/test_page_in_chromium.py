"""The page as a browser lays it out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mdi_pipeline.report.inputs import ReportInputs
from mdi_pipeline.report.page.page import build_report
from mdi_pipeline_tests.chromium import dumped_dom, needs_chromium, needs_fonts

pytestmark = [pytest.mark.slow, needs_chromium, needs_fonts]

# Headless Chromium does not open windows below 500 pixels, so the page stands in a frame of the width asked for.
MEASURE = """<!DOCTYPE html><body><iframe src="report.html" style="border:0;width:{width}px;height:900px"></iframe>
<p id="found"></p><script>
document.querySelector("iframe").onload = event => {{
  const page = event.target.contentDocument, root = page.documentElement
  const sizes = [...page.querySelectorAll("svg text")].map(text => {{
    const box = text.getBoundingClientRect(), svg = text.closest("svg").getBoundingClientRect()
    return [box.left < svg.left - 1 || box.right > svg.right + 1, text.textContent]
  }})
  const smallest = Math.min(...[...page.querySelectorAll("figure svg")].map(svg =>
    11 * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width))
  const cut = sizes.filter(([outside, text]) => outside && text.trim()).map(([_, text]) => text)
  document.getElementById("found").textContent =
    `scroll=${{root.scrollWidth}} inner=${{event.target.contentWindow.innerWidth}} ` +
    `smallest=${{smallest}} cut=[${{cut.join("|")}}]`
}}
</script>"""


def laid_out(page: str, width: int, folder: Path) -> dict[str, str]:
    """What Chromium finds on the page at that width."""
    (folder / "report.html").write_text(page, encoding="utf-8")
    (folder / "measure.html").write_text(MEASURE.format(width=width), encoding="utf-8")
    dom = dumped_dom(
        (folder / "measure.html").as_uri(),
        folder / "profile",
        "--allow-file-access-from-files",
        "--window-size=1400,1000",
        "--virtual-time-budget=10000",
    )
    found = re.search(
        r"scroll=(?P<scroll>\d+) inner=(?P<inner>\d+) smallest=(?P<smallest>[\d.]+) cut=\[(?P<cut>.*)\]", dom
    )
    assert found, dom[-2000:]
    return found.groupdict()


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_runs_over_the_edge_and_figures_stay_legible(width: int, inputs: ReportInputs, tmp_path: Path) -> None:
    found = laid_out(build_report(inputs), width, tmp_path)
    assert int(found["inner"]) == width
    assert int(found["scroll"]) <= width
    assert float(found["smallest"]) >= 10
    assert found["cut"] == ""


def test_the_measurement_can_fail(tmp_path: Path) -> None:
    wide = '<!DOCTYPE html><figure><svg viewBox="0 0 1000 9" width="1000"><text x="990">too long</text></svg></figure>'
    found = laid_out(wide, 390, tmp_path)
    assert int(found["scroll"]) > 390
    assert found["cut"] == "too long"

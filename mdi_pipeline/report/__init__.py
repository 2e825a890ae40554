"""The report: figures, prose, and one self-contained page for each crawl date.

`figures` holds the charts, `prose` the words and `page` the page; each is made from `ReportInputs`. `build_report`
gives the page, `all_figures` the charts with the data behind each. Nothing here knows where either is kept.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mdi_pipeline.report.figures.catalogue import PICTURES, all_figures
    from mdi_pipeline.report.figures.figure import Figure, render_png, render_svg, write_figures
    from mdi_pipeline.report.inputs import ReportInputs
    from mdi_pipeline.report.page.page import build_report

_MODULES = {
    "Figure": "figures.figure",
    "PICTURES": "figures.catalogue",
    "ReportInputs": "inputs",
    "all_figures": "figures.catalogue",
    "build_report": "page.page",
    "render_png": "figures.figure",
    "render_svg": "figures.figure",
    "write_figures": "figures.figure",
}
"""Where each public name is defined; imported when it is first asked for, since some take seconds."""

__all__ = [
    "PICTURES",
    "Figure",
    "ReportInputs",
    "all_figures",
    "build_report",
    "render_png",
    "render_svg",
    "write_figures",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)

"""The report: figures and one self-contained page for each crawl date.

`build_report` gives the page, `figures` the charts with the data behind each. Nothing here knows where
either is kept.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mdi_pipeline.report.figure import Figure, render_png, render_svg
    from mdi_pipeline.report.figure_files import write_figures
    from mdi_pipeline.report.figures import figures
    from mdi_pipeline.report.inputs import ReportInputs
    from mdi_pipeline.report.page import build_report
    from mdi_pipeline.report.pictures import PICTURES, first_screen, picture_of

_MODULES = {
    "Figure": "figure",
    "PICTURES": "pictures",
    "ReportInputs": "inputs",
    "build_report": "page",
    "figures": "figures",
    "first_screen": "pictures",
    "picture_of": "pictures",
    "render_png": "figure",
    "render_svg": "figure",
    "write_figures": "figure_files",
}
"""Where each public name is defined; imported when it is first asked for, since some take seconds."""

__all__ = [
    "PICTURES",
    "Figure",
    "ReportInputs",
    "build_report",
    "figures",
    "first_screen",
    "picture_of",
    "render_png",
    "render_svg",
    "write_figures",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)

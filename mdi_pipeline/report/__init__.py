"""The report: figures and one self-contained page for each crawl date.

`build_report` gives the page, `figures` the charts with the data behind each. Nothing here knows where
either is kept.
"""

from mdi_pipeline.report.figure import Figure, render_png, render_svg
from mdi_pipeline.report.figure_files import write_figures
from mdi_pipeline.report.figures import figures
from mdi_pipeline.report.inputs import ReportInputs
from mdi_pipeline.report.page import build_report
from mdi_pipeline.report.pictures import PICTURES, first_screen, picture_of

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

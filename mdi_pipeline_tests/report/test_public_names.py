"""What `mdi_pipeline.report` offers by name, without importing it all."""

from __future__ import annotations

import subprocess
import sys

import pytest

from mdi_pipeline import report


@pytest.mark.parametrize("name", report.__all__)
def test_every_public_name_is_the_same_each_time_and_defined_below(name: str) -> None:
    first = getattr(report, name)
    assert getattr(report, name) is first  # a module of the same name would take its place
    if name != "PICTURES":
        assert first.__module__.startswith("mdi_pipeline.report.")


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'figure_of_speech'"):
        _ = report.figure_of_speech


def test_the_package_imports_nothing_slow() -> None:
    code = "import sys, mdi_pipeline.report; print({'altair', 'jinja2', 'polars'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"

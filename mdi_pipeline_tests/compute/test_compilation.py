"""Kernels are compiled once, and where nothing can be kept all the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mdi_pipeline.compute.compilation import compiled


@pytest.mark.slow
def test_a_second_process_does_not_compile(tmp_path: Path) -> None:
    code = """
import polars as pl
from numba.core.event import install_recorder
from mdi_pipeline.disruption.counts import disruption_counts
edges = pl.DataFrame({"child": [1, 2], "parent": [0, 1]})
with install_recorder("numba:compile") as recorder:
    disruption_counts(edges, pl.DataFrame({"id": [0, 1, 2], "created_at": [0, 1, 2]}), [9])
for _, event in recorder.buffer:
    if event.is_start:
        function = event.data["dispatcher"].py_func
        print(function.__module__, function.__name__, event.data["args"])
"""
    environment = {"NUMBA_CACHE_DIR": str(tmp_path), "PATH": ""}

    def compiles() -> list[str]:
        ran = subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True)
        return ran.stdout.splitlines()

    first = compiles()
    ours = [line for line in first if line.startswith("mdi_pipeline.")]
    assert {line.split()[0].rpartition(".")[2] for line in ours} >= {"adjacency", "chronology", "graph", "kernel"}
    assert len(set(ours)) == len(ours)
    assert compiles() == []


def test_where_nothing_can_be_kept_it_compiles_all_the_same() -> None:
    scope: dict[str, object] = {}
    exec("def double(value):\n    return 2 * value", scope)
    double = scope["double"]
    assert callable(double)
    assert compiled(double)(21) == 42

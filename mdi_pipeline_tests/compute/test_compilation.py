"""Kernels are compiled once, and where nothing can be kept all the same."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from mdi_pipeline.compute.compilation import compiled

PACKAGE = Path(__file__).resolve().parents[2] / "mdi_pipeline"


def values_of_other_modules(module: str) -> list[str]:
    """What the compiled functions of a module's source use of other modules of ours, annotations left out."""
    tree = ast.parse(module)
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom | ast.Import)
        for alias in node.names
        if (node.module or "" if isinstance(node, ast.ImportFrom) else alias.name).startswith(PACKAGE.name)
    }
    return [
        f"{function.name}: {name.id}"
        for function in tree.body
        if isinstance(function, ast.FunctionDef)
        if {ast.unparse(decorator) for decorator in function.decorator_list} & {"compiled", "inlined"}
        for statement in function.body
        for name in ast.walk(statement)
        if isinstance(name, ast.Name) and name.id in imported
    ]


def test_a_compiled_function_uses_nothing_of_another_module() -> None:
    """Numba would go on with the machine code that it kept when that other module changes."""
    modules = {file: values_of_other_modules(file.read_text()) for file in PACKAGE.rglob("*.py")}
    assert {file: used for file, used in modules.items() if used} == {}


def test_a_value_of_another_module_that_is_planted_is_found() -> None:
    planted = """
from mdi_pipeline.disruption.kernel import N_I, Counts
from mdi_pipeline.compute.compilation import compiled
@compiled
def gather(counts: Counts) -> int:
    return counts[0, N_I]
"""
    assert values_of_other_modules(planted) == ["gather: N_I"]


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

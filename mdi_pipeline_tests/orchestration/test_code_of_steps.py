"""Which step a change of code makes stale: exactly those whose computation runs it, and no other.

What a step's code version covers is compared with two independent witnesses: imports as the compiled functions and
`grimp` have them, and the functions that are called while the step computes.
"""

from __future__ import annotations

import ast
import dis
import shutil
import sys
import threading
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any

import grimp
import pytest

import mdi_pipeline
from mdi_pipeline.home.folder import Home
from mdi_pipeline.home.settings import Settings, load_settings
from mdi_pipeline.orchestration.code_closure import SourceTree, installed
from mdi_pipeline.orchestration.partition import Partition
from mdi_pipeline.orchestration.step import Step
from mdi_pipeline.orchestration.steps.registry import STEPS

PACKAGE = Path(mdi_pipeline.__file__).parent
SOURCES = ("demo", "files", "archive", "hub")
LAST = date(2026, 8, 31)

Named = dict[str, tuple[Step, Settings]]


def named_steps() -> Named:
    """Every step by its name; the crawl once for each kind of source, since its code is that source's too."""
    found = {step.name: (step, Settings()) for step in STEPS if not step.crawls}
    crawl = next(step for step in STEPS if step.crawls)
    return found | {f"crawl of {source}": (crawl, Settings(source=source, path=".")) for source in SOURCES}


NAMED = named_steps()


def versions(tree: SourceTree) -> dict[str, str]:
    return {name: tree.code(step.roots(settings)).version for name, (step, settings) in NAMED.items()}


def modules_of(name: str) -> set[str]:
    step, settings = NAMED[name]
    return set(installed().code(step.roots(settings)).modules)


@cache
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("mdi_pipeline", exclude_type_checking_imports=True)


def reached(module: str) -> set[str]:
    """A module and all that it imports, directly or not, without the packages' `__init__`."""
    packages = {".".join(file.parent.relative_to(PACKAGE.parent).parts) for file in PACKAGE.rglob("__init__.py")}
    return ({module} | graph().find_upstream_modules(module)) - packages


def used_by(function: FunctionType) -> set[str]:
    """The modules that a compiled function imports or takes names from, itself or by functions of its own module."""
    home, found, waiting, seen = sys.modules[function.__module__], set[str](), [function.__code__], set[CodeType]()
    while waiting:
        code = waiting.pop()
        if code in seen:
            continue
        seen.add(code)
        waiting += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
        imported = ""
        for instruction in dis.get_instructions(code):
            if instruction.opname == "IMPORT_NAME":
                imported = str(instruction.argval)
                found |= {imported} if imported.startswith("mdi_pipeline") else set()
            elif instruction.opname == "LOAD_GLOBAL":
                value = getattr(home, str(instruction.argval), None)
                of = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
                if of == home.__name__:
                    waiting += [part.__code__ for part in _functions_in(value)]
                elif of and of.startswith("mdi_pipeline"):
                    found.add(of)
    return found


def _functions_in(value: Any) -> list[FunctionType]:
    if isinstance(value, FunctionType):
        return [value]
    members = vars(value).values() if isinstance(value, type) else []
    return [member for member in members if isinstance(member, FunctionType)]


@pytest.mark.parametrize("name", NAMED)
def test_the_modules_of_a_step_are_those_that_its_compiled_function_leads_to(name: str) -> None:
    step, settings = NAMED[name]
    expected = set[str]()
    for root in step.roots(settings):
        if root.name is None:
            expected |= reached(root.module)
            continue
        __import__(root.module)
        value = getattr(sys.modules[root.module], root.name)
        expected.add(root.module)
        for function in _functions_in(value):
            for module in used_by(function):
                expected |= reached(module)
    # Names that stand in annotations or in assignments of the sliced module lead further than its byte code shows.
    assert expected <= modules_of(name)
    assert {module for module in modules_of(name) - expected if "orchestration" in module} == set()


def mutated(source: str) -> str | None:
    """Source with one constant or operator changed, and laid out differently; None where there is none to change."""
    tree = ast.parse(source)
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in documentation:
            if isinstance(node.value, int | float):
                node.value = node.value + 1
                return ast.unparse(tree)
            if isinstance(node.value, str) and node.value:
                node.value = f"{node.value}_"
                return ast.unparse(tree)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            node.op = ast.Sub()
            return ast.unparse(tree)
    return None


def without_documentation(source: str) -> str:
    """Source with other comments, docstrings and layout."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            node.value.value = "Said otherwise."
    return "# another comment\n\n\n" + ast.unparse(tree)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package, to be edited."""
    target = tmp_path / "mdi_pipeline"
    shutil.copytree(PACKAGE, target, ignore=shutil.ignore_patterns("__pycache__"))
    return target


def file_of(copy: Path, module: str) -> Path:
    return copy.parent / Path(*module.split(".")).with_suffix(".py")


def module_of(copy: Path, file: Path) -> str:
    return ".".join(file.relative_to(copy.parent).with_suffix("").parts)


@pytest.mark.slow
def test_an_edit_of_any_module_changes_exactly_the_steps_that_run_it(copy: Path) -> None:
    before = versions(SourceTree(copy))
    assert before == versions(installed())
    sliced = {root.module for step, settings in NAMED.values() for root in step.roots(settings) if root.name}
    every = set.union(*(modules_of(name) for name in NAMED)) - sliced
    assert len(every) > 100
    for module in sorted(every):
        file = file_of(copy, module)
        source = file.read_text()
        edited = mutated(source)
        if edited is None:  # A module of imports, or of classes without a value: something new changes it too.
            edited = f"{source}\nADDED = 1\n"
        file.write_text(edited)
        after = versions(SourceTree(copy))
        file.write_text(source)
        changed = {name for name in before if after[name] != before[name]}
        assert changed == {name for name in NAMED if module in modules_of(name)}, module


@pytest.mark.slow
def test_edits_of_comments_docstrings_and_layout_change_no_step(copy: Path) -> None:
    before = versions(SourceTree(copy))
    for file in copy.rglob("*.py"):
        file.write_text(without_documentation(file.read_text()))
    assert versions(SourceTree(copy)) == before


@pytest.mark.slow
def test_edits_outside_every_closure_change_no_step(copy: Path) -> None:
    before = versions(SourceTree(copy))
    inside = set.union(*(modules_of(name) for name in NAMED))
    outside = [
        file
        for file in copy.rglob("*.py")
        if ".".join(file.relative_to(copy.parent).with_suffix("").parts) not in inside
    ]
    assert {"mdi_pipeline/cli/main.py", "mdi_pipeline/orchestration/reuse.py"} <= {
        str(file.relative_to(copy.parent)) for file in outside
    }
    for file in outside:
        file.write_text(f"{file.read_text()}\nADDED = 1\n")
    assert versions(SourceTree(copy)) == before


STATISTICS = "orchestration/steps/statistics.py"


@pytest.mark.parametrize(
    ("file", "old", "new", "changed"),
    [
        (STATISTICS, "score_trends(scored(inputs), ", "score_trends(scored(inputs).head(9), ", {"score_trends"}),
        (STATISTICS, "score_factors(scored(inputs)", "score_factors(scored(inputs).head(9)", {"score_factors"}),
        ("orchestration/steps/network.py", '["in_snapshot", "n_', '["author", "in_snapshot", "n_', {"network_summary"}),
        ("orchestration/steps/wide.py", "sorted({*WINDOWS_DAYS, window})", "sorted({window})", {"findings"}),
        ("home/sources.py", "HubSource(\n", "HubSource(  # other\n", set()),
        ("home/sources.py", "size=opening.settings.size", "size=2 * opening.settings.size", {"crawl of demo"}),
    ],
)
def test_an_edit_of_one_step_in_a_file_of_several_changes_that_step_alone(
    copy: Path, file: str, old: str, new: str, changed: set[str]
) -> None:
    before = versions(SourceTree(copy))
    source = (copy / file).read_text()
    assert source.count(old) == 1
    (copy / file).write_text(source.replace(old, new))
    after = versions(SourceTree(copy))
    assert {name for name in before if after[name] != before[name]} == changed


def test_a_change_of_the_simulator_is_none_of_a_crawl_of_the_real_hub() -> None:
    for source in SOURCES:
        simulated = {module for module in modules_of(f"crawl of {source}") if ".simulator" in module}
        assert bool(simulated) == (source == "demo"), source


def test_a_page_template_is_code_of_the_report(copy: Path) -> None:
    before = versions(SourceTree(copy))
    [template] = copy.rglob("page.html")
    template.write_text(template.read_text().replace("<body", "<body class='other'", 1))
    after = versions(SourceTree(copy))
    assert {name for name in before if after[name] != before[name]} == {"report"}


def called_in(work: Callable[[], object]) -> set[str]:
    """The modules of the package of which a function runs while some work is done, in whatever thread."""
    found: set[str] = set()

    def watch(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_name != "<module>":
            found.add(str(frame.f_globals.get("__name__")))

    threading.setprofile(watch)
    sys.setprofile(watch)
    try:
        work()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]
    return {module for module in found if module.startswith("mdi_pipeline.")}


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_all_that_runs_while_a_step_computes_is_in_its_code(step: Step, demo_home: Path) -> None:
    settings = load_settings(Home(demo_home))
    inputs = step.inputs(Partition(Home(demo_home), settings, LAST))
    ran = called_in(lambda: step.compute(inputs))
    assert step.compute.__module__ in ran
    assert ran <= set(step.code(settings).modules)

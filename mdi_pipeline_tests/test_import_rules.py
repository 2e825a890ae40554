"""Who may import whom, and how: the contracts of import-linter, and the rules that code versions rely on.

Every rule is shown to find a violation that is planted in a copy of the package.
"""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
PACKAGE = "mdi_pipeline"

LAZY_NAMES = """
def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
"""
"""How a package offers its public names: the one function that an `__init__` may hold."""

SUPPORT = {
    "from __future__ import annotations",
    "from importlib import import_module",
    "from typing import TYPE_CHECKING, Any",
}
"""The imports that lazy names need."""


def copied(folder: Path, *packages: str) -> Path:
    """A copy of some packages, or of all of them and of the contracts, to plant violations in."""
    skipped = shutil.ignore_patterns("__pycache__")
    for package in packages or ("",):
        shutil.copytree(PROJECT / PACKAGE / package, folder / PACKAGE / package, ignore=skipped)
    shutil.copy(PROJECT / "pyproject.toml", folder)
    return folder


def plant(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        file = folder / PACKAGE / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)


def lint(project: Path, contract: str) -> tuple[bool, str]:
    """Whether a project keeps a contract of its pyproject.toml, and what import-linter says."""
    command = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True, "
    said = subprocess.run(
        [sys.executable, "-c", f"{command}limit_to_contracts=({contract!r},)))"],
        cwd=project,
        env={"PYTHONPATH": str(project), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Analyzed" in said.stdout, said.stdout + said.stderr
    return said.returncode == 0, said.stdout


@pytest.mark.parametrize("contract", ["layers", "simulator", "cycles"])
def test_the_package_keeps_the_contract(contract: str) -> None:
    kept, said = lint(PROJECT, contract)
    assert kept, said


FOR_TYPES = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    "
IN_A_FUNCTION = "def late():\n    "
UPWARD = {
    "tables/planted.py": "from mdi_pipeline.lake.store import Lake",
    "hub/planted.py": IN_A_FUNCTION + "from mdi_pipeline.lineage.names import x",
    "network/planted.py": FOR_TYPES + "from mdi_pipeline.history.gone import Gone",
    "report/planted.py": "from mdi_pipeline.lake.store import Lake",
    "lake/planted.py": "from mdi_pipeline.home.folder import Home",
    "home/planted.py": IN_A_FUNCTION
    + FOR_TYPES.replace("\n", "\n    ")
    + "from mdi_pipeline.orchestration.jobs import x",
    "orchestration/planted.py": "from mdi_pipeline.cli.main import main",
    "lineage/planted.py": "from mdi_pipeline.simulator.truth import x",
    "simulator/planted.py": "from mdi_pipeline.lineage.names import x",
}
SIMULATED = {
    "report/planted.py": IN_A_FUNCTION + "from mdi_pipeline.simulator.truth import x",
    "lake/planted.py": "from mdi_pipeline.simulator import truth",
}
CIRCLE = {
    "statistics/planted.py": "from mdi_pipeline.statistics.planted_too import x",
    "statistics/planted_too.py": IN_A_FUNCTION + "from mdi_pipeline.statistics.planted import y",
}


@pytest.mark.parametrize(
    ("contract", "files", "named"),
    [
        ("layers", UPWARD, [f"{file.removesuffix('.py').replace('/', '.')} -> " for file in UPWARD]),
        (
            "layers",
            {"unnamed/__init__.py": "", "unnamed/module.py": "", "unnamed_too.py": ""},
            ["unnamed", "unnamed_too"],
        ),
        ("simulator", SIMULATED, ["report.planted", "lake.planted"]),
        ("cycles", CIRCLE, ["No cycles are allowed in mdi_pipeline.statistics", ".planted"]),
    ],
)
def test_the_contract_finds_what_is_planted(
    tmp_path: Path, contract: str, files: dict[str, str], named: list[str]
) -> None:
    project = copied(tmp_path)
    plant(project, files)
    kept, said = lint(project, contract)
    assert not kept
    assert [name for name in named if name not in said] == [], said


# Dynamic imports.


DYNAMIC = {
    "importlib",
    "imp",
    "pkgutil",
    "runpy",
    "zipimport",
    "sys.modules",
    "builtins",
}
"""Modules and names of the standard library that import or run what no import statement names."""

HARMLESS = {"importlib.metadata", "importlib.resources"}
RUNNING = {"__builtins__", "__import__", "compile", "eval", "exec"}


def dynamic_imports(folder: Path) -> list[str]:
    """Where modules import or run what no import statement names; the lazy names of an `__init__` may."""
    return [
        f"{file.relative_to(folder)}:{node.lineno}"
        for file in sorted(folder.rglob("*.py"))
        if file.name != "__init__.py"
        for node in ast.walk(ast.parse(file.read_bytes()))
        if isinstance(node, ast.expr | ast.stmt) and any(_is_dynamic(name) for name in _named(node))
    ]


def _named(node: ast.AST) -> list[str]:
    """The full names of what an expression or an import takes from the standard library."""
    match node:
        case ast.Import():
            return [alias.name for alias in node.names]
        case ast.ImportFrom(level=0):
            return [f"{node.module}.{alias.name}" for alias in node.names]
        case ast.Name() if node.id in RUNNING:
            return [f"builtins.{node.id}"]
        case ast.Attribute(value=ast.Name(id="sys")):
            return [f"sys.{node.attr}"]
    return []


def _is_dynamic(name: str) -> bool:
    parts = name.split(".")
    prefixes = {".".join(parts[:n]) for n in range(1, len(parts) + 1)}
    return bool(prefixes & DYNAMIC) and not prefixes & HARMLESS


def test_no_module_imports_dynamically() -> None:
    assert dynamic_imports(PROJECT / PACKAGE) == []


@pytest.mark.parametrize(
    "line",
    [
        "import importlib",
        "import importlib.util",
        "import importlib as i",
        "from importlib import import_module",
        "from importlib import util",
        "from importlib.util import find_spec",
        "from importlib.machinery import SourceFileLoader",
        "import runpy",
        "from pkgutil import resolve_name",
        "import builtins",
        "from builtins import eval as e",
        "from sys import modules",
        "x = sys.modules['mdi_pipeline.tables']",
        "x = __import__('mdi_pipeline.tables')",
        "exec('import mdi_pipeline')",
        "x = eval('1')",
        "x = map(eval, ['1'])",
        "x = compile('1', '', 'eval')",
    ],
)
def test_a_dynamic_import_that_is_planted_is_found(tmp_path: Path, line: str) -> None:
    plant(copied(tmp_path, "hub"), {"hub/planted.py": f"{IN_A_FUNCTION}{line}\n"})
    assert dynamic_imports(tmp_path / PACKAGE) == ["hub/planted.py:2"]


def test_metadata_resources_and_methods_are_no_dynamic_imports(tmp_path: Path) -> None:
    text = (
        "import importlib.metadata\nfrom importlib import resources\nfrom importlib.resources import files\n"
        "from importlib.metadata import version\nimport re\nx = re.compile('x')\ny = pl.col('a').list.eval(x)\n"
    )
    plant(copied(tmp_path, "hub"), {"hub/planted.py": text})
    assert dynamic_imports(tmp_path / PACKAGE) == []


# Names that come through a package.


def imports_through_packages(folder: Path) -> list[str]:
    """Where modules import a package of ours, or a name from one that is not one of its modules."""
    found = []
    for file in sorted(folder.rglob("*.py")):
        here = [folder.name, *file.relative_to(folder).with_suffix("").parts]
        # An `__init__` names its own modules for type checkers, always from the module; it is held to the same rule.
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, ast.Import):
                # Without a name of its own, what is imported is reached through the packages above it.
                reached = [alias.name if alias.asname else folder.name for alias in node.names if _is_own(alias.name)]
            elif isinstance(node, ast.ImportFrom):
                above = here[: -node.level] if node.level else []
                module = ".".join([*above, *filter(None, [node.module])])
                is_module = _path(folder, module).with_suffix(".py").is_file()
                reached = [module if is_module else f"{module}.{alias.name}" for alias in node.names]
            else:
                continue
            if any(_is_own(name) and not _path(folder, name).with_suffix(".py").is_file() for name in reached):
                found.append(f"{file.relative_to(folder)}:{node.lineno}")
    return found


def _is_own(name: str) -> bool:
    return name.partition(".")[0] == PACKAGE


def _path(folder: Path, name: str) -> Path:
    return folder.joinpath(*name.split(".")[1:])


def test_no_module_imports_through_a_package() -> None:
    assert imports_through_packages(PROJECT / PACKAGE) == []


@pytest.mark.parametrize(
    "line",
    [
        "from mdi_pipeline.tables import TABLES",
        "from mdi_pipeline.tables import TABLES as t",
        "from mdi_pipeline.tables import registry, TABLES",
        "from mdi_pipeline.tables import *",
        "from ..tables import TABLES",
        "from mdi_pipeline import tables",
        "from .. import tables",
        "from . import digest, Table",
        "import mdi_pipeline",
        "import mdi_pipeline.tables",
        "import mdi_pipeline.tables as t",
        "import mdi_pipeline.tables.registry",
        "import json, mdi_pipeline.tables",
    ],
)
@pytest.mark.parametrize("place", ["# first\n{line}", "if TYPE_CHECKING:\n    {line}"])
def test_a_name_that_is_planted_through_a_package_is_found(tmp_path: Path, place: str, line: str) -> None:
    plant(copied(tmp_path, "compute", "tables"), {"compute/planted.py": place.format(line=line)})
    assert imports_through_packages(tmp_path / PACKAGE) == ["compute/planted.py:2"]


def test_modules_may_be_imported_and_imported_from(tmp_path: Path) -> None:
    text = (
        "import json\nimport mdi_pipeline.tables.registry as t\nfrom mdi_pipeline.tables import registry, columns\n"
        "from mdi_pipeline.tables.registry import *\nfrom . import digest\nfrom .digest import x\n"
        "from ..tables import registry\n"
    )
    plant(copied(tmp_path, "compute", "tables"), {"compute/planted.py": text})
    assert imports_through_packages(tmp_path / PACKAGE) == []


# What a package's `__init__` holds.


def faulty_inits(folder: Path) -> list[str]:
    """Where an `__init__` holds more than a docstring, `__all__` and lazy names, or where these do not agree."""
    found = []
    for file in sorted(folder.rglob("__init__.py")):
        package = ".".join([folder.name, *file.parent.relative_to(folder).parts])
        body = ast.parse(file.read_bytes()).body
        found += [f"{file.relative_to(folder)}:{node.lineno}" for node in body if not _may_stand(node, package)]
        if not _names_agree(body, package):
            found.append(f"{file.relative_to(folder)}: names differ")
    return found


def _may_stand(node: ast.stmt, package: str) -> bool:
    match node:
        case ast.Expr(value=ast.Constant(value=str())):
            return True
        case ast.ImportFrom():
            return ast.unparse(node) in SUPPORT
        case ast.FunctionDef():
            without_docstring = node.body[ast.get_docstring(node) is not None :]
            return ast.unparse(_with_body(node, without_docstring)) == ast.unparse(ast.parse(LAZY_NAMES))
        case ast.If(test=ast.Name(id="TYPE_CHECKING"), orelse=[]):
            return all(
                isinstance(inner, ast.ImportFrom) and f"{inner.module}".startswith(f"{package}.") for inner in node.body
            )
        case ast.Assign(targets=[ast.Name(id="__all__" | "_MODULES")]):
            return _is_literal(node.value)
    return False


def _names_agree(body: list[ast.stmt], package: str) -> bool:
    """Whether what type checkers see, what is listed and what is found at run time are the same names and modules."""
    offered = {
        ast.unparse(node.targets[0]): ast.literal_eval(node.value)
        for node in body
        if isinstance(node, ast.Assign) and _is_literal(node.value)
    }
    typed = {
        alias.asname or alias.name: f"{inner.module}".removeprefix(f"{package}.")
        for node in body
        if isinstance(node, ast.If)
        for inner in node.body
        if isinstance(inner, ast.ImportFrom)
        for alias in inner.names
    }
    return offered.get("_MODULES", {}) == typed and sorted(offered.get("__all__", [])) == sorted(typed)


def _with_body(node: ast.FunctionDef, body: list[ast.stmt]) -> ast.FunctionDef:
    fields = {**dict(ast.iter_fields(node)), "body": body}
    return ast.copy_location(ast.FunctionDef(**fields), node)


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except ValueError:
        return False
    return True


def test_every_init_only_documents_and_offers_names() -> None:
    assert faulty_inits(PROJECT / PACKAGE) == []


LAZY = f'''"""A package."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mdi_pipeline.planted.module import compute

_MODULES = {{"compute": "module"}}
"""Where names are."""

__all__ = ["compute"]

{LAZY_NAMES}'''


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("", "", []),
        (LAZY, "", []),
        (LAZY, '"""A package."""', []),
        ("Any:\n", 'Any:\n    """A public name."""\n', []),
        (LAZY, "from mdi_pipeline.planted.module import compute", [":1"]),
        (LAZY, "import polars", [":1"]),
        (LAZY, "LIMIT = 3", [":1"]),
        (LAZY, "def compute(): return 3", [":1"]),
        (LAZY, "__all__ = list(names)", [":1"]),
        (LAZY, "print('hello')", [":1"]),
        ("from importlib import import_module", "from importlib import import_module, reload", [":5"]),
        ("    if name not in _MODULES:", "    name = name.lower()\n    if name not in _MODULES:", [":17"]),
        ("    from mdi_pipeline.planted.module", "    from mdi_pipeline.hub.source", [":8", ": names differ"]),
        ("    from mdi_pipeline.planted.module", "    import json\n    from mdi_pipeline.planted.module", [":8"]),
        ("planted.module", "planted.other", [": names differ"]),
        ('__all__ = ["compute"]', "__all__ = []", [": names differ"]),
        ('{"compute": "module"}', "{}", [": names differ"]),
    ],
)
def test_an_init_that_is_planted_is_judged(tmp_path: Path, old: str, new: str, found: list[str]) -> None:
    plant(copied(tmp_path, "hub"), {"planted/__init__.py": LAZY.replace(old, new, 1)})
    assert faulty_inits(tmp_path / PACKAGE) == [f"planted/__init__.py{where}" for where in found]

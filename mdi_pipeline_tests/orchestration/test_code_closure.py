"""Code versions: what changes them, what does not, and whose imports they follow."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from tempfile import TemporaryDirectory

import grimp
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mdi_pipeline
from mdi_pipeline.orchestration.code_closure import LIBRARIES, Code, CodeError, Root, SourceTree, installed

REAL = Path(mdi_pipeline.__file__).parent
REAL_MODULES = sorted(
    ".".join(("mdi_pipeline", *file.relative_to(REAL).with_suffix("").parts))
    for file in REAL.rglob("*.py")
    if file.name != "__init__.py"
)


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write a package's files, with an empty `__init__` in every folder that has modules."""
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        if name.endswith(".py"):
            for package in [folder, *(folder / above for above in Path(name).parents)]:
                (package / "__init__.py").touch()


def versions(name: str) -> str:
    return "2.1.3"


def code_of(files: Mapping[str, str], *roots: Root, version_of: Callable[[str], str] = versions) -> Code:
    """The code that starts at some roots of a package `demo` that consists of these files."""
    with TemporaryDirectory() as folder:
        write(Path(folder) / "anywhere", files)
        return SourceTree(Path(folder) / "anywhere", "demo", version_of=version_of).code(roots)


def versions_of(files: Mapping[str, str], *roots: Root) -> list[str]:
    """The version of each of some roots of such a package."""
    with TemporaryDirectory() as folder:
        write(Path(folder), files)
        tree = SourceTree(Path(folder), "demo", version_of=versions)
        return [tree.code([root]).version for root in roots]


def version_of_module(text: str) -> str:
    return code_of({"m.py": text}, Root("demo.m")).version


# Whole modules: generated packages, whose closures are known from how they were made.

Package = tuple[dict[str, str], dict[str, set[str]]]
"""The files of a package, and for each module those that it imports when it runs."""

PACKAGES = ("", "x", "x.y", "z")
FORMS: Mapping[str, Callable[[str, str, str], str]] = {
    "name from its module": lambda package, module, _: f"from {package}.{module} import compute as {module}",
    "module from its package": lambda package, module, _: f"from {package} import {module}",
    "module as": lambda package, module, _: f"import {package}.{module} as {module}",
    "relative": lambda package, module, dots: f"from {dots}{package.partition('.')[2]} import {module}",
    "relative name": lambda package, module, dots: f"from {dots}{'.'.join([*package.split('.')[1:], module])} import *",
}
PLACES: Mapping[str, Callable[[str], str]] = {
    "top": lambda line: line,
    "function": lambda line: f"def needs():\n    {line}\n",
    "branch": lambda line: f"try:\n    {line}\nexcept ImportError:\n    pass\n",
    "type checking": lambda line: f"if TYPE_CHECKING:\n    {line}\n",
    "type checking in a function": lambda line: f"def needs():\n    if typing.TYPE_CHECKING:\n        {line}\n",
    "otherwise": lambda line: f"if TYPE_CHECKING:\n    pass\nelse:\n    {line}\n",
}


@st.composite
def packages(draw: st.DrawFn) -> Package:
    """Packages in which every form of import stands in every place; cycles are frequent."""
    n_modules = draw(st.integers(2, 6))
    homes = [draw(st.sampled_from(PACKAGES)) for _ in range(n_modules)]
    modules = [".".join(filter(None, ("demo", home, f"m{i}"))) for i, home in enumerate(homes)]
    files: dict[str, str] = {}
    imported: dict[str, set[str]] = {}
    for module in modules:
        dots = "." * module.count(".")
        lines, imported[module] = ["import typing", "from typing import TYPE_CHECKING"], set()
        for target in draw(st.lists(st.sampled_from(modules), max_size=3)):
            form, place = draw(st.sampled_from(sorted(FORMS))), draw(st.sampled_from(sorted(PLACES)))
            if form == "relative name" and place in {"function", "type checking in a function"}:
                form = "relative"
            package, _, name = target.rpartition(".")
            lines.append(PLACES[place](FORMS[form](package, name, dots)))
            if not place.startswith("type checking"):
                imported[module].add(target)
        lines.append("LIMIT = 3\n\ndef compute(x):\n    return x * 2 + LIMIT\n")
        files[module.partition(".")[2].replace(".", "/") + ".py"] = "\n".join(lines)
    return files, imported


def reachable(start: str, imported: Mapping[str, set[str]]) -> set[str]:
    reached, waiting = set(), [start]
    while waiting:
        module = waiting.pop()
        if module not in reached:
            reached.add(module)
            waiting.extend(imported[module])
    return reached


@given(packages())
def test_the_closure_is_what_the_modules_reach_by_imports_that_run(made: Package) -> None:
    files, imported = made
    with TemporaryDirectory() as folder:
        write(Path(folder), files)
        tree = SourceTree(Path(folder), "demo")
        for module in imported:
            assert set(tree.code([Root(module)]).modules) == reachable(module, imported)


@given(packages(), st.data())
def test_an_edit_changes_the_versions_of_those_whose_closure_has_the_module(made: Package, data: st.DataObject) -> None:
    files, imported = made
    edited = data.draw(st.sampled_from(sorted(files)))
    old, new = data.draw(st.sampled_from([("LIMIT = 3", "LIMIT = 4"), ("x * 2", "x / 2"), ("2 + LIMIT", "2 - LIMIT")]))
    after = {**files, edited: files[edited].replace(old, new)}
    edited_module = "demo." + edited.removesuffix(".py").replace("/", ".")
    roots = [Root(module) for module in imported]
    for root, one, other in zip(roots, versions_of(files, *roots), versions_of(after, *roots), strict=True):
        assert (one != other) == (edited_module in reachable(root.module, imported))


@given(packages(), st.data())
def test_comments_docstrings_and_layout_change_no_version(made: Package, data: st.DataObject) -> None:
    files, imported = made
    edited = data.draw(st.sampled_from(sorted(files)))
    text = files[edited]
    after = data.draw(
        st.sampled_from(
            [
                f'"""A docstring."""\n\n\n{text}',
                text.replace("LIMIT = 3", "LIMIT = (\n    3  # three\n)\n'''How much.'''"),
                text.replace("return", "'''A docstring.'''\n\n    # why\n    return"),
                text.replace("x * 2 + LIMIT", "((x * 2)\n        + LIMIT)"),
                ast.unparse(ast.parse(text)),
                text.replace("\n", "\r\n"),
            ]
        )
    )
    assert after != text
    roots = [Root(module) for module in imported]
    assert versions_of(files, *roots) == versions_of({**files, edited: after}, *roots)


@given(packages(), st.data())
def test_the_order_of_roots_does_not_matter_and_several_reach_what_each_reaches(
    made: Package, data: st.DataObject
) -> None:
    files, imported = made
    roots = [Root(module) for module in data.draw(st.lists(st.sampled_from(sorted(imported)), min_size=1))]
    code = code_of(files, *roots)
    assert code == code_of(files, *reversed(roots)) == code_of(files, *roots, *roots)
    assert set(code.modules) == set().union(*(reachable(root.module, imported) for root in roots))


# One module: what counts as an edit.


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = 1", "x = 2"),
        ("x = 1", "x = 1.0"),
        ("x = 1", "x = True"),
        ("x = 'a'", "x = b'a'"),
        ("x = 'a'", "x = a"),
        ("x = inf", "x = 1e999"),
        ("x = a.b", "x = a['b']"),
        ("x = a, b", "x = a(b)"),
        ("x = [a]", "x = (a,)"),
        ("x = a < b", "x = a <= b"),
        ("x = a is b", "x = a is not b"),
        ("x = {None: a}", "x = {**a}"),
        ("x = {None: a, **b}", "x = {**a, None: b}"),
        ("x = f(*a)", "x = f(**a)"),
        ("x = f(a=1, b=2)", "x = f(b=2, a=1)"),
        ("x = f'{a}'", "x = f'{a!r}'"),
        ("def f(*, a): pass", "def f(*, a=None): pass"),
        ("def f(*, a, b=None): pass", "def f(*, a=None, b): pass"),
        ("def f(a, /): pass", "def f(a): pass"),
        ("def f(a): pass", "async def f(a): pass"),
        ("def f(a): return a", "def f(a): a"),
        ("def f(a): return", "def f(a): yield"),
        ("match x:\n    case None: y = 1", "match x:\n    case False: y = 1"),
        ("match x:\n    case y: pass", "match x:\n    case _: pass"),
        ("try: f()\nfinally: g()", "try: f()\nexcept E: g()"),
        ("if a:\n    b()\n    c()", "if a:\n    b()\nc()"),
        ("if a: b()\nelse: c()", "if a: c()\nelse: b()"),
        ("assert a", "a"),
        ("@d\nclass A: x: int", "@d\nclass A: x: str"),
        ("import a", "import a as b"),
        ("from . import n", "from .. import n"),
        ("from math import *", "from math import e"),
        ("a()\nb()", "b()\na()"),
        ("x = ['''not a docstring''']", "x = ['''nor is this''']"),
    ],
)
def test_what_means_something_else_has_another_version(one: str, other: str) -> None:
    def version(text: str) -> str:
        return code_of({"p/q/m.py": text, "p/n.py": "", "p/q/n.py": ""}, Root("demo.p.q.m")).version

    assert version(one) != version(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = 'a'", 'x = "a"'),
        ("x = 'ab'", "x = 'a' 'b'"),
        ("x = 'é'", "x = '\\xe9'"),
        ("x = u'a'", "x = 'a'"),
        ("x = 1000", "x = 1_000"),
        ("x = 16", "x = 0x10"),
        ("x = (a + b)", "x = a + b"),
        ("x = f(a, b)", "x = f(\n    a,\n    b,\n)"),
        ("x = 1; y = 2", "x = 1\n\n\ny = 2\n"),
        ("if a:\n    b()", "if a:\n\tb()  # why"),
        ("class A:\n    x = 1", "class A:\n    '''What.'''\n\n    x = 1\n    '''Why.'''"),
        ("def f(): return 1", "def f():\n    '''What.'''\n    return 1"),
        ("import typing", "import typing\nif typing.TYPE_CHECKING:\n    x: int = 1"),
        ("x = 1", "if TYPE_CHECKING:\n    import a\nelse:\n    x = 1"),
    ],
)
def test_what_means_the_same_has_the_same_version(one: str, other: str) -> None:
    assert version_of_module(one) == version_of_module(other)


def test_a_package_may_say_what_it_likes_in_its_init() -> None:
    files = {"p/m.py": "x = 1"}
    with_names = {**files, "p/__init__.py": "from demo.p.other import y", "p/other.py": "y = 1"}
    assert code_of(with_names, Root("demo.p.m")) == code_of(files, Root("demo.p.m"))


# Slices: one function of a module, and what it uses.

STEPS = """
from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from demo.a import one
from demo.b import three, two
from demo.frames import Frames

if TYPE_CHECKING:
    from demo.c import Hidden

LIMIT = 3
OTHER, UNUSED = 4, 5

class Shape:
    side: int = OTHER

def helper(x: Frames) -> Frames:
    y: Frames = x + LIMIT
    return y

def first(x: Frames) -> Hidden:
    from demo.c import deep

    return deep(helper(one(x)))

def second(x):
    return two(x) * Shape.side

@cache
def third(x: Frames):
    return 3

def _unused():
    return three(1)
"""
MODULES = dict.fromkeys(("a.py", "b.py", "c.py", "frames.py"), "x = 1")


def sliced(name: str, text: str = STEPS) -> Code:
    return code_of({**MODULES, "steps.py": text}, Root("demo.steps", name))


def test_a_function_brings_only_the_modules_that_it_and_what_it_uses_import() -> None:
    assert sliced("first").modules == ("demo.a", "demo.c", "demo.steps")
    assert sliced("second").modules == ("demo.b", "demo.steps")
    assert sliced("helper").modules == ("demo.steps",)


def test_annotations_count_where_they_may_be_read() -> None:
    assert sliced("third").modules == ("demo.frames", "demo.steps")
    runs = STEPS.replace("from __future__ import annotations", "")
    assert "demo.frames" in sliced("helper", runs).modules
    schema = STEPS.replace("side: int", "side: Frames")
    assert "demo.frames" in sliced("second", schema).modules


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("x + LIMIT", "x - LIMIT", {"first", "helper"}),
        ("LIMIT = 3", "LIMIT = 4", {"first", "helper"}),
        ("OTHER, UNUSED = 4, 5", "OTHER, UNUSED = 4, 6", {"second"}),
        ("OTHER, UNUSED = 4, 5", "OTHER, UNUSED = 4, 5\nOTHER += 1", {"second"}),
        ("OTHER, UNUSED = 4, 5", "OTHER, UNUSED = 4, (LIMIT := 5)", {"first", "helper", "second"}),
        ("side: int = OTHER", "side: int = LIMIT", {"second"}),
        ("three(1)", "three(2)", set()),
        ("import three, two", "import two", set()),
        ("import three, two", "import three as two", {"second"}),
        ("return 3", "return 4", {"third"}),
        ("@cache\n", "", {"third"}),
        ("LIMIT = 3", "LIMIT = 3\n'''Three.'''  # three", set()),
        ("LIMIT = 3", "print(LIMIT)\nLIMIT = 3", {"first", "helper", "second", "third"}),
        ("LIMIT = 3", "LIMIT = 3\none.setting = 1", {"first", "helper", "second", "third"}),
        ("LIMIT = 3", "for LIMIT in range(3): pass", {"first", "helper", "second", "third"}),
        ("LIMIT = 3", "LIMIT = 3\nNEW = {x: 1 for x in 'abc'}", set()),
    ],
)
def test_an_edit_changes_the_functions_that_use_what_was_edited(old: str, new: str, changed: set[str]) -> None:
    edited = STEPS.replace(old, new)
    assert edited != STEPS
    functions = ("first", "helper", "second", "third")
    assert {name for name in functions if sliced(name).version != sliced(name, edited).version} == changed


@st.composite
def definitions(draw: st.DrawFn) -> tuple[list[str], dict[str, set[str]]]:
    """Top-level statements that use each other in any order, and for each name those that it uses."""
    n = draw(st.integers(2, 7))
    uses = {f"n{i}": set(draw(st.lists(st.sampled_from([f"n{j}" for j in range(n)]), max_size=2))) for i in range(n)}
    forms = [
        "def {name}(x):\n    return x + {number}, {used}",
        "class {name}:\n    held = {number}, {used}",
        "{name} = {number}, lambda: [{used}]",
        "{name}: tuple = ({number}, {used})",
        "async def {name}(x=({used})):\n    def inner():\n        return {number}\n    return inner",
    ]
    lines = [
        draw(st.sampled_from(forms)).format(name=name, number=i, used=", ".join([*sorted(used), "0"]))
        for i, (name, used) in enumerate(uses.items())
    ]
    return lines, uses


@given(definitions(), st.data())
def test_a_slice_is_what_the_function_reaches_by_names(
    made: tuple[list[str], dict[str, set[str]]], data: st.DataObject
) -> None:
    lines, uses = made
    index = data.draw(st.integers(0, len(lines) - 1))
    # Neither the `0` that ends every list of names nor the digit of a name.
    line = lines[index].replace(f" {index}", " 99").replace(f"({index},", "(99,")
    assert line != lines[index]
    roots = [Root("demo.m", name) for name in uses]
    before = versions_of({"m.py": "\n".join(lines)}, *roots)
    after = versions_of({"m.py": "\n".join([*lines[:index], line, *lines[index + 1 :]])}, *roots)
    for name, one, other in zip(uses, before, after, strict=True):
        assert (one != other) == (f"n{index}" in reachable(name, uses))


def test_two_functions_are_one_slice_and_a_module_that_is_imported_back_counts_whole() -> None:
    files = {"m.py": "A = 1\nB = 2\ndef f(): return A\ndef g(): return B\ndef h(): return 3"}
    edited = {"m.py": files["m.py"].replace("B = 2", "B = 3")}
    both = Root("demo.m", "f"), Root("demo.m", "g")
    assert code_of(files, *both) == code_of(files, *reversed(both))
    assert code_of(files, *both).version != code_of(edited, *both).version
    assert code_of(files, both[0], Root("demo.m")) == code_of(files, Root("demo.m"))
    back = {"m.py": files["m.py"].replace("return A", "from demo.n import n; return n"), "n.py": "from demo.m import h"}
    edited_back = {**back, "m.py": back["m.py"].replace("B = 2", "B = 3")}
    assert code_of(back, both[0]).version != code_of(edited_back, both[0]).version


# Files that are not Python, and libraries.


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("p/page.html", True),
        ("p/templates/page.html", True),
        ("p/templates/deep/page.html", True),
        ("page.html", False),
        ("q/page.html", False),
        ("p/inner/page.html", False),
        ("p/.page.html.swp", False),
        ("p/.hidden/page.html", False),
        ("p/__pycache__/m.cpython-311.pyc", False),
    ],
)
def test_files_beside_a_module_count_by_their_bytes(name: str, counts: bool) -> None:
    files = {"p/m.py": "x = 1", "q/n.py": "x = 1", "p/inner/n.py": "x = 1", "p/old.css": "a"}
    root = Root("demo.p.m")
    without, one, other = (code_of({**files, **extra}, root) for extra in ({}, {name: "one"}, {name: "two"}))
    assert (len({without.version, one.version, other.version}) == 3) == counts
    assert (without == one == other) != counts
    assert code_of({**files, "p/new.css": "a"}, root) != code_of({**files, "p/newer.css": "a"}, root)


@pytest.mark.parametrize("name", sorted(LIBRARIES))
def test_a_library_counts_by_its_minor_version_where_it_is_imported(name: str) -> None:
    root = Root("demo.m")
    for line in (f"import {name}", f"import {name}.sub as s", f"def f():\n    from {name}.sub import x"):
        files = {"m.py": "from demo.n import f", "n.py": line}
        code = code_of(files, root)
        assert code.libraries == {LIBRARIES[name]: "2.1"}
        assert code_of(files, root, version_of=lambda _: "2.1.4") == code
        newer = code_of(files, root, version_of=lambda found: {LIBRARIES[name]: "2.2.0"}[found])
        assert newer.libraries == {LIBRARIES[name]: "2.2"}
        assert newer.version != code.version


def test_a_library_does_not_count_where_it_is_not_imported_or_not_needed_to_run() -> None:
    files = {
        "m.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import polars\nimport polarsish, json",
        "other.py": "import polars",
    }
    code = code_of(files, Root("demo.m"))
    assert code.libraries == {}
    assert code_of(files, Root("demo.m"), version_of=lambda _: "3.0") == code


def test_a_slice_counts_the_libraries_that_it_uses() -> None:
    files = {"m.py": "import numpy as np\nimport polars as pl\ndef f(): return pl.col('a')\ndef g(): return np.e"}
    assert set(code_of(files, Root("demo.m", "f")).libraries) == {"polars"}
    assert set(code_of(files, Root("demo.m", "g")).libraries) == {"numpy"}


def test_a_library_that_is_not_installed_has_no_version() -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    assert code_of({"m.py": "import sklearn"}, Root("demo.m"), version_of=missing).libraries == {
        "scikit-learn": "not installed"
    }


# What cannot be followed.


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("from demo.p import compute", "demo.m, line 3: imports compute through the package demo.p"),
        ("from .p import compute", "demo.m, line 3: imports compute through the package demo.p"),
        ("from demo.p import n, compute", "demo.m, line 3: imports compute through the package demo.p"),
        ("from demo.p import *", r"demo.m, line 3: imports \* through the package demo.p"),
        ("from demo import p", "demo.m, line 3: imports the package demo.p"),
        ("from . import p", "demo.m, line 3: imports the package demo.p"),
        ("import demo.p as p", "demo.m, line 3: imports the package demo.p"),
        ("import demo", "demo.m, line 3: `import demo` gives access to the whole package"),
        ("import demo.p.n", "demo.m, line 3: `import demo.p.n` gives access to the whole package"),
        ("from demo.gone import x", "demo.m, line 3: there is no module demo.gone"),
        ("from demo.p.n.x import y", "demo.m, line 3: there is no module demo.p.n.x"),
    ],
)
def test_an_import_that_cannot_be_followed_is_told_with_module_and_line(line: str, message: str) -> None:
    files = {"p/n.py": "compute = 1", "start.py": "from demo import m"}
    for place in (f"# one\n# two\n{line}", f"# one\ndef f():\n    {line}"):
        with pytest.raises(CodeError, match=message):
            code_of({**files, "m.py": place}, Root("demo.start"))


@pytest.mark.parametrize(
    ("root", "message"),
    [
        (Root("demo.gone"), "no module demo.gone"),
        (Root("demo.p"), "no module demo.p"),
        (Root("demo.m", "gone"), "demo.m defines no gone"),
        (Root("demo.m", "<lambda>"), "demo.m defines no <lambda>"),
        (Root("demo.m", "compute"), "demo.m defines no compute"),
        (Root("demo.m", "f.inner"), "demo.m defines no f.inner"),
    ],
)
def test_a_root_that_does_not_exist_is_an_error(root: Root, message: str) -> None:
    files = {"p/n.py": "compute = 1", "m.py": "from demo.p.n import compute\ndef f():\n    def inner(): pass"}
    with pytest.raises(CodeError, match=message):
        code_of(files, root)


# The package itself.


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(
        "mdi_pipeline", include_external_packages=True, exclude_type_checking_imports=True, cache_dir=None
    )


@pytest.mark.parametrize("module", REAL_MODULES)
def test_the_closures_of_the_package_are_those_that_grimp_finds(module: str, graph: grimp.ImportGraph) -> None:
    reached = {module, *graph.find_upstream_modules(module)}
    own = {found for found in reached if found.partition(".")[0] == "mdi_pipeline"}
    code = installed().code([Root(module)])
    assert set(code.modules) == own & set(REAL_MODULES)
    outside = set().union(*(graph.find_modules_directly_imported_by(found) for found in own))
    assert set(code.libraries) == {LIBRARIES[name] for name in outside & set(LIBRARIES)}


@contextmanager
def copy_of_the_package() -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        yield shutil.copytree(REAL, Path(folder) / "copy", ignore=shutil.ignore_patterns("__pycache__"))


def test_the_versions_of_the_package_are_those_of_its_meaning() -> None:
    """Everything is written again by `ast.unparse`, which keeps neither comments nor layout."""
    with copy_of_the_package() as folder:
        for file in folder.rglob("*.py"):
            file.write_text(ast.unparse(ast.parse(file.read_bytes())))
        rewritten = SourceTree(folder)
        for module in REAL_MODULES:
            assert rewritten.code([Root(module)]) == installed().code([Root(module)]), module


SWAPS: Mapping[type, ast.AST] = {
    ast.Add: ast.Sub(),
    ast.Sub: ast.Add(),
    ast.Mult: ast.Div(),
    ast.Div: ast.Mult(),
    ast.Lt: ast.LtE(),
    ast.LtE: ast.Lt(),
    ast.Gt: ast.GtE(),
    ast.GtE: ast.Gt(),
    ast.Eq: ast.NotEq(),
    ast.And: ast.Or(),
    ast.Or: ast.And(),
}


def edits(statement: ast.stmt) -> Iterator[str]:
    """A statement with each of its numbers, and each operator that can be swapped, edited in turn."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
            kept, node.value = node.value, node.value + 1
            yield ast.unparse(statement)
            node.value = kept
        for field in ("op", "ops"):
            operators = getattr(node, field, None)
            first = operators[0] if isinstance(operators, list) else operators
            swapped = SWAPS.get(type(first))
            if swapped is not None:
                setattr(node, field, [swapped, *operators[1:]] if isinstance(operators, list) else swapped)
                yield ast.unparse(statement)
                setattr(node, field, operators)


@pytest.mark.parametrize("package", ["compute", "lineage", "network", "disruption", "statistics", "history"])
def test_every_edit_of_a_number_or_an_operator_in_the_package_changes_the_version(package: str, tmp_path: Path) -> None:
    """Each top-level statement apart, without the package's own modules: an edit then costs a millisecond."""

    def version(text: str) -> str:
        (tmp_path / "m.py").write_text(text.replace("mdi_pipeline", "elsewhere"))
        return SourceTree(tmp_path, "demo", version_of=versions).code([Root("demo.m")]).version

    n_edits = 0
    for file in sorted((REAL / package).glob("*.py")):
        for statement in ast.parse(file.read_bytes()).body:
            unedited = version(ast.unparse(statement))
            for edited in edits(statement):
                assert version(edited) != unedited, edited
                n_edits += 1
    assert n_edits > 10


def test_functions_of_the_steps_reach_no_more_than_their_modules() -> None:
    n_functions = 0
    for module in REAL_MODULES:
        if not module.startswith("mdi_pipeline.orchestration.steps."):
            continue
        whole = set(installed().code([Root(module)]).modules)
        tree = ast.parse(REAL.joinpath(*module.split(".")[1:]).with_suffix(".py").read_bytes())
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                n_functions += 1
                assert {module} <= set(installed().code([Root(module, node.name)]).modules) <= whole
    assert n_functions > 10


def test_the_version_is_the_same_in_other_processes_and_folders() -> None:
    script = (
        "import sys; from pathlib import Path; from mdi_pipeline.orchestration.code_closure import *\n"
        "code = SourceTree(Path(sys.argv[1])).code(Root(name) for name in sys.argv[2:])\n"
        "print(code.version, *code.modules)"
    )
    roots = ["mdi_pipeline.statistics.findings", "mdi_pipeline.report.page.page"]
    code = installed().code(map(Root, roots))
    with copy_of_the_package() as folder:
        for seed, tree in (("1", REAL), ("2", folder)):
            said = subprocess.run(
                [sys.executable, "-c", script, str(tree), *roots],
                env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(REAL.parent)},
                capture_output=True,
                text=True,
                check=True,
            )
            assert said.stdout.split() == [code.version, *code.modules]


def test_every_module_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []
    parse = ast.parse

    def counted(source: bytes, filename: str) -> ast.Module:
        parsed.append(filename)
        return parse(source, filename)

    monkeypatch.setattr(ast, "parse", counted)
    tree = SourceTree(REAL)
    for module in REAL_MODULES:
        tree.code([Root(module)])
    assert sorted(parsed) == sorted(map(str, (file for file in REAL.rglob("*.py") if file.name != "__init__.py")))

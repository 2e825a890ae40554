"""The version of the code that a computation runs, derived from its imports.

A computation starts at roots: modules, or single functions of modules. Its closure is every module of the package that
the roots import, directly or through other modules, imports inside functions included; imports under
`if TYPE_CHECKING:` never run and do not count. The version is a digest over the closure: the syntax tree of each
module, the files beside them that are not Python (templates, style sheets), and the minor versions of the libraries
that compute.

Only source text is read; nothing is imported. This relies on rules that `mdi_pipeline_tests/test_import_rules.py`
checks: no dynamic imports, no name imported through a package, and no `__init__` that computes.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

LIBRARIES = {
    "duckdb": "duckdb",
    "igraph": "igraph",
    "numba": "numba",
    "numpy": "numpy",
    "polars": "polars",
    "scipy": "scipy",
    "sklearn": "scikit-learn",
    "statsmodels": "statsmodels",
}
"""The libraries that compute: the name they are imported by, and the distribution that has the version."""

_BLOCKS = frozenset({"body", "orelse", "finalbody"})
"""Fields of a syntax tree that hold statements."""

_NOT_WRITTEN = frozenset({"ctx", "type_comment", "type_ignores"})
"""Fields of a syntax tree that change nothing: how a name is used follows from where it stands."""

_Import = ast.Import | ast.ImportFrom


class CodeError(ValueError):
    """Code whose imports cannot be followed; the message names the module and the line."""


@dataclass(frozen=True)
class Root:
    """Where a computation starts: a module, or one top-level function of it.

    With a `name`, only that function and what it uses of its own module counts; modules it imports count whole.
    """

    module: str
    name: str | None = None


@dataclass(frozen=True)
class Code:
    """The code that a computation runs.

    `version` has 16 hexadecimal digits. `modules` are the modules of the closure, sorted, those included of which only
    one function counts. `libraries` maps distributions to minor versions: `{"polars": "2.1"}`.
    """

    version: str
    modules: tuple[str, ...]
    libraries: Mapping[str, str]


@dataclass(frozen=True)
class _Part:
    """A module, or a slice of one: its digest, and the modules of the package and the libraries that it imports."""

    digest: str
    modules: frozenset[str]
    libraries: frozenset[str]


@dataclass(frozen=True)
class _Statement:
    """A top-level statement; of an import of several names, one of them.

    `binds` is empty where the statement counts in every slice.
    """

    text: str
    binds: frozenset[str]
    mentions: frozenset[str]
    imports: tuple[_Import, ...]
    is_import: bool


class SourceTree:
    """The source of a package, and the version of any computation in it.

    Each file is read once, when a closure first reaches it; later edits are not seen. `version_of` gives the version
    of an installed distribution.
    """

    def __init__(
        self, folder: Path, package: str = "mdi_pipeline", *, version_of: Callable[[str], str] = version
    ) -> None:
        self._version_of = version_of
        self._package = package
        self._files: dict[str, Path] = {}
        self._packages: set[str] = set()
        self._data_files: dict[str, list[tuple[str, Path]]] = defaultdict(list)
        self._find_files(folder)
        self._modules: dict[str, _Part] = {}
        self._statements: dict[str, list[_Statement]] = {}
        self._data_digests: dict[str, str] = {}
        self._versions: dict[str, str] = {}

    def code(self, roots: Iterable[Root]) -> Code:
        """The code that a computation runs which starts at these roots.

        Raises `CodeError` where a root does not exist, where an import of the package's own modules cannot be followed,
        and where a name is imported through a package instead of from the module that defines it.
        """
        waiting, names = [], defaultdict(set)
        for root in roots:
            if root.module not in self._files:
                raise CodeError(f"There is no module {root.module} to start at")
            if root.name is None:
                waiting.append(root.module)
            else:
                names[root.module].add(root.name)
        slices = {module: self._slice(module, named) for module, named in names.items()}
        for part in slices.values():
            waiting.extend(part.modules)
        whole: dict[str, _Part] = {}
        while waiting:
            module = waiting.pop()
            if module not in whole:
                whole[module] = self._module(module)
                waiting.extend(whole[module].modules)
        parts = {**slices, **whole}
        packages = {module.rpartition(".")[0] for module in parts}
        libraries = {
            LIBRARIES[name]: self._library_version(LIBRARIES[name])
            for name in sorted(frozenset().union(*(part.libraries for part in parts.values())))
        }
        return Code(
            version=_short_digest(
                {
                    "modules": {module: part.digest for module, part in parts.items()},
                    "data files": {package: self._data_digest(package) for package in packages},
                    "libraries": libraries,
                }
            ),
            modules=tuple(sorted(parts)),
            libraries=libraries,
        )

    def _find_files(self, top: Path) -> None:
        """Index the package's modules, and its other files under the package that they lie in.

        A folder without modules belongs to the package above it: data may have folders of its own.
        """
        owners: dict[Path, str] = {}
        for folder, subfolders, names in os.walk(top):
            here = Path(folder)
            subfolders[:] = [name for name in subfolders if name != "__pycache__" and not name.startswith(".")]
            owner = owners[here.parent] if here != top else self._package
            if here != top and any(name.endswith(".py") for name in names):
                owner = ".".join((self._package, *here.relative_to(top).parts))
            owners[here] = owner
            for name in sorted(names):
                if name == "__init__.py":
                    continue
                if name.endswith(".py"):
                    self._files[f"{owner}.{name.removesuffix('.py')}"] = here / name
                elif not name.startswith("."):
                    self._data_files[owner].append(((here / name).relative_to(top).as_posix(), here / name))
        self._packages = set(owners.values())

    def _module(self, module: str) -> _Part:
        """A whole module."""
        if module not in self._modules:
            pieces: list[str] = []
            imports: list[_Import] = []
            _write(self._parsed(module), pieces.append, imports)
            self._modules[module] = self._part(module, pieces, imports)
        return self._modules[module]

    def _slice(self, module: str, names: Iterable[str]) -> _Part:
        """Some definitions of a module, with what they use of it and the statements that always run."""
        statements = self._top_level(module)
        binding: dict[str, list[int]] = defaultdict(list)
        for index, statement in enumerate(statements):
            for name in statement.binds:
                binding[name].append(index)
        for name in names:
            if all(statements[index].is_import for index in binding[name]):
                raise CodeError(f"{module} defines no {name} at its top level to start at")
        waiting = [index for index, statement in enumerate(statements) if not statement.binds]
        waiting.extend(index for name in names for index in binding[name])
        chosen: set[int] = set()
        while waiting:
            index = waiting.pop()
            if index not in chosen:
                chosen.add(index)
                waiting.extend(other for name in statements[index].mentions for other in binding.get(name, ()))
        used = [statements[index] for index in sorted(chosen)]
        return self._part(module, [one.text for one in used], [node for one in used for node in one.imports])

    def _top_level(self, module: str) -> list[_Statement]:
        if module not in self._statements:
            tree = self._parsed(module)
            postponed = any(
                isinstance(node, ast.ImportFrom) and node.module == "__future__" and node.names[0].name == "annotations"
                for node in tree.body
            )
            self._statements[module] = [
                _statement(node, annotations_run=not postponed)
                for found in _that_run(tree.body)
                for node in (_one_name_each(found) if isinstance(found, _Import) else (found,))
            ]
        return self._statements[module]

    def _parsed(self, module: str) -> ast.Module:
        return ast.parse(self._files[module].read_bytes(), filename=str(self._files[module]))

    def _part(self, module: str, pieces: Sequence[str], imports: Iterable[_Import]) -> _Part:
        modules: set[str] = set()
        libraries: set[str] = set()
        for node in imports:
            for name in _absolute(node, module):
                if name.partition(".")[0] in LIBRARIES:
                    libraries.add(name.partition(".")[0])
                elif f"{name}.".startswith(f"{self._package}."):
                    modules.update(self._imported(node, name, f"{module}, line {node.lineno}"))
        return _Part(_digest("\0".join(pieces).encode()), frozenset(modules), frozenset(libraries))

    def _imported(self, node: _Import, name: str, where: str) -> Iterator[str]:
        """The modules of the package that an import of `name`, or of names from it, reaches."""
        if isinstance(node, ast.Import):
            if any(alias.name == name and alias.asname is None for alias in node.names):
                raise CodeError(
                    f"{where}: `import {name}` gives access to the whole package. "
                    "Write `from … import …`, so that the import says what is used"
                )
            wanted = [name]
        else:
            wanted = [name] if name in self._files else [f"{name}.{alias.name}" for alias in node.names]
        for module in wanted:
            if module in self._files:
                yield module
            elif module in self._packages:
                raise CodeError(f"{where}: imports the package {module}. Import a module of it")
            elif name in self._packages:
                raise CodeError(
                    f"{where}: imports {module.rpartition('.')[2]} through the package {name}. "
                    "Import it from the module that defines it"
                )
            else:
                raise CodeError(f"{where}: there is no module {name}")

    def _data_digest(self, package: str) -> str:
        """A digest of the names and bytes of the files of a package that are not Python."""
        if package not in self._data_digests:
            files = sorted(self._data_files.get(package, ()))
            listed = [f"{name} {_digest(file.read_bytes())}" for name, file in files]
            self._data_digests[package] = _digest("\n".join(listed).encode())
        return self._data_digests[package]

    def _library_version(self, distribution: str) -> str:
        """Major and minor version. What is not installed has none: a step that needs it fails when it runs."""
        if distribution not in self._versions:
            try:
                found = self._version_of(distribution)
            except PackageNotFoundError:
                found = "not installed"
            self._versions[distribution] = ".".join(found.split(".")[:2])
        return self._versions[distribution]


@cache
def installed() -> SourceTree:
    """The source of this installation, as it was when it was first needed."""
    return SourceTree(Path(__file__).parents[1])


def _write(node: ast.AST, put: Callable[[str], None], imports: list[_Import]) -> None:
    """Write a syntax tree as text and collect its imports, in one pass: this is most of the cost after parsing.

    Unlike `ast.dump`, the text has neither docstrings nor code that only type checkers see, and it leaves out empty
    fields, so that a Python version that adds fields writes the same.
    """
    kind = node.__class__
    if kind is ast.Name:
        put(f"${node.id}")  # type: ignore[attr-defined]
        return
    if kind is ast.Constant:
        put(ascii(node.value))  # type: ignore[attr-defined]
        return
    if kind is ast.Import or kind is ast.ImportFrom:
        imports.append(node)  # type: ignore[arg-type]
    put(f"({kind.__name__}")
    for field in kind._fields:
        value = getattr(node, field, None)
        if value is None or value == [] or field in _NOT_WRITTEN:
            continue
        put(field)
        if isinstance(value, ast.AST):
            _write(value, put, imports)
        elif isinstance(value, list):
            put("[")
            for item in _that_run(value) if field in _BLOCKS else value:
                if isinstance(item, ast.AST):
                    _write(item, put, imports)
                else:
                    put("~" if item is None else ascii(item))
            put("]")
        else:
            put(ascii(value))
    put(")")


def _that_run(statements: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements without bare strings, which document, and without what stands under `if TYPE_CHECKING:`."""
    for node in statements:
        if isinstance(node, ast.If) and _is_type_checking(node.test):
            yield from _that_run(node.orelse)
        elif not (
            isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        ):
            yield node


def _is_type_checking(test: ast.expr) -> bool:
    name = test.attr if isinstance(test, ast.Attribute) else test.id if isinstance(test, ast.Name) else None
    return name == "TYPE_CHECKING"


def _absolute(node: _Import, module: str) -> Iterator[str]:
    """The full names of what an import statement of a module names: modules or packages."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
        return
    above = module.split(".")[: -node.level] if node.level else []
    yield ".".join((*above, *([node.module] if node.module else [])))


def _one_name_each(node: _Import) -> Iterator[ast.stmt]:
    """An import of several names as several imports, so that a slice has only those that it uses."""
    for alias in node.names:
        one = (
            ast.Import([alias])
            if isinstance(node, ast.Import)
            else ast.ImportFrom(module=node.module, names=[alias], level=node.level)
        )
        yield ast.copy_location(one, node)


def _statement(node: ast.stmt, *, annotations_run: bool) -> _Statement:
    pieces: list[str] = []
    imports: list[_Import] = []
    _write(node, pieces.append, imports)
    mentions = _Mentions(annotations_run=annotations_run)
    mentions.visit(node)
    return _Statement(
        "\0".join(pieces), _bound(node), frozenset(mentions.names), tuple(imports), isinstance(node, _Import)
    )


def _bound(node: ast.stmt) -> frozenset[str]:
    """The names that a definition, import or assignment binds; nothing where a statement does, or may do, more."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return frozenset({node.name})
        case ast.Import(names=[alias]) | ast.ImportFrom(names=[alias]):
            name = alias.asname or alias.name.partition(".")[0]
            return frozenset() if name == "*" else frozenset({name})
        case ast.Assign():
            targets = list(node.targets)
        case ast.AnnAssign() | ast.AugAssign():
            targets = [node.target]
        case _:
            return frozenset()
    targets.extend(inner.target for inner in ast.walk(node) if isinstance(inner, ast.NamedExpr))
    parts = [inner for target in targets for inner in ast.walk(target)]
    # An item or attribute that is assigned to belongs to an object that others may use under another name.
    if any(isinstance(inner, ast.Attribute | ast.Subscript) for inner in parts):
        return frozenset()
    return frozenset(inner.id for inner in parts if isinstance(inner, ast.Name))


class _Mentions(ast.NodeVisitor):
    """The names that a statement mentions.

    Annotations of variables and of functions without decorators never run under `from __future__ import annotations`
    and are left out there. Those in classes count, since dataclasses and schemas read them, as decorators may.
    """

    def __init__(self, *, annotations_run: bool) -> None:
        self.names: set[str] = set()
        self._annotations_run = annotations_run

    def visit_Name(self, node: ast.Name) -> None:
        self.names.add(node.id)

    def visit_If(self, node: ast.If) -> None:
        if _is_type_checking(node.test):
            self._visit_all(node.orelse)
        else:
            self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.names.update(inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name))

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        if self._annotations_run or node.decorator_list:
            self.generic_visit(node)
        else:
            self._visit_all([*node.args.defaults, *node.args.kw_defaults, *node.body])

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.visit_FunctionDef(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self._visit_all([node.target, node.value, node.annotation if self._annotations_run else None])

    def _visit_all(self, nodes: Iterable[ast.AST | None]) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _short_digest(parts: Mapping[str, object]) -> str:
    """16 hexadecimal digits: enough that two never meet by chance in a home."""
    return _digest(json.dumps(parts, sort_keys=True).encode())[:16]

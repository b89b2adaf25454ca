"""Reads the source tree without importing it: which modules there are, and what each imports, and when.

Shared by the tests of the house rules (test_imports.py) and of the packaging (test_packaging.py).
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOLDERS = ("engine", "bridge", "export", "max_patches")
ROOT_NAME = "vampbridge"


@dataclass(frozen=True)
class Import:
    """One imported module.

    Attributes:
        target: its absolute dotted name.
        late: whether it is imported inside a function, thus not when the module is.
    """

    target: str
    late: bool


@dataclass(frozen=True)
class Module:
    """One Python file of the product.

    Attributes:
        name: import name, such as `vampbridge.engine.units`.
        path: relative to the checkout, with forward slashes.
        tree: its syntax tree.
        is_package: whether it is an `__init__.py`.
    """

    name: str
    path: str
    tree: ast.Module
    is_package: bool


def read_modules(root: Path) -> dict[str, Module]:
    """All modules of the product below `root`, by import name."""
    modules = {}
    for folder in FOLDERS:
        for file in sorted((root / folder).rglob("*.py")):
            relative = file.relative_to(root)
            parts = [ROOT_NAME, *relative.with_suffix("").parts]
            is_package = parts[-1] == "__init__"
            name = ".".join(parts[:-1] if is_package else parts)
            tree = ast.parse(file.read_text(encoding="utf-8"), filename=str(file))
            modules[name] = Module(name, relative.as_posix(), tree, is_package)
    return modules


def imports_of(module: Module, known: set[str]) -> Iterator[Import]:
    """Every import of a module, except those under `if TYPE_CHECKING`.

    `from a import b` is an import of `a.b` where `a.b` is a module in `known`, else of `a`.
    `importlib.import_module("a.b")` with a literal counts as an import too.
    """
    yield from _visit(module, module.tree, known, late=False)


def _visit(module: Module, node: ast.AST, known: set[str], *, late: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(alias.name, late)
        elif isinstance(child, ast.ImportFrom):
            base = _absolute(module, child)
            for alias in child.names:
                member = f"{base}.{alias.name}"
                yield Import(member if member in known else base, late)
        elif (name := _import_module_literal(child)) is not None:
            yield Import(name, late)
        is_body_later = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        yield from _visit(module, child, known, late=late or is_body_later)


def _absolute(module: Module, node: ast.ImportFrom) -> str:
    if node.level == 0:
        return node.module or ""
    parts = module.name.split(".")
    package = parts if module.is_package else parts[:-1]
    base = package[: len(package) - (node.level - 1)]
    return ".".join([*base, node.module] if node.module else base)


def _import_module_literal(node: ast.AST) -> str | None:
    if not (isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)):
        return None
    called = ast.unparse(node.func).split(".")[-1]
    value = node.args[0].value
    return value if called == "import_module" and isinstance(value, str) else None

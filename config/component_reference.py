"""docs/components.md: what each component takes and tells, from its settings and its docstrings."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from config.load import PROJECT_FOLDER
from config.schema import Key, keys
from config.settings import Settings
from config.typed import COMPONENTS

_INTRODUCTION = """\
# Components

<!-- Written by `{command}` from the docstrings of casement/ and components/; do not edit. -->

What each component is, what it takes, and what it tells. How to use those of the package is in
[package.md](package.md); what an argument means in [configuration.md](configuration.md#keys), by the name of its
setting, which is also the argument's name in other languages than Python.
"""
_INSIDE = """\
## Inside

The program itself is made of these (`__main__.py`); in a Python program with the package they are in
`casement.components`. They take parts of a plan (`plan/`), and wait for what they need.
"""


def reference(command: str) -> str:
    """Return the page; ``command`` is what writes it."""
    public = [_described(PROJECT_FOLDER / "casement" / file) for file in ("windows_nodes.py", "flannel.py")]
    files = sorted((PROJECT_FOLDER / "components").rglob("*.py"))
    parts = [_INTRODUCTION.format(command=command)]
    for each in (found for component in public for found in component):
        parts += [f"## {each.name}\n", _purpose(each), _arguments(each.name), *_told(each)]
    parts.append(_INSIDE)
    for file in files:
        for each in _described(file):
            parts += [f"### {each.name}\n", f"{_purpose(each)}\n`{file.relative_to(PROJECT_FOLDER)}`\n", *_told(each)]
    return "\n".join(parts)


def _described(file: Path) -> list[ast.ClassDef]:
    """Return the components of a file, in its order."""
    tree = ast.parse(file.read_text("utf-8"))
    classes = (each for each in tree.body if isinstance(each, ast.ClassDef))
    return [each for each in classes if any("ComponentResource" in ast.unparse(base) for base in each.bases)]


def _purpose(component: ast.ClassDef) -> str:
    return f"{(ast.get_docstring(component) or '').replace('``', '`')}\n"


def _arguments(component: str) -> str:
    chosen = {key.field: key for key in keys(Settings).values()}
    # Required ones first, as a reader looks for them.
    given = sorted((chosen[field] for field in COMPONENTS[component]), key=lambda key: not key.required)
    rows = [f"| `{key.field}` | `{key.name}` | {_default(key)} |\n" for key in given]
    return "| argument | its setting | default |\n| --- | --- | --- |\n" + "".join(rows)


def _default(key: Key) -> str:
    if key.required:
        return "**required**"
    return "" if key.default in (None, [], {}) else f"`{str(key.default).lower()}`"


def _told(component: ast.ClassDef) -> Iterator[str]:
    """Yield a table of the component's outputs: what has a type and a docstring."""
    rows = [
        f"| `{ast.unparse(told.target)}` | `{_cell(ast.unparse(told.annotation))}` | {_cell(meaning)} |\n"
        for told, meaning in _documented(component.body)
    ]
    if rows:
        yield "| output | type | meaning |\n| --- | --- | --- |\n" + "".join(rows)


def _documented(body: list[ast.stmt]) -> Iterator[tuple[ast.AnnAssign, str]]:
    for told, after in pairwise(body):
        if isinstance(told, ast.AnnAssign) and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            yield told, str(after.value.value)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("``", "`").replace("|", "\\|")

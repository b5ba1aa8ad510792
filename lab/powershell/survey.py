"""What scripts name that the interpreter does not know, found without running them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from lab.powershell import type_names
from lab.powershell.aliases import ALIASES
from lab.powershell.binding import COMMON
from lab.powershell.builtins import BUILT_IN
from lab.powershell.cmdlet import Cmdlet
from lab.powershell.errors import Unsupported
from lab.powershell.parser import parse
from lab.powershell.source import Source
from lab.powershell.syntax import Cast, Literal, Node, ParameterDeclaration, TypeLiteral
from lab.powershell.syntax_statements import Catch, Command, CommandParameter, FunctionDefinition


def nodes(value: object) -> Iterator[Node]:
    """Every node of a tree."""
    if isinstance(value, tuple):
        for item in value:
            yield from nodes(item)
    elif isinstance(value, Node):
        yield value
        for field in dataclasses.fields(value):
            yield from nodes(getattr(value, field.name))


def survey(paths: Iterable[Path], cmdlets: Mapping[str, Cmdlet], types: Iterable[str] = ()) -> list[str]:
    """The commands, parameters of cmdlets and types in these files that are not known, each with its place.

    `cmdlets` and `types` are the host's own. Programs, script blocks and splatted parameters are not looked at.
    """
    trees = [parse(Source(path.read_text(encoding="utf-8"), path.name)) for path in paths]
    every = [node for tree in trees for node in nodes(tree)]
    functions = {node.name.lower() for node in every if isinstance(node, FunctionDefinition)}
    known = {**BUILT_IN, **{name.lower(): one for name, one in cmdlets.items()}}
    own_types = {name.lower() for name in types}
    problems: list[str] = []
    for node in every:
        if isinstance(node, Command):
            problems.extend(_command_problems(node, known, functions))
        problems.extend(f"the type [{name}] at {node.place}" for name in _types(node) if not _is_known(name, own_types))
    return problems


def _command_problems(node: Command, known: Mapping[str, Cmdlet], functions: set[str]) -> Iterator[str]:
    if node.operator or not isinstance(node.name, Literal):
        return
    written = str(node.name.value)
    name = ALIASES.get(written.lower(), written).lower()
    if name in functions or "." in name:
        return
    if name not in known:
        yield f"the command {written} at {node.place}"
        return
    # An item cmdlet may be the registry's, which takes other parameters.
    candidates = [known[name], *(known[key] for key in (f"registry:{name}",) if key in known)]
    taken = {parameter.name.lower() for one in candidates for parameter in one.signature.parameters}
    taken |= {alias.lower() for one in candidates for item in one.signature.parameters for alias in item.aliases}
    for element in node.elements:
        if isinstance(element, CommandParameter) and element.name.lower() not in taken | set(COMMON):
            yield f"the parameter -{element.name} of {written} at {element.place}"


def _types(node: Node) -> list[str]:
    if isinstance(node, TypeLiteral | Cast):
        return [node.type.name]
    if isinstance(node, Catch):
        return [name.name for name in node.types]
    if isinstance(node, ParameterDeclaration) and node.type is not None:
        return [node.type.name]
    return []


def _is_known(name: str, own: set[str]) -> bool:
    if name.lower() in own or f"system.{name.lower()}" in own:
        return True
    try:
        type_names.resolve(name)
    except Unsupported:
        return False
    return True

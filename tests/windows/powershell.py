"""PowerShell text as a tree, and the few questions our rules ask of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import tree_sitter_powershell
from tree_sitter import Language, Node, Parser

_PARSER = Parser(Language(tree_sitter_powershell.language()))
_NESTED = ("function_statement",)


def text(node: Node | None) -> str:
    """Return what stands at the node."""
    return node.text.decode() if node is not None and node.text is not None else ""


def walk(node: Node, *, into_functions: bool = True) -> Iterator[Node]:
    """Yield the node and all below it, in the order of the text."""
    yield node
    for child in node.children:
        if into_functions or child.type not in _NESTED:
            yield from walk(child, into_functions=into_functions)


def variables(node: Node) -> frozenset[str]:
    """Return the names of all variables below the node, lower case, without scope and braces."""
    return frozenset(variable_name(each) for each in walk(node) if each.type == "variable")


def variable_name(node: Node) -> str:
    """Return a variable's name, lower case, without ``$``, ``@``, braces and scope."""
    return text(node).lstrip("$@").strip("{}").rpartition(":")[2].lower()


@dataclass(frozen=True)
class Parameter:
    """A declared parameter."""

    name: str
    mandatory: bool


@dataclass(frozen=True)
class Call:
    """A command that is called by name."""

    node: Node

    @property
    def name(self) -> str:
        """The command's name; of ``& (Join-Path ... 'X.ps1')`` it is ``X.ps1``; empty where only run time knows it."""
        direct = next((text(child) for child in self.node.children if child.type == "command_name"), "")
        if direct:
            return direct
        target = next((child for child in self.node.children if child.type == "command_name_expr"), None)
        literals = [text(each) for each in walk(target) if each.type == "verbatim_string_characters"] if target else []
        return next((literal.strip("'").rpartition("\\")[2] for literal in literals if literal.endswith(".ps1'")), "")

    @property
    def line(self) -> int:
        """Line number, from 1."""
        return self.node.start_point[0] + 1

    @cached_property
    def _elements(self) -> list[Node]:
        return [each for child in self.node.children if child.type == "command_elements" for each in child.children]

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters that are given, without dash and colon."""
        return tuple(text(each).strip("-:") for each in self._elements if each.type == "command_parameter")

    @property
    def splats(self) -> bool:
        """Whether parameters come from a variable (``@arguments``)."""
        return any(
            text(each).startswith("@") and each.type == "array_literal_expression" and text(each)[1:2].isalpha()
            for each in self._elements
        )

    @property
    def positional(self) -> int:
        """How many arguments are given without a name."""
        count = 0
        named = False
        for each in self._elements:
            if each.type == "command_argument_sep":
                continue
            if each.type == "command_parameter":
                named = True
            elif named:
                named = False
            elif not text(each).startswith("@"):
                count += 1
        return count


@dataclass(frozen=True)
class Block:
    """A script, or one function of it."""

    name: str
    node: Node
    help: str
    """The comment that comes first."""

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """The declared parameters."""
        block = next((each for each in walk(self.node, into_functions=False) if each.type == "param_block"), None)
        if block is None:
            return ()
        return tuple(_parameter(each) for each in walk(block) if each.type == "script_parameter")

    def calls(self) -> Iterator[Call]:
        """Yield every command called in the block, not those of functions inside it."""
        for node in walk(self.node, into_functions=False):
            if node.type == "command":
                yield Call(node)


def _parameter(node: Node) -> Parameter:
    name = next(text(child) for child in node.children if child.type == "variable").lstrip("$")
    attributes = "".join(text(child) for child in node.children if child.type == "attribute_list")
    return Parameter(name, "Mandatory = $true" in attributes)


@dataclass(frozen=True)
class Script:
    """A file of PowerShell."""

    name: str
    source: str

    @cached_property
    def root(self) -> Node:
        """The tree."""
        return _PARSER.parse(self.source.encode()).root_node

    @cached_property
    def block(self) -> Block:
        """The script itself, without its functions."""
        return Block(self.name, self.root, _first_comment(self.root))

    @cached_property
    def functions(self) -> tuple[Block, ...]:
        """Its functions."""
        found = []
        for node in walk(self.root):
            if node.type == "function_statement":
                name = next(text(child) for child in node.children if child.type == "function_name")
                found.append(
                    Block(name, next(c for c in node.children if c.type == "script_block"), _first_comment(node))
                )
        return tuple(found)

    @property
    def functions_only(self) -> bool:
        """Whether it is a module or a part of one, which defines functions and does nothing itself."""
        return self.name.endswith(".psm1") or "Part of the module" in self.block.help

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The script, then its functions."""
        return (self.block, *self.functions)


def _first_comment(node: Node) -> str:
    return next((text(each) for each in walk(node) if each.type == "comment" and text(each).startswith("<#")), "")


def read(path: Path) -> Script:
    """Return the script in a file."""
    return Script(path.name, path.read_text(encoding="utf-8"))

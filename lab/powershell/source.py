"""The text of a script, places in it, and the second opinion on its syntax that tree-sitter gives."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import tree_sitter_powershell
from tree_sitter import Language, Node, Parser


class ParseError(Exception):
    """The text is not PowerShell, or not the part of it that is parsed; nothing of it is run."""


@dataclass(frozen=True)
class Source:
    """A script text and the name it is shown under."""

    text: str
    name: str = ""


@dataclass(frozen=True)
class Place:
    """A character of a source."""

    source: Source
    offset: int

    @property
    def line(self) -> int:
        """The line, counted from 1."""
        return self.source.text.count("\n", 0, self.offset) + 1

    @property
    def line_text(self) -> str:
        """The text of the line, trimmed."""
        start = self.source.text.rfind("\n", 0, self.offset) + 1
        end = self.source.text.find("\n", self.offset)
        return self.source.text[start : len(self.source.text) if end < 0 else end].strip()

    def __str__(self) -> str:
        """`FILE:LINE`."""
        return f"{self.source.name or 'command'}:{self.line}"


@cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_powershell.language()))


def _first_error(node: Node) -> Node:
    for child in node.children:
        if child.is_error or child.is_missing:
            return child
        if child.has_error:
            return _first_error(child)
    return node


def check_grammar(source: Source) -> None:
    """Refuse what tree-sitter-powershell does not parse: a second parser, by other people, must agree.

    Raises ParseError with the first place of disagreement.
    """
    text = source.text.replace("\r\n", "\n").rstrip("\n") + "\n"
    if not text.strip():
        return
    root = _parser().parse(text.encode()).root_node
    if root.has_error:
        row = _first_error(root).start_point.row
        line = text.split("\n")[row].strip()
        raise ParseError(f"{source.name or 'command'}:{row + 1}: tree-sitter-powershell does not parse this: {line}")

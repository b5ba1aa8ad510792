"""Script blocks and their parameters."""

from __future__ import annotations

import re

from lab.powershell.parse_commands import CommandParser
from lab.powershell.syntax import (
    Attribute,
    Block,
    Expression,
    ParameterDeclaration,
    ScriptBlockSyntax,
    Statement,
    TypeName,
)


class BlockParser(CommandParser):
    """Reads the inside of script blocks."""

    def _body(self) -> Block:
        """A block in braces."""
        raise NotImplementedError

    def block_until(self, closing: str) -> Block:
        """The statements up to `closing`, which is stepped over."""
        statements: list[Statement] = []
        while True:
            self.terminators()
            if not self.peek():
                if closing:
                    raise self.fail(f"expected {closing!r}")
                return tuple(statements)
            if closing and self.accept(closing):
                return tuple(statements)
            statements.append(self.statement())

    def script_block(self, closing: str) -> ScriptBlockSyntax:
        """Attributes, `param`, and either named blocks or statements."""
        start = self.at
        attributes, parameters = self._param_block()
        self.terminators()
        named: dict[str, Block] = {}
        while self.word() in ("begin", "process", "end") and re.compile(r"\w+\s*\{").match(self.text, self.at):
            keyword = self.word()
            if keyword in named:
                raise self.fail(f"a second {keyword!r} block")
            self.at += len(keyword)
            named[keyword] = self._body()
            self.terminators()
        if named:
            if closing:
                self.expect(closing)
            elif self.peek():
                raise self.fail("a statement beside named blocks")
        else:
            named["end"] = self.block_until(closing)
        text = self.text[start : self.at - len(closing)]
        begin, process, end = (named.get(name, ()) for name in ("begin", "process", "end"))
        is_named = "process" in named or "begin" in named
        return ScriptBlockSyntax(self.place(start), parameters, attributes, begin, process, end, is_named, text)

    def _param_block(self) -> tuple[tuple[Attribute, ...], tuple[ParameterDeclaration, ...] | None]:
        mark = self.at
        attributes: list[Attribute] = []
        self.terminators()
        while self.peek() == "[" and re.compile(r"\[[\w.]+\(").match(self.text, self.at):
            attribute = self.attribute()
            assert isinstance(attribute, Attribute)
            attributes.append(attribute)
            self.newlines()
        if not self.accept_word("param"):
            self.at = mark
            return (), None
        self.newlines()
        self.expect("(")
        return tuple(attributes), self._parameters()

    def _parameters(self) -> tuple[ParameterDeclaration, ...]:
        parameters: list[ParameterDeclaration] = []
        self.newlines()
        while not self.accept(")"):
            parameters.append(self._parameter())
            self.newlines()
            if self.accept(","):
                self.newlines()
            elif self.peek() != ")":
                raise self.fail("expected ',' or ')' after a parameter")
        return tuple(parameters)

    def _parameter(self) -> ParameterDeclaration:
        start = self.place()
        attributes: list[Attribute] = []
        type_name: TypeName | None = None
        while self.peek() == "[":
            read = self.attribute()
            if isinstance(read, Attribute):
                attributes.append(read)
            else:
                type_name = read
            self.newlines()
        variable = self.variable()
        default: Expression | None = None
        self.blanks()
        if self.accept("="):
            self.newlines()
            default = self._argument()
        return ParameterDeclaration(start, variable.name, type_name, tuple(attributes), default)

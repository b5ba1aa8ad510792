"""Type names and attributes."""

from __future__ import annotations

import re

from lab.powershell.scanner import Scanner
from lab.powershell.syntax import (
    Attribute,
    Expression,
    TypeName,
)

_TYPE_NAME = re.compile(r"[A-Za-z_][\w.+`]*")


class TypeParser(Scanner):
    """Reads what stands in brackets."""

    def _argument(self) -> Expression:
        """An expression in which a comma ends it."""
        raise NotImplementedError

    def type_literal(self) -> TypeName:
        """`[name]`; its bracket is next."""
        self.expect("[")
        name = self._type_name()
        self.expect("]")
        return name

    def _type_name(self) -> TypeName:
        self.blanks()
        found = _TYPE_NAME.match(self.text, self.at)
        if not found:
            raise self.fail("expected a type name")
        self.at = found.end()
        arguments: list[TypeName] = []
        array = False
        if self.accept("[]"):
            array = True
        elif self.accept("["):
            arguments.append(self._type_name())
            while self.accept(","):
                arguments.append(self._type_name())
            self.expect("]")
            array = self.accept("[]")
        return TypeName(found.group(), tuple(arguments), array)

    def attribute(self) -> Attribute | TypeName:
        """`[Name(...)]`, or a type; the bracket is next."""
        start = self.place()
        self.expect("[")
        name = self._type_name()
        if self.accept("]"):
            return name
        self.expect("(")
        positional: list[Expression] = []
        named: list[tuple[str, Expression | None]] = []
        self.newlines()
        while not self.accept(")"):
            key = re.compile(r"([A-Za-z_]\w*)\s*(=?)").match(self.text, self.at)
            if key:
                self.at = key.end()
                self.blanks()
                named.append((key[1], self._argument() if key[2] else None))
            else:
                positional.append(self._argument())
            self.newlines()
            self.accept(",")
            self.newlines()
        self.blanks()
        self.expect("]")
        return Attribute(start, name.name, tuple(positional), tuple(named))

"""Characters to words: white space, comments, names, numbers and strings."""

from __future__ import annotations

import re

from lab.powershell.source import ParseError, Place, Source
from lab.powershell.syntax import Block, Expandable, Expression, Literal, SubExpression, Variable

ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
MULTIPLIERS = {"kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30, "tb": 1 << 40, "pb": 1 << 50}

_BLANK = re.compile(r"(?:[ \t\f\u00a0]|`\r?\n|<#.*?#>|\ufeff)+", re.DOTALL)
_NUMBER = re.compile(
    r"(?:0x(?P<hex>[0-9a-f]+)|(?P<digits>(?:\d+\.(?!\.)\d*|\.\d+|\d+)(?:e[+-]?\d+)?))(?P<suffix>[ld]?)(?P<unit>[kmgtp]b)?",
    re.IGNORECASE,
)
_VARIABLE = re.compile(r"(?:(?P<scope>\w+):)?(?P<name>[\w?]+)")
_SPECIAL = ("$", "^", "?", "_")


class Scanner:
    """A position in a source, and what can be read there.

    While `comma_separates`, a comma ends an expression instead of making an array.
    """

    comma_separates = False

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.at = 0

    def place(self, offset: int | None = None) -> Place:
        """The place of an offset, or of the next character."""
        return Place(self.source, self.at if offset is None else offset)

    def fail(self, message: str, offset: int | None = None) -> ParseError:
        """The error to raise for text that cannot be parsed."""
        place = self.place(offset)
        return ParseError(f"{place}: {message}: {place.line_text}")

    def peek(self, length: int = 1) -> str:
        """The next characters; less than `length` at the end."""
        return self.text[self.at : self.at + length]

    def starts(self, text: str) -> bool:
        """Whether the text continues with this."""
        return self.text.startswith(text, self.at)

    def blanks(self) -> None:
        """Skip spaces, block comments, continued lines, and a comment up to the end of its line."""
        while True:
            found = _BLANK.match(self.text, self.at)
            if found:
                self.at = found.end()
            elif self.peek() == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            else:
                return

    def newlines(self) -> None:
        """Skip blanks and line ends."""
        while True:
            self.blanks()
            if self.peek() not in ("\n", "\r") or not self.peek():
                return
            self.at += 1

    def terminators(self) -> None:
        """Skip blanks, line ends and semicolons."""
        while True:
            self.newlines()
            if self.peek() != ";":
                return
            self.at += 1

    def accept(self, text: str) -> bool:
        """Step over `text` if it is next."""
        if self.starts(text):
            self.at += len(text)
            return True
        return False

    def expect(self, text: str) -> None:
        """Step over `text`, which must be next."""
        if not self.accept(text):
            raise self.fail(f"expected {text!r}")

    def word(self) -> str:
        """The name that is next, in lower case, without stepping over it; empty if there is none."""
        found = re.compile(r"[A-Za-z_][\w]*").match(self.text, self.at)
        return found.group().lower() if found else ""

    def accept_word(self, word: str) -> bool:
        """Step over a keyword if it is next."""
        if self.word() == word and self.text[self.at + len(word) : self.at + len(word) + 1] != "-":
            self.at += len(word)
            return True
        return False

    def number(self, followed_by: str) -> Literal | None:
        """A number, if one is next and what follows it matches the pattern `followed_by`."""
        found = _NUMBER.match(self.text, self.at)
        if not found or not re.compile(followed_by).match(self.text, found.end()):
            return None
        start, self.at = self.at, found.end()
        return Literal(self.place(start), number_value(found), found.group())

    def variable(self) -> Variable:
        """A variable; the `$` is next."""
        start = self.at
        self.expect("$")
        if self.accept("{"):
            end = self.text.find("}", self.at)
            if end < 0:
                raise self.fail("a variable name without its closing brace", start)
            scope, _, name = self.text[self.at : end].rpartition(":")
            self.at = end + 1
            return Variable(self.place(start), scope.lower(), name)
        found = _VARIABLE.match(self.text, self.at)
        if not found or found.group() == "?":
            if self.peek() not in _SPECIAL or not self.peek():
                raise self.fail("a '$' without a name", start)
            self.at += 1
            return Variable(self.place(start), "", self.text[self.at - 1])
        self.at = found.end()
        if self.peek() == ":" and self.peek(2) != "::":
            raise self.fail("':' after a variable name is not followed by a name; write ${name}", start)
        return Variable(self.place(start), (found["scope"] or "").lower(), found["name"])

    def single_quoted(self) -> str:
        """A verbatim string; its quote is next."""
        start = self.at
        self.at += 1
        parts: list[str] = []
        while True:
            end = self.text.find("'", self.at)
            if end < 0:
                raise self.fail("a string without its closing quote", start)
            parts.append(self.text[self.at : end])
            self.at = end + 1
            if not self.accept("'"):
                return "".join(parts)
            parts.append("'")

    def double_quoted(self) -> Expression:
        """An expandable string; its quote is next."""
        start = self.at
        self.at += 1
        parts: list[str | Expression] = []
        while True:
            if not self.peek():
                raise self.fail("a string without its closing quote", start)
            if self.accept('""'):
                parts.append('"')
            elif self.accept('"'):
                return self.expandable(parts, start)
            else:
                parts.append(self.string_part())

    def string_part(self) -> str | Expression:
        """One escape, variable, subexpression or plain character of an expandable string."""
        char = self.peek()
        if char == "`":
            self.at += 2
            escaped = self.text[self.at - 1 : self.at]
            return ESCAPES.get(escaped, escaped)
        if char == "$":
            start = self.at
            if self.accept("$("):
                separates, self.comma_separates = self.comma_separates, False
                body = self.block_until(")")
                self.comma_separates = separates
                return SubExpression(self.place(start), body)
            follows = self.text[self.at + 1 : self.at + 2]
            if follows and (follows.isalnum() or follows in "_{$^?"):
                return self.variable()
        self.at += 1
        return char

    def expandable(self, parts: list[str | Expression], start: int) -> Expression:
        """The node for these parts: a literal when nothing is to be filled in."""
        joined: list[str | Expression] = []
        for part in parts:
            if isinstance(part, str) and joined and isinstance(joined[-1], str):
                joined[-1] += part
            else:
                joined.append(part)
        if not joined or (len(joined) == 1 and isinstance(joined[0], str)):
            return Literal(self.place(start), joined[0] if joined else "")
        return Expandable(self.place(start), tuple(joined))

    def here_string(self) -> Expression:
        """A here-string; its `@` and quote are next."""
        start = self.at
        quote = self.text[self.at + 1]
        header = re.compile(r"@['\"][ \t]*\r?\n").match(self.text, self.at)
        if not header:
            raise self.fail("a here-string begins on the line after its header", start)
        self.at = header.end() - 1
        parts: list[str | Expression] = []
        end = re.compile(r"\r?\n" + quote + "@")
        while not (found := end.match(self.text, self.at)):
            if not self.peek():
                raise self.fail("a here-string without its end", start)
            if quote == '"' and self.peek() != "\n":
                parts.append(self.string_part())
            else:
                parts.append(self.peek())
                self.at += 1
        self.at = found.end()
        if parts and parts[0] == "\n":
            del parts[0]
        return self.expandable(parts, start)

    def block_until(self, closing: str) -> Block:
        """The statements up to `closing`, which is stepped over."""
        raise NotImplementedError


def number_value(found: re.Match[str]) -> int | float:
    """The number of a match: hexadecimal wraps to Int32 or Int64, units multiply."""
    unit = MULTIPLIERS.get((found["unit"] or "").lower(), 1)
    if found["hex"]:
        value = int(found["hex"], 16)
        for bits in (32, 64):
            if len(found["hex"]) <= bits // 4:
                return (value - (1 << bits) if value >> (bits - 1) else value) * unit
        return value * unit
    digits = found["digits"]
    return int(digits) * unit if digits.isdigit() else float(digits) * unit


def parse_number(text: str) -> int | float | None:
    """The number a string stands for as a PowerShell literal, or None."""
    found = _NUMBER.fullmatch(text.strip())
    return number_value(found) if found else None

"""Expressions: operators by precedence, and everything that can be an operand."""

from __future__ import annotations

import re

from lab.powershell.parse_types import TypeParser
from lab.powershell.syntax import (
    ArrayExpression,
    ArrayLiteral,
    Binary,
    Cast,
    Expression,
    HashLiteral,
    Increment,
    Index,
    Literal,
    Member,
    MethodCall,
    Parenthesized,
    ScriptBlockLiteral,
    ScriptBlockSyntax,
    Statement,
    SubExpression,
    TypeLiteral,
    Unary,
)

LOGICAL = {"-and", "-or", "-xor"}
BITWISE = {"-band", "-bor", "-bxor"}
_CASED = {"eq", "ne", "gt", "ge", "lt", "le", "like", "notlike", "match", "notmatch", "contains", "notcontains"}
_CASED |= {"in", "notin", "replace", "split"}
COMPARISON = {f"-{case}{name}" for name in _CASED for case in ("", "c", "i")}
COMPARISON |= {"-is", "-isnot", "-as", "-join", "-shl", "-shr"}
ADDITIVE = {"+", "-"}
MULTIPLICATIVE = {"*", "/", "%"}
LEVELS = (LOGICAL, BITWISE, COMPARISON, ADDITIVE, MULTIPLICATIVE, {"-f"}, {".."})
UNARY_WORDS = {"-not", "-bnot", "-join", "-split", "-csplit", "-isplit"}

_OPERATOR = re.compile(r"-[A-Za-z]+(?![\w])|\.\.|[-+*/%](?![-+=])|[-+*/%](?=[-+][\w$(.])")
_END_OF_NUMBER = r"(?![\w$])"
_MEMBER_NAME = re.compile(r"[A-Za-z_]\w*")


class ExpressionParser(TypeParser):
    """Reads expressions."""

    def expression(self) -> Expression:
        """An expression of any precedence."""
        return self._binary(0)

    def _operator(self) -> str:
        """The binary operator that is next, in lower case, without stepping over it."""
        found = _OPERATOR.match(self.text, self.at)
        return found.group().lower() if found else ""

    def _binary(self, level: int) -> Expression:
        if level == len(LEVELS):
            return self._array()
        left = self._binary(level + 1)
        while True:
            mark = self.at
            self.blanks()
            operator = self._operator()
            if operator not in LEVELS[level]:
                self.at = mark
                return left
            start = self.at
            self.at += len(operator)
            self.newlines()
            left = Binary(self.place(start), operator, left, self._binary(level + 1))

    def _array(self) -> Expression:
        start = self.at
        first = self.unary()
        items = [first]
        while not self.comma_separates:
            mark = self.at
            self.blanks()
            if not self.accept(","):
                self.at = mark
                break
            self.newlines()
            items.append(self.unary())
        return first if len(items) == 1 else ArrayLiteral(self.place(start), tuple(items))

    def unary(self) -> Expression:
        """An operand with its unary operators and casts."""
        self.blanks()
        start = self.place()
        if self.accept(","):
            self.newlines()
            return ArrayLiteral(start, (self.unary(),))
        if self.peek(2) in ("++", "--"):
            operator = self.peek(2)
            self.at += 2
            return Increment(start, operator, True, self.unary())
        word = re.compile(r"-[A-Za-z]+|[-+!]").match(self.text, self.at)
        if word:
            operator = "-not" if word.group() == "!" else word.group().lower()
            if len(operator) > 1 and operator not in UNARY_WORDS:
                operator = "-"
            self.at += 1 if word.group() == "!" else len(operator)
            self.newlines()
            return Unary(start, operator, self.unary())
        if self.peek() == "[":
            return self._cast_or_type()
        return self._postfix(self.primary())

    def _cast_or_type(self) -> Expression:
        start = self.place()
        name = self.type_literal()
        mark = self.at
        if not self.starts("::"):
            self.blanks()
            if self._begins_operand():
                return Cast(start, name, self.unary())
            self.at = mark
        return self._postfix(TypeLiteral(start, name))

    def _begins_operand(self) -> bool:
        two = self.peek(2)
        if not two:
            return False
        if two[0] in "$('\"[{" or two[0].isdigit() or two in ("@(", "@{", "@'", '@"'):
            return True
        return bool(re.compile(r"-(?:[\d$(]|(?:not|bnot|join|split)\b)|!", re.IGNORECASE).match(self.text, self.at))

    def primary(self) -> Expression:
        """An operand without members, indexes and calls."""
        start = self.place()
        two = self.peek(2)
        if two[:1] == "$" and two != "$(":
            return self.variable()
        if two[:1] == "'":
            return Literal(start, self.single_quoted())
        if two[:1] == '"':
            return self.double_quoted()
        if two in ("@'", '@"'):
            return self.here_string()
        return self._enclosed(two) or self._number()

    def _number(self) -> Literal:
        number = self.number(_END_OF_NUMBER)
        if number is None:
            raise self.fail("expected an expression")
        return number

    def _enclosed(self, two: str) -> Expression | None:
        """What stands in brackets, inside which a comma makes an array again."""
        start = self.place()
        made: Expression | None = None
        separates, self.comma_separates = self.comma_separates, False
        if two[:1] == "{":
            self.at += 1
            made = ScriptBlockLiteral(start, self.script_block("}"))
        elif two in ("$(", "@("):
            self.at += 2
            body = self.block_until(")")
            made = SubExpression(start, body) if two == "$(" else ArrayExpression(start, body)
        elif two == "@{":
            self.at += 2
            made = self._hash_literal(start.offset)
        elif two[:1] == "(":
            self.at += 1
            self.newlines()
            inner = self.pipeline_statement()
            self.newlines()
            self.expect(")")
            made = Parenthesized(start, inner)
        self.comma_separates = separates
        return made

    def _hash_literal(self, start: int) -> HashLiteral:
        pairs: list[tuple[Expression, Statement]] = []
        while True:
            self.terminators()
            if self.accept("}"):
                return HashLiteral(self.place(start), tuple(pairs))
            key = self._hash_key()
            self.blanks()
            self.expect("=")
            self.newlines()
            pairs.append((key, self.statement()))
            self.blanks()
            if self.peek() not in ("\n", "\r", ";", "}"):
                raise self.fail("expected the end of a hashtable entry")

    def _hash_key(self) -> Expression:
        found = re.compile(r"[A-Za-z_][\w]*").match(self.text, self.at)
        if not found:
            return self.unary()
        start, self.at = self.at, found.end()
        return Literal(self.place(start), found.group())

    def _postfix(self, target: Expression) -> Expression:
        while True:
            start = self.place()
            if self.starts("::"):
                self.at += 2
                target = self._member(target, static=True)
            elif self.peek() == "." and self.peek(2) != ".." and self._member_follows():
                self.at += 1
                target = self._member(target, static=False)
            elif self.peek() == "[":
                self.at += 1
                target = Index(start, target, self._index())
            elif self.peek(2) in ("++", "--"):
                operator = self.peek(2)
                self.at += 2
                return Increment(start, operator, False, target)
            else:
                return target

    def _index(self) -> Expression:
        separates, self.comma_separates = self.comma_separates, False
        self.newlines()
        index = self.expression()
        self.newlines()
        self.expect("]")
        self.comma_separates = separates
        return index

    def _member_follows(self) -> bool:
        return bool(re.compile(r"\.[A-Za-z_$('\"]").match(self.text, self.at))

    def _member(self, target: Expression, *, static: bool) -> Expression:
        start = self.place()
        found = _MEMBER_NAME.match(self.text, self.at)
        name: Expression
        if found:
            self.at = found.end()
            name = Literal(start, found.group())
        else:
            name = self.primary()
        if self.accept("("):
            return MethodCall(start, target, name, static, self._arguments())
        if self.peek() == "{":
            raise self.fail("a script block right after a member name is not supported; write .Name({ })")
        return Member(start, target, name, static)

    def _arguments(self) -> tuple[Expression, ...]:
        arguments: list[Expression] = []
        self.newlines()
        while not self.accept(")"):
            arguments.append(self._argument())
            self.newlines()
            if self.accept(","):
                self.newlines()
            elif self.peek() != ")":
                raise self.fail("expected ',' or ')' after an argument")
        return tuple(arguments)

    def _argument(self) -> Expression:
        """An expression in which a comma ends it."""
        separates, self.comma_separates = self.comma_separates, True
        try:
            return self.expression()
        finally:
            self.comma_separates = separates

    def pipeline_statement(self) -> Statement:
        """A pipeline or an assignment."""
        raise NotImplementedError

    def statement(self) -> Statement:
        """Any statement."""
        raise NotImplementedError

    def script_block(self, closing: str) -> ScriptBlockSyntax:
        """The inside of a script block up to `closing`, which is stepped over."""
        raise NotImplementedError

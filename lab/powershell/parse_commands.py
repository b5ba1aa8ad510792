"""Commands: the words after a command name follow other rules than expressions."""

from __future__ import annotations

import re

from lab.powershell.parse_expressions import ExpressionParser
from lab.powershell.syntax import ArrayLiteral, Cast, Expression, Index, Literal, Member, Statement, Unary, Variable
from lab.powershell.syntax_statements import (
    Assignment,
    Command,
    CommandExpression,
    CommandParameter,
    Pipeline,
    Redirection,
)

_BREAKS = "(){};,|& \t\r\n"
_REDIRECTION = re.compile(r"(?P<stream>[1-6*]?)>(?:&(?P<merge>[12])|(?P<append>>)?)")
_PARAMETER = re.compile(r"-(?P<name>[A-Za-z_?][^{}();,|&.\[:\s'\"$<>]*)(?P<colon>:?)")
_ASSIGNMENT = re.compile(r"(?:[-+*/%]?)=")
_END_OF_WORD = r"(?=[(){};,|&\s]|$)"


class CommandParser(ExpressionParser):
    """Reads pipelines, commands and assignments."""

    def pipeline_statement(self) -> Statement:
        """A pipeline or an assignment; what follows must be able to end it."""
        start = self.place()
        first = self._element()
        if isinstance(first, CommandExpression) and not first.redirections:
            operator = _ASSIGNMENT.match(self.text, self.at)
            if operator and not self.text.startswith("==", self.at):
                return self._assignment(first.expression, operator)
        elements = [first]
        while self.peek() == "|":
            self.at += 1
            if self.peek() == "|":
                raise self.fail("'||' is not an operator of Windows PowerShell 5.1")
            self.newlines()
            elements.append(self._element())
        if self.peek(2) == "&&":
            raise self.fail("'&&' is not an operator of Windows PowerShell 5.1")
        if self.peek() and self.peek() not in "\r\n;)}":
            raise self.fail(f"unexpected {self.peek()!r}")
        if any(isinstance(one, CommandExpression) for one in elements[1:]):
            raise self.fail("an expression can only be the first element of a pipeline", start.offset)
        return Pipeline(start, tuple(elements))

    def _assignment(self, target: Expression, operator: re.Match[str]) -> Statement:
        if not _assignable(target):
            raise self.fail("this cannot be assigned to", target.place.offset)
        self.at = operator.end()
        self.newlines()
        return Assignment(target.place, target, operator.group(), self.statement())

    def _element(self) -> Command | CommandExpression:
        start = self.place()
        invocation = re.compile(r"(&|\.)(?=[\s$('\"{]|[A-Za-z\\.])").match(self.text, self.at)
        if invocation and not (invocation.group() == "." and self.text[self.at + 1 : self.at + 2] in ("\\", ".")):
            self.at = invocation.end()
            self.blanks()
            return self._command(start.offset, invocation.group())
        if self._begins_expression():
            expression = self.expression()
            self.blanks()
            redirections = []
            while redirection := self._redirection():
                redirections.append(redirection)
            return CommandExpression(start, expression, tuple(redirections))
        if not self.peek() or self.peek() in "\r\n;)}|&<>@":
            raise self.fail("expected a command or an expression")
        return self._command(start.offset, "")

    def _begins_expression(self) -> bool:
        two = self.peek(2)
        if not two:
            return False
        if two[0] in "$('\"[{,!" or two in ("@(", "@{", "@'", '@"', "++", "--"):
            return True
        if two[0] in "+-":
            return True
        mark = self.at
        number = self.number(r"(?![\w$\\:/-])")
        self.at = mark
        return number is not None

    def _command(self, start: int, operator: str) -> Command:
        name = self._argument_word() if operator else self._generic()
        if isinstance(name, Literal) and name.text:
            name = Literal(name.place, name.text)
        elements: list[CommandParameter | Expression] = []
        redirections: list[Redirection] = []
        while True:
            self.blanks()
            if not self.peek() or self.peek() in "\r\n;)}|&":
                break
            if redirection := self._redirection():
                redirections.append(redirection)
            else:
                elements.append(self._command_element())
        return Command(self.place(start), operator, name, tuple(elements), tuple(redirections))

    def _command_element(self) -> CommandParameter | Expression:
        start = self.place()
        if self.starts("--%"):
            raise self.fail("'--%' is not supported")
        found = _PARAMETER.match(self.text, self.at)
        if not found or self.text[found.end() : found.end() + 1] in ("'", '"'):
            return self._argument_list()
        self.at = found.end()
        if self.peek() == "$" and not found["colon"]:
            raise self.fail("PowerShell does not expand a variable here; quote the whole argument", start.offset)
        if not found["colon"]:
            return CommandParameter(start, found["name"], None, found.group())
        self.blanks()
        return CommandParameter(start, found["name"], self._argument_list(), found.group())

    def _argument_list(self) -> Expression:
        """One argument, or several with commas between them."""
        start = self.place()
        if self.accept(","):
            self.newlines()
            return ArrayLiteral(start, (self._argument_word(),))
        items = [self._argument_word()]
        while True:
            mark = self.at
            self.blanks()
            if not self.accept(","):
                self.at = mark
                break
            self.newlines()
            items.append(self._argument_word())
        return items[0] if len(items) == 1 else ArrayLiteral(start, tuple(items))

    def _argument_word(self) -> Expression:
        start = self.place()
        two = self.peek(2)
        if two[:1] in ("'", '"', "(", "{") or two in ("$(", "@(", "@{", "@'", '@"'):
            return self._postfix(self.primary())
        if two[:1] == "$" and two[1:2] and (two[1].isalnum() or two[1] in "_{?$^"):
            variable = self.variable()
            if not self.peek() or self.peek() in _BREAKS or self._postfix_follows():
                return self._postfix(variable)
            self.at = start.offset
            return self._generic()
        if two[:1] == "@":
            found = re.compile(r"@(\w+)").match(self.text, self.at)
            if not found:
                raise self.fail("expected a variable to splat")
            self.at = found.end()
            return Variable(start, "", found[1], splat=True)
        return self._number_word() or self._generic()

    def _number_word(self) -> Literal | None:
        start = self.place()
        negative = self.accept("-") if re.compile(r"-[\d.]").match(self.text, self.at) else False
        number = self.number(_END_OF_WORD)
        if number is None:
            self.at = start.offset
            return None
        value = number.value
        assert isinstance(value, int | float)
        return Literal(start, -value, f"-{number.text}") if negative else number

    def _postfix_follows(self) -> bool:
        return self.peek() == "[" or self.starts("::") or self._member_follows()

    def _generic(self) -> Expression:
        """A bare word: variables and quoted parts inside it are filled in, members are not."""
        start = self.at
        parts: list[str | Expression] = []
        while self.peek() and self.peek() not in _BREAKS:
            if self.peek() == "'":
                parts.append(self.single_quoted())
            elif self.peek() == '"':
                parts.append(self.double_quoted())
            elif self.peek() in "<>":
                raise self.fail("a redirection inside a word is not supported")
            else:
                parts.append(self.string_part())
        if not parts:
            raise self.fail("expected a word")
        flat: list[str | Expression] = []
        for part in parts:
            flat.append(part.value if isinstance(part, Literal) and isinstance(part.value, str) else part)
        return self.expandable(flat, start)

    def _redirection(self) -> Redirection | None:
        self.blanks()
        start = self.place()
        found = _REDIRECTION.match(self.text, self.at)
        if not found:
            if self.peek() == "<":
                raise self.fail("'<' is reserved")
            return None
        self.at = found.end()
        stream = found["stream"] or "1"
        if found["merge"]:
            if found["merge"] != "1":
                raise self.fail("only redirections to &1 are supported", start.offset)
            return Redirection(start, stream, None)
        self.blanks()
        return Redirection(start, stream, self._argument_word(), bool(found["append"]))


def _assignable(target: Expression) -> bool:
    if isinstance(target, Cast):
        return _assignable(target.operand)
    if isinstance(target, ArrayLiteral):
        return all(_assignable(item) for item in target.items)
    return isinstance(target, Variable | Member | Index) and not isinstance(target, Unary)

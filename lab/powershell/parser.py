"""Statements, script blocks and whole scripts."""

from __future__ import annotations

import re
from functools import lru_cache

from lab.powershell.parse_blocks import BlockParser
from lab.powershell.source import Source, check_grammar
from lab.powershell.syntax import (
    Block,
    Expression,
    Literal,
    ScriptBlockSyntax,
    Statement,
    TypeName,
)
from lab.powershell.syntax_statements import Catch, Flow, For, ForEach, FunctionDefinition, If, Jump, Switch, Try, While

_REFUSED = {
    "trap",
    "data",
    "class",
    "enum",
    "using",
    "workflow",
    "parallel",
    "sequence",
    "inlinescript",
    "configuration",
}
_RESERVED = {"elseif", "else", "catch", "finally", "until", "begin", "process", "end", "param", "dynamicparam"}


class Parser(BlockParser):
    """Reads a script."""

    def script(self) -> ScriptBlockSyntax:
        """The whole source."""
        return self.script_block("")

    def _body(self) -> Block:
        self.newlines()
        self.expect("{")
        return self.block_until("}")

    def statement(self) -> Statement:
        """Any statement."""
        label = ""
        found = re.compile(r":([A-Za-z_]\w*)").match(self.text, self.at)
        if found:
            label, self.at = found[1].lower(), found.end()
            self.newlines()
        word = self.word()
        if word in _REFUSED and self._is_keyword(word):
            raise self.fail(f"the statement {word!r} is not supported")
        if word in _RESERVED and self._is_keyword(word):
            raise self.fail(f"unexpected {word!r}")
        start = self.at
        reader = _STATEMENTS.get(word)
        if reader is None or not self.accept_word(word):
            if label:
                raise self.fail("a label stands before a loop or a switch")
            return self.pipeline_statement()
        self.blanks()
        return reader(self, start, label)

    def _is_keyword(self, word: str) -> bool:
        return self.text[self.at + len(word) : self.at + len(word) + 1] in ("", " ", "\t", "\n", "\r", "{", "(")

    def _condition(self) -> Statement:
        self.newlines()
        self.expect("(")
        self.newlines()
        condition = self.pipeline_statement()
        self.newlines()
        self.expect(")")
        return condition

    def _if(self, start: int, _label: str) -> Statement:
        clauses = [(self._condition(), self._body())]
        otherwise: Block | None = None
        while True:
            mark = self.at
            self.newlines()
            if self.accept_word("elseif"):
                clauses.append((self._condition(), self._body()))
                continue
            if self.accept_word("else"):
                otherwise = self._body()
            else:
                self.at = mark
            return If(self.place(start), tuple(clauses), otherwise)

    def _while(self, start: int, label: str) -> Statement:
        return While(self.place(start), label, self._condition(), self._body())

    def _do(self, start: int, label: str) -> Statement:
        body = self._body()
        self.newlines()
        until = self.accept_word("until")
        if not until and not self.accept_word("while"):
            raise self.fail("expected 'while' or 'until'")
        return While(self.place(start), label, self._condition(), body, True, until)

    def _for(self, start: int, label: str) -> Statement:
        self.newlines()
        self.expect("(")
        parts: list[Statement | None] = []
        for closing in (";", ";", ")"):
            self.newlines()
            parts.append(None if self.peek() == closing else self.pipeline_statement())
            self.newlines()
            self.expect(closing)
        return For(self.place(start), label, parts[0], parts[1], parts[2], self._body())

    def _foreach(self, start: int, label: str) -> Statement:
        self.newlines()
        self.expect("(")
        self.newlines()
        variable = self.variable()
        self.newlines()
        if not self.accept_word("in"):
            raise self.fail("expected 'in'")
        self.newlines()
        values = self.pipeline_statement()
        self.newlines()
        self.expect(")")
        return ForEach(self.place(start), label, variable, values, self._body())

    def _switch(self, start: int, label: str) -> Statement:
        mode, case_sensitive = "exact", False
        while found := re.compile(r"-(\w+)\s*").match(self.text, self.at):
            option = found[1].lower()
            if option in ("regex", "wildcard", "exact"):
                mode = option
            elif option == "casesensitive":
                case_sensitive = True
            else:
                raise self.fail(f"'switch -{found[1]}' is not supported")
            self.at = found.end()
        value = self._condition()
        self.newlines()
        self.expect("{")
        clauses: list[tuple[Expression | None, Block]] = []
        self.terminators()
        while not self.accept("}"):
            condition = self._argument_word()
            is_default = isinstance(condition, Literal) and self.source.text[condition.place.offset].isalpha()
            is_default = is_default and str(getattr(condition, "value", "")).lower() == "default"
            clauses.append((None if is_default else condition, self._body()))
            self.terminators()
        return Switch(self.place(start), label, mode, case_sensitive, value, tuple(clauses))

    def _try(self, start: int, _label: str) -> Statement:
        body = self._body()
        catches: list[Catch] = []
        last: Block | None = None
        while True:
            mark = self.at
            self.newlines()
            place = self.place()
            if self.accept_word("catch"):
                types: list[TypeName] = []
                self.newlines()
                while self.peek() == "[":
                    types.append(self.type_literal())
                    self.newlines()
                    self.accept(",")
                    self.newlines()
                catches.append(Catch(place, tuple(types), self._body()))
                continue
            if self.accept_word("finally"):
                last = self._body()
            else:
                self.at = mark
            break
        if not catches and last is None:
            raise self.fail("'try' without 'catch' or 'finally'", start)
        return Try(self.place(start), body, tuple(catches), last)

    def _function(self, start: int, _label: str) -> Statement:
        is_filter = self.text[start : start + 6].lower() == "filter"
        found = re.compile(r"[A-Za-z_][\w:-]*").match(self.text, self.at)
        if not found:
            raise self.fail("expected a function name")
        self.at = found.end()
        self.newlines()
        outer = self._parameters() if self.accept("(") else None
        self.newlines()
        self.expect("{")
        block = self.script_block("}")
        parameters = block.parameters if outer is None else outer
        process, end, named = block.process, block.end, block.named
        if is_filter:
            process, end, named = block.end, (), True
        block = ScriptBlockSyntax(
            block.place, parameters, block.attributes, block.begin, process, end, named, block.text
        )
        return FunctionDefinition(self.place(start), found.group(), block)

    def _flow(self, start: int, _label: str) -> Statement:
        keyword = self.text[start : self.at].strip().lower()
        if keyword in ("break", "continue"):
            found = re.compile(r"[A-Za-z_]\w*").match(self.text, self.at)
            if found:
                self.at = found.end()
            return Jump(self.place(start), keyword, found.group().lower() if found else None)
        value = None if not self.peek() or self.peek() in "\r\n;}" else self.pipeline_statement()
        return Flow(self.place(start), keyword, value)


_STATEMENTS = {
    "if": Parser._if,
    "while": Parser._while,
    "do": Parser._do,
    "for": Parser._for,
    "foreach": Parser._foreach,
    "switch": Parser._switch,
    "try": Parser._try,
    "function": Parser._function,
    "filter": Parser._function,
    "return": Parser._flow,
    "throw": Parser._flow,
    "exit": Parser._flow,
    "break": Parser._flow,
    "continue": Parser._flow,
}


@lru_cache(maxsize=512)
def parse(source: Source) -> ScriptBlockSyntax:
    """The tree of a script, made once for each text and name. Raises ParseError when either parser refuses it."""
    check_grammar(source)
    return Parser(source).script()

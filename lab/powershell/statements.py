"""Running statements: loops, conditions, jumps and `try`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lab.powershell import type_names
from lab.powershell.convert import elements, integer, truth
from lab.powershell.errors import BreakLoop, ContinueLoop, ExitScript, PowerShellError, ReturnFromBlock, Unsupported
from lab.powershell.evaluator import Evaluator
from lab.powershell.faults import AUTOMATION, fault, is_kind_of
from lab.powershell.operators import equal
from lab.powershell.patterns import groups, matches, wildcard
from lab.powershell.runtime import Emit
from lab.powershell.scopes import Function, ScriptBlock
from lab.powershell.syntax import Block, Expression, Increment, ScriptBlockLiteral, Statement
from lab.powershell.syntax_statements import (
    Assignment,
    Catch,
    CommandExpression,
    Flow,
    For,
    ForEach,
    FunctionDefinition,
    If,
    Jump,
    Pipeline,
    Switch,
    Try,
    While,
)
from lab.powershell.text import text_of
from lab.powershell.values import ErrorRecord, Hashtable, NetException


@dataclass(frozen=True)
class _Case(Statement):
    """One value of a switch, run as the body of a loop."""

    switch: Switch
    item: object


class StatementRunner(Evaluator):
    """Runs statements."""

    def run_block(self, block: Block, emit: Emit) -> None:
        """Run statements in the current scope; a failing one ends the block unless errors are only reported."""
        for statement in block:
            method = _RUN.get(type(statement))
            if method is None:
                raise Unsupported(f"the statement {type(statement).__name__}", str(statement.place))
            self.here = statement.place
            try:
                method(self, statement, emit)
            except Unsupported as error:
                error.position = error.position or str(statement.place)
                raise
            except PowerShellError as error:
                self.locate(error.record, self.here)
                if error.thrown or self.tries or self.preference("ErrorActionPreference").lower() == "stop":
                    raise
                self.report(error.record, None)

    def _condition(self, statement: Statement) -> bool:
        self.here = statement.place
        return truth(self.statement_value(statement))

    def run_pipeline(self, node: Pipeline, emit: Emit) -> None:
        """Run a pipeline."""
        raise NotImplementedError

    def _assignment(self, node: Assignment, _emit: Emit) -> None:
        self.assign(node)

    def _if(self, node: If, emit: Emit) -> None:
        for condition, body in node.clauses:
            if self._condition(condition):
                self.run_block(body, emit)
                return
        if node.otherwise is not None:
            self.run_block(node.otherwise, emit)

    def _once(self, label: str, body: Block, emit: Emit) -> bool:
        """Run a loop's body once; false when the loop is to end."""
        try:
            self.run_block(body, emit)
        except BreakLoop as jump:
            if jump.label not in (None, label):
                raise
            return False
        except ContinueLoop as jump:
            if jump.label not in (None, label):
                raise
        return True

    def _while(self, node: While, emit: Emit) -> None:
        if node.first and not self._once(node.label, node.body, emit):
            return
        while self._condition(node.condition) != node.until:
            if not self._once(node.label, node.body, emit):
                return

    def _for(self, node: For, emit: Emit) -> None:
        if node.initial is not None:
            self.run_block((node.initial,), emit)
        while node.condition is None or self._condition(node.condition):
            if not self._once(node.label, node.body, emit):
                return
            if node.step is not None:
                self.run_block((node.step,), lambda _: None)

    def _foreach(self, node: ForEach, emit: Emit) -> None:
        values = self.statement_value(node.values)
        for item in [] if values is None else elements(values):
            self.set_variable(node.variable.scope, node.variable.name, item)
            if not self._once(node.label, node.body, emit):
                return

    def _switch(self, node: Switch, emit: Emit) -> None:
        values = self.statement_value(node.value)
        scope = self.scope
        had, before = "_" in scope.variables, scope.variables.get("_")
        try:
            for item in elements(values):
                scope.variables["_"] = item
                if not self._once(node.label, (_Case(node.place, node, item),), emit):
                    return
        finally:
            if had:
                scope.variables["_"] = before
            else:
                scope.variables.pop("_", None)

    def _case(self, case: _Case, emit: Emit) -> None:
        hit = False
        for condition, body in case.switch.clauses:
            if condition is not None and self._holds(case.switch, condition, case.item):
                hit = True
                self.run_block(body, emit)
        default = next((body for condition, body in case.switch.clauses if condition is None), None)
        if not hit and default is not None:
            self.run_block(default, emit)

    def _holds(self, node: Switch, condition: Expression, item: object) -> bool:
        if isinstance(condition, ScriptBlockLiteral):
            return self.test(self.value(condition), item)
        wanted = self.value(condition)
        if node.mode == "wildcard":
            return wildcard(text_of(wanted), node.case_sensitive)(text_of(item))
        if node.mode == "regex":
            found = matches(text_of(item), text_of(wanted), node.case_sensitive)
            if found is not None:
                table = Hashtable()
                for key, value in groups(found).items():
                    table[key] = value
                self.set_variable("", "Matches", table)
            return found is not None
        return equal(item, wanted, node.case_sensitive)

    def _try(self, node: Try, emit: Emit) -> None:
        try:
            self.tries += 1
            try:
                self.run_block(node.body, emit)
            finally:
                self.tries -= 1
        except PowerShellError as error:
            clause = self._handler(node, error.record)
            if clause is None:
                raise
            self._catch(clause, error, emit)
        finally:
            if node.last is not None:
                here = self.here
                self.run_block(node.last, emit)
                self.here = here

    def _handler(self, node: Try, record: ErrorRecord) -> Catch | None:
        exception: NetException | None = record.exception
        while exception is not None:
            for clause in node.catches:
                wanted = [type_names.full_name(name) for name in clause.types]
                if any(is_kind_of(exception.type_name, name) for name in wanted if name != "System.Exception"):
                    return clause
            exception = exception.inner
        for clause in node.catches:
            if not clause.types or any(type_names.full_name(name) == "System.Exception" for name in clause.types):
                return clause
        return None

    def _catch(self, clause: Catch, error: PowerShellError, emit: Emit) -> None:
        if not self.errors or self.errors[0] is not error.record:
            self.errors.insert(0, error.record)
        scope = self.scope
        had, before = "_" in scope.variables, scope.variables.get("_")
        scope.variables["_"] = error.record
        self.caught.append(error)
        try:
            self.run_block(clause.body, emit)
        finally:
            self.caught.pop()
            if had:
                scope.variables["_"] = before
            else:
                scope.variables.pop("_", None)

    def _flow(self, node: Flow, emit: Emit) -> None:
        if node.keyword == "return":
            if node.value is not None:
                self.run_block((node.value,), emit)
            raise ReturnFromBlock
        value = None if node.value is None else self.statement_value(node.value)
        if node.keyword == "exit":
            raise ExitScript(integer(value))
        raise self._thrown(value, given=node.value is not None)

    def _thrown(self, value: object, *, given: bool) -> PowerShellError:
        if not given:
            if self.caught:
                return PowerShellError(self.caught[-1].record, thrown=True)
            value = "ScriptHalted"
        if isinstance(value, ErrorRecord):
            return PowerShellError(value, thrown=True)
        if isinstance(value, NetException):
            return PowerShellError(ErrorRecord(value, value.message, "OperationStopped"), thrown=True)
        message = text_of(value)
        record = ErrorRecord(
            NetException(message, f"{AUTOMATION}.RuntimeException"), message, "OperationStopped", value
        )
        return PowerShellError(record, thrown=True)

    def _jump(self, node: Jump, _emit: Emit) -> None:
        raise (BreakLoop if node.keyword == "break" else ContinueLoop)(node.label)

    def _function(self, node: FunctionDefinition, _emit: Emit) -> None:
        scope_name, _, name = node.name.rpartition(":")
        if scope_name.lower() not in ("", "script", "global"):
            raise fault(f"The function scope '{scope_name}' is not known.", "InvalidFunctionScope")
        block = ScriptBlock(node.block, self.session)
        self._scope(scope_name.lower(), name).functions[name.lower()] = Function(name, block)

    def _command_output(self, node: Pipeline, emit: Emit) -> None:
        only = node.elements[0]
        if len(node.elements) == 1 and isinstance(only, CommandExpression) and isinstance(only.expression, Increment):
            self.value(only.expression)
            return
        self.run_pipeline(node, emit)


_RUN: dict[type[Statement], Callable[..., None]] = {
    Pipeline: StatementRunner._command_output,
    Assignment: StatementRunner._assignment,
    If: StatementRunner._if,
    While: StatementRunner._while,
    For: StatementRunner._for,
    ForEach: StatementRunner._foreach,
    Switch: StatementRunner._switch,
    _Case: StatementRunner._case,
    Try: StatementRunner._try,
    Flow: StatementRunner._flow,
    Jump: StatementRunner._jump,
    FunctionDefinition: StatementRunner._function,
}

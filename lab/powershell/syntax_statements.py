"""The syntax tree: commands and statements."""

from __future__ import annotations

from dataclasses import dataclass

from lab.powershell.syntax import Block, Expression, Node, ScriptBlockSyntax, Statement, TypeName, Variable


@dataclass(frozen=True)
class Redirection(Node):
    """`from` is a stream number or `*`; `to` is `&1`, or a file name; `append` tells `>>`."""

    stream: str
    target: Expression | None
    append: bool = False


@dataclass(frozen=True)
class CommandParameter(Node):
    """`-Name` or `-Name:value`; `text` is how it was written."""

    name: str
    value: Expression | None
    text: str


@dataclass(frozen=True)
class Command(Node):
    """A command with its elements; `operator` is `&`, `.` or nothing."""

    operator: str
    name: Expression
    elements: tuple[CommandParameter | Expression, ...]
    redirections: tuple[Redirection, ...]


@dataclass(frozen=True)
class CommandExpression(Node):
    """An expression where a command could stand."""

    expression: Expression
    redirections: tuple[Redirection, ...]


@dataclass(frozen=True)
class Pipeline(Statement):
    """One or more commands."""

    elements: tuple[Command | CommandExpression, ...]


@dataclass(frozen=True)
class Assignment(Statement):
    """`target operator value`."""

    target: Expression
    operator: str
    value: Statement


@dataclass(frozen=True)
class If(Statement):
    """`if`, `elseif`, `else`."""

    clauses: tuple[tuple[Statement, Block], ...]
    otherwise: Block | None


@dataclass(frozen=True)
class While(Statement):
    """`while`; with `first` the body runs before the test, with `until` it stops when the test holds."""

    label: str
    condition: Statement
    body: Block
    first: bool = False
    until: bool = False


@dataclass(frozen=True)
class For(Statement):
    """`for (initial; condition; step)`."""

    label: str
    initial: Statement | None
    condition: Statement | None
    step: Statement | None
    body: Block


@dataclass(frozen=True)
class ForEach(Statement):
    """`foreach ($variable in values)`."""

    label: str
    variable: Variable
    values: Statement
    body: Block


@dataclass(frozen=True)
class Switch(Statement):
    """`switch`; `mode` is exact, regex or wildcard. A clause without condition is `default`."""

    label: str
    mode: str
    case_sensitive: bool
    value: Statement
    clauses: tuple[tuple[Expression | None, Block], ...]


@dataclass(frozen=True)
class Catch(Node):
    """`catch [types] { }`; no types means any error."""

    types: tuple[TypeName, ...]
    body: Block


@dataclass(frozen=True)
class Try(Statement):
    """`try`, `catch`, `finally`."""

    body: Block
    catches: tuple[Catch, ...]
    last: Block | None


@dataclass(frozen=True)
class Flow(Statement):
    """`return`, `throw` or `exit`, with a value or not."""

    keyword: str
    value: Statement | None


@dataclass(frozen=True)
class Jump(Statement):
    """`break` or `continue`, with a label or not."""

    keyword: str
    label: str | None


@dataclass(frozen=True)
class FunctionDefinition(Statement):
    """`function` or `filter` (whose body is a process block)."""

    name: str
    block: ScriptBlockSyntax

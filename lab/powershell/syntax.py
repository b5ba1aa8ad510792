"""The syntax tree. Every node knows its place."""

from __future__ import annotations

from dataclasses import dataclass

from lab.powershell.source import Place


@dataclass(frozen=True)
class Node:
    """What all nodes have."""

    place: Place


@dataclass(frozen=True)
class TypeName:
    """`Name`, `Name[]`, or `Name[argument, ...]`."""

    name: str
    arguments: tuple[TypeName, ...] = ()
    array: bool = False

    def __str__(self) -> str:
        """As it is written between brackets."""
        inner = f"[{','.join(str(one) for one in self.arguments)}]" if self.arguments else ""
        return f"{self.name}{inner}{'[]' if self.array else ''}"


@dataclass(frozen=True)
class Expression(Node):
    """Anything with a value."""


@dataclass(frozen=True)
class Statement(Node):
    """Anything that can stand on its own."""


Block = tuple[Statement, ...]


@dataclass(frozen=True)
class Literal(Expression):
    """A number, a string or a bare word; `text` is how a number was written."""

    value: object
    text: str = ""


@dataclass(frozen=True)
class Expandable(Expression):
    """A string with parts to be filled in."""

    parts: tuple[str | Expression, ...]


@dataclass(frozen=True)
class Variable(Expression):
    """`$scope:name`, or `@name` when splatted."""

    scope: str
    name: str
    splat: bool = False


@dataclass(frozen=True)
class ArrayLiteral(Expression):
    """`a, b, c`."""

    items: tuple[Expression, ...]


@dataclass(frozen=True)
class ArrayExpression(Expression):
    """`@( ... )`."""

    body: Block


@dataclass(frozen=True)
class SubExpression(Expression):
    """`$( ... )`."""

    body: Block


@dataclass(frozen=True)
class Parenthesized(Expression):
    """`( ... )`."""

    inner: Statement


@dataclass(frozen=True)
class HashLiteral(Expression):
    """`@{ ... }`."""

    pairs: tuple[tuple[Expression, Statement], ...]


@dataclass(frozen=True)
class TypeLiteral(Expression):
    """`[type]` as a value."""

    type: TypeName


@dataclass(frozen=True)
class Cast(Expression):
    """`[type] operand`."""

    type: TypeName
    operand: Expression


@dataclass(frozen=True)
class Unary(Expression):
    """`operator operand`."""

    operator: str
    operand: Expression


@dataclass(frozen=True)
class Increment(Expression):
    """`++` or `--`, before or after."""

    operator: str
    prefix: bool
    target: Expression


@dataclass(frozen=True)
class Binary(Expression):
    """`left operator right`; the operator in lower case, with its hyphen."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Member(Expression):
    """`target.name` or `target::name`."""

    target: Expression
    name: Expression
    static: bool


@dataclass(frozen=True)
class MethodCall(Expression):
    """`target.name(...)` or `target::name(...)`."""

    target: Expression
    name: Expression
    static: bool
    arguments: tuple[Expression, ...]


@dataclass(frozen=True)
class Index(Expression):
    """`target[index]`."""

    target: Expression
    index: Expression


@dataclass(frozen=True)
class Attribute(Node):
    """`[Name(positional, key = value)]`."""

    name: str
    positional: tuple[Expression, ...]
    named: tuple[tuple[str, Expression | None], ...]


@dataclass(frozen=True)
class ParameterDeclaration(Node):
    """One parameter of a function, script or script block."""

    name: str
    type: TypeName | None
    attributes: tuple[Attribute, ...]
    default: Expression | None


@dataclass(frozen=True)
class ScriptBlockSyntax(Node):
    """The inside of a function, script file or `{ }`. A plain body is `end`, with `named` false."""

    parameters: tuple[ParameterDeclaration, ...] | None
    attributes: tuple[Attribute, ...]
    begin: Block
    process: Block
    end: Block
    named: bool
    text: str


@dataclass(frozen=True)
class ScriptBlockLiteral(Expression):
    """`{ ... }`."""

    block: ScriptBlockSyntax

"""The elements of a command, worked out: named and positional arguments, splatted ones included."""

from __future__ import annotations

from dataclasses import dataclass

from lab.powershell.convert import elements
from lab.powershell.errors import Unsupported
from lab.powershell.evaluator import Evaluator
from lab.powershell.members import properties_of
from lab.powershell.syntax import ArrayLiteral, Expression, Literal, Variable
from lab.powershell.syntax_statements import CommandParameter
from lab.powershell.text import text_of
from lab.powershell.values import NOTHING, Hashtable, PSObject


class _Missing:
    """No value was attached to a parameter."""


MISSING = _Missing()


@dataclass(frozen=True)
class Argument:
    """One argument. `name` is empty for a positional one; `value` is MISSING when none is attached with a colon."""

    name: str
    value: object
    written: str = ""
    splatted: bool = False


def arguments_of(evaluator: Evaluator, parts: tuple[CommandParameter | Expression, ...]) -> list[Argument]:
    """The arguments of a command or script function."""
    made: list[Argument] = []
    for part in parts:
        if isinstance(part, CommandParameter):
            value = MISSING if part.value is None else _given(evaluator.value(part.value))
            made.append(Argument(part.name, value, part.text))
        elif isinstance(part, Variable) and part.splat:
            made.extend(_splatted(evaluator.variable(Variable(part.place, part.scope, part.name))))
        elif isinstance(part, Literal) and part.value == "--":
            raise Unsupported("'--' before the arguments of a cmdlet or function")
        else:
            written = part.text if isinstance(part, Literal) else ""
            made.append(Argument("", _given(evaluator.value(part)), written))
    return made


def _given(value: object) -> object:
    return None if value is NOTHING else value


def _splatted(value: object) -> list[Argument]:
    if isinstance(value, Hashtable):
        return [Argument(text_of(key), item, f"-{text_of(key)}", True) for key, item in value.items()]
    if isinstance(value, PSObject):
        return [Argument(name, item, f"-{name}", True) for name, item in properties_of(value).items()]
    return [Argument("", item, "", True) for item in elements(value)]


def native_arguments(evaluator: Evaluator, parts: tuple[CommandParameter | Expression, ...]) -> list[str]:
    """The arguments of a native program, as texts before quoting; a number is passed as it was written."""
    made: list[str] = []
    for part in parts:
        if isinstance(part, CommandParameter):
            made.extend(_native_parameter(evaluator, part))
        elif isinstance(part, Variable) and part.splat:
            value = evaluator.variable(Variable(part.place, part.scope, part.name))
            if isinstance(value, Hashtable):
                raise Unsupported("a splatted hashtable for a native program", str(part.place))
            made.extend(text_of(item) for item in elements(value))
        elif isinstance(part, ArrayLiteral):
            raise Unsupported("a comma between arguments of a native program; quote the argument", str(part.place))
        elif isinstance(part, Literal) and part.text:
            made.append(part.text)
        else:
            made.extend(text_of(item) for item in elements(evaluator.value(part)))
    return made


def _native_parameter(evaluator: Evaluator, part: CommandParameter) -> list[str]:
    if part.value is None:
        return [part.text]
    if isinstance(part.value, ArrayLiteral):
        raise Unsupported("a comma between arguments of a native program; quote the argument", str(part.place))
    value = (
        part.value.text if isinstance(part.value, Literal) and part.value.text else text_of(evaluator.value(part.value))
    )
    adjacent = part.value.place.offset == part.place.offset + len(part.text)
    return [part.text + value] if adjacent else [part.text, value]

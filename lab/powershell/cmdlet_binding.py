"""Binding arguments to the declared parameters of a cmdlet written in Python."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lab.powershell import type_names, types
from lab.powershell.arguments import MISSING, Argument
from lab.powershell.cmdlet import Cmdlet, CmdletCall, Parameter
from lab.powershell.convert import is_array, truth
from lab.powershell.errors import PowerShellError, Unsupported
from lab.powershell.faults import fault
from lab.powershell.script_parameters import binding_fault
from lab.powershell.text import text_of

if TYPE_CHECKING:
    from lab.powershell.commands import CommandRunner

# The common parameters and their short names; None are ignored, because what they steer is not modelled.
_COMMON = {
    "erroraction": "ErrorAction",
    "ea": "ErrorAction",
    "warningaction": "WarningAction",
    "verbose": "",
    "debug": "",
}
_COMMON |= {"informationaction": "InformationAction"}


def bind_cmdlet(engine: CommandRunner, cmdlet: Cmdlet, arguments: Sequence[Argument]) -> CmdletCall:
    """Make the call. What is not declared is Unsupported: the real cmdlet may know it, this model does not."""
    call = CmdletCall(cmdlet.name, {}, [], engine.host, engine, signature=cmdlet.signature)
    positional: list[object] = []
    at = 0
    while at < len(arguments):
        argument = arguments[at]
        at += 1
        if not argument.name:
            positional.append(argument.value)
            continue
        parameter = _find(cmdlet, argument.name)
        value = argument.value
        is_switch = parameter.switch if parameter else _COMMON.get(argument.name.lower(), "") == ""
        if value is MISSING and is_switch:
            value = True
        elif value is MISSING:
            if at >= len(arguments) or arguments[at].name:
                raise binding_fault(f"Missing an argument for parameter '{argument.name}'.", "MissingArgument")
            value = arguments[at].value
            at += 1
        if parameter is None:
            _common(call, argument.name.lower(), value)
        else:
            _put(call, parameter, value)
    _bind_positions(call, cmdlet, positional)
    _check_mandatory(call, cmdlet)
    return call


def _find(cmdlet: Cmdlet, name: str) -> Parameter | None:
    lowered = name.lower()
    for parameter in cmdlet.signature.parameters:
        if lowered in (parameter.name.lower(), *(alias.lower() for alias in parameter.aliases)):
            return parameter
    if lowered in _COMMON:
        return None
    raise Unsupported(f"the parameter -{name} of {cmdlet.name}")


def _common(call: CmdletCall, name: str, value: object) -> None:
    if _COMMON[name] == "ErrorAction":
        call.error_action = text_of(value)
    elif name in ("verbose", "debug") and truth(value):
        raise Unsupported(f"-{name} of {call.name}")


def _put(call: CmdletCall, parameter: Parameter, value: object) -> None:
    key = parameter.name.lower()
    if key in call.parameters:
        message = f"Cannot bind parameter because parameter '{parameter.name}' is specified more than once."
        raise binding_fault(message, "ParameterAlreadyBound")
    call.parameters[key] = _converted(call, parameter, value)


def _converted(call: CmdletCall, parameter: Parameter, value: object) -> object:
    if parameter.switch:
        if isinstance(value, str):
            raise binding_fault(f"Cannot convert the value of switch '{parameter.name}' to a boolean.", "CannotConvert")
        return truth(value)
    if parameter.type_name is None:
        return value
    try:
        if parameter.type_name == "string" and is_array(value):
            raise fault("Cannot convert 'System.Object[]' to the type 'System.String'.")
        return types.cast(value, type_names.parse_type_name(parameter.type_name))
    except PowerShellError as error:
        message = f"Cannot bind parameter '{parameter.name}'. {error.record.exception.message}"
        raise binding_fault(message, f"CannotConvertArgumentNoMessage,{call.name}") from error


def _bind_positions(call: CmdletCall, cmdlet: Cmdlet, values: list[object]) -> None:
    placed = [one for one in cmdlet.signature.parameters if one.position is not None]
    for parameter in sorted(placed, key=lambda one: one.position or 0):
        if values and parameter.name.lower() not in call.parameters:
            _put(call, parameter, values.pop(0))
    if not values:
        return
    remaining = next((one for one in cmdlet.signature.parameters if one.remaining), None)
    if remaining is None:
        message = f"A positional parameter cannot be found that accepts argument '{text_of(values[0])}'."
        raise binding_fault(message, f"PositionalParameterNotFound,{call.name}")
    call.parameters[remaining.name.lower()] = values


def _check_mandatory(call: CmdletCall, cmdlet: Cmdlet) -> None:
    for parameter in cmdlet.signature.parameters:
        if not parameter.mandatory or parameter.name == cmdlet.signature.pipeline:
            continue
        value = call.parameters.get(parameter.name.lower())
        if value is None or value == "":
            reason = "missing" if parameter.name.lower() not in call.parameters else "null or empty"
            message = f"Cannot bind argument to parameter '{parameter.name}' because it is {reason}."
            raise binding_fault(message, f"ParameterArgumentValidationError,{call.name}")

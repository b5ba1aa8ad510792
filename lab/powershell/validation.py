"""Converting a bound value to its parameter's type, and checking it."""

from __future__ import annotations

from collections.abc import Callable

from lab.powershell import type_names, types
from lab.powershell.convert import elements, is_array, number
from lab.powershell.errors import PowerShellError
from lab.powershell.evaluator import Evaluator
from lab.powershell.faults import AUTOMATION, fault
from lab.powershell.operators import compare, equal
from lab.powershell.patterns import matches
from lab.powershell.script_parameters import VALIDATION, ScriptParameter, binding_fault
from lab.powershell.syntax import TypeName
from lab.powershell.text import text_of
from lab.powershell.values import NOTHING, is_null


def converted(parameter: ScriptParameter, value: object) -> object:
    """A value as the parameter's type has it."""
    name = parameter.declaration.type
    value = None if value is NOTHING else value
    if name is None:
        return value
    try:
        _refuse_loose(name, value)
        return types.cast(value, name)
    except PowerShellError as error:
        message = (
            f"Cannot process argument transformation on parameter '{parameter.name}'. {error.record.exception.message}"
        )
        raise binding_fault(
            message,
            f"ParameterArgumentTransformationError,{parameter.name}",
            f"{AUTOMATION}.ParameterBindingArgumentTransformationException",
        ) from error


def _refuse_loose(name: TypeName, value: object) -> None:
    full = type_names.full_name(name)
    if full == "System.String" and is_array(value):
        raise fault("Cannot convert value to type System.String.")
    if full == "System.Boolean" and (isinstance(value, str) or is_null(value)):
        shown = "" if is_null(value) else "System.String"
        raise fault(
            f'Cannot convert value "{shown}" to type "System.Boolean". Boolean parameters accept only Boolean values.'
        )


def check(evaluator: Evaluator, parameter: ScriptParameter, value: object) -> None:
    """Apply the parameter's validation attributes to a bound value."""
    if parameter.options.get("mandatory"):
        _check_mandatory(parameter, value)
    for name, attribute in parameter.attributes.items():
        test = _VALIDATIONS.get(name)
        if test is None:
            continue
        arguments = [evaluator.value(node) for node in attribute.positional]
        for item in elements(value) if is_array(value) and value else [value]:
            if not test(evaluator, arguments, item):
                message = f"Cannot validate argument on parameter '{parameter.name}'. "
                shown = ",".join(text_of(one) for one in arguments)
                message += f'The argument "{text_of(item)}" does not satisfy {attribute.name}({shown}).'
                raise binding_fault(message, f"ParameterArgumentValidationError,{parameter.name}", VALIDATION)


def _check_mandatory(parameter: ScriptParameter, value: object) -> None:
    start = f"Cannot bind argument to parameter '{parameter.name}' because it is "
    if is_null(value) and "allownull" not in parameter.attributes:
        raise binding_fault(f"{start}null.", "ParameterArgumentValidationErrorNullNotAllowed", VALIDATION)
    strings = elements(value) if isinstance(value, list) else [value]
    if any(one == "" for one in strings if isinstance(one, str)) and "allowemptystring" not in parameter.attributes:
        raise binding_fault(
            f"{start}an empty string.", "ParameterArgumentValidationErrorEmptyStringNotAllowed", VALIDATION
        )
    if is_array(value) and not strings and "allowemptycollection" not in parameter.attributes:
        raise binding_fault(
            f"{start}an empty array.", "ParameterArgumentValidationErrorEmptyArrayNotAllowed", VALIDATION
        )


def _script_holds(evaluator: Evaluator, arguments: list[object], item: object) -> bool:
    return evaluator.test(arguments[0], item)


def _in_range(_: Evaluator, arguments: list[object], item: object) -> bool:
    return compare(item, arguments[0], False) >= 0 and compare(item, arguments[1], False) <= 0


def _in_length(_: Evaluator, arguments: list[object], item: object) -> bool:
    return number(arguments[0]) <= len(text_of(item)) <= number(arguments[1])


_VALIDATIONS: dict[str, Callable[[Evaluator, list[object], object], bool]] = {
    "validateset": lambda _, arguments, item: any(equal(item, one, False) for one in arguments),
    "validatepattern": lambda _, arguments, item: matches(text_of(item), text_of(arguments[0]), False) is not None,
    "validaterange": _in_range,
    "validatelength": _in_length,
    "validatescript": _script_holds,
    "validatenotnull": lambda _, __, item: not is_null(item),
    "validatenotnullorempty": lambda _, __, item: not is_null(item) and item not in ("", []),
}


def default_value(parameter: ScriptParameter) -> object:
    """What a parameter without a default has when it is not given."""
    name = parameter.declaration.type
    if name is None or name.array:
        return None
    full = type_names.full_name(name)
    if full == "System.String":
        return ""
    if full in type_names.INTEGERS or full in ("System.Boolean", "System.Double", f"{AUTOMATION}.SwitchParameter"):
        return types.cast(None, name)
    return None

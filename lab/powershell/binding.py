"""Binding arguments to the parameters of script functions, script files and script blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from lab.powershell.arguments import MISSING, Argument
from lab.powershell.convert import number, truth
from lab.powershell.errors import Unsupported
from lab.powershell.script_parameters import ScriptParameter, binding_fault
from lab.powershell.text import text_of

COMMON = {
    "erroraction": "ErrorActionPreference",
    "ea": "ErrorActionPreference",
    "warningaction": "WarningPreference",
    "informationaction": "InformationPreference",
    "verbose": "VerbosePreference",
    "debug": "DebugPreference",
}
_UNSUPPORTED_COMMON = {"errorvariable", "outvariable", "outbuffer", "pipelinevariable", "warningvariable", "whatif"}


@dataclass
class Bound:
    """What binding gave: values by parameter name, leftovers for `$args`, and preference variables to set."""

    values: dict[str, object] = field(default_factory=dict)
    rest: list[object] = field(default_factory=list)
    preferences: dict[str, object] = field(default_factory=dict)


class Binder:
    """Binds one call."""

    def __init__(self, parameters: Sequence[ScriptParameter], *, advanced: bool, command: str) -> None:
        self.parameters = parameters
        self.advanced = advanced
        self.command = command
        self.bound = Bound()

    def bind(self, arguments: Sequence[Argument]) -> Bound:
        """Distribute the arguments."""
        positional: list[object] = []
        at = 0
        while at < len(arguments):
            argument = arguments[at]
            at += 1
            if not argument.name:
                positional.append(argument.value)
                continue
            parameter = self._named(argument.name)
            if parameter is None:
                at += self._unknown(argument, arguments[at : at + 1], positional)
                continue
            value = argument.value
            if value is MISSING:
                if parameter.switch:
                    value = True
                elif at < len(arguments) and not arguments[at].name:
                    value = arguments[at].value
                    at += 1
                else:
                    message = (
                        f"Missing an argument for parameter '{parameter.name}'. Specify a parameter and try again."
                    )
                    raise binding_fault(message, "MissingArgument")
            if parameter.name.lower() in self.bound.values:
                message = f"Cannot bind parameter because parameter '{parameter.name}' is specified more than once."
                raise binding_fault(message, "ParameterAlreadyBound")
            self.bound.values[parameter.name.lower()] = value
        self._positional(positional)
        return self.bound

    def _named(self, name: str) -> ScriptParameter | None:
        lowered = name.lower()
        for parameter in self.parameters:
            if lowered == parameter.name.lower() or lowered in parameter.aliases:
                return parameter
        if self.advanced and (lowered in COMMON or lowered in _UNSUPPORTED_COMMON):
            return None
        short = [one for one in self.parameters if one.name.lower().startswith(lowered)]
        if len(short) > 1:
            message = f"Parameter cannot be processed because the parameter name '{name}' is ambiguous."
            raise binding_fault(message, "AmbiguousParameter")
        return short[0] if short else None

    def _unknown(self, argument: Argument, following: Sequence[Argument], positional: list[object]) -> int:
        """Deal with a name that is no parameter; returns how many further arguments that used up."""
        lowered = argument.name.lower()
        if self.advanced and lowered in COMMON:
            value, used = argument.value, 0
            if value is MISSING:
                is_switch = lowered in ("verbose", "debug")
                value, used = (True, 0) if is_switch else (following[0].value if following else None, 1)
            if lowered in ("verbose", "debug"):
                value = "Continue" if truth(value) else "SilentlyContinue"
            self.bound.preferences[COMMON[lowered]] = value
            return used
        if self.advanced and lowered in _UNSUPPORTED_COMMON:
            raise Unsupported(f"the common parameter -{argument.name}")
        if self.advanced:
            message = f"A parameter cannot be found that matches parameter name '{argument.name}'."
            raise binding_fault(message, "NamedParameterNotFound")
        positional.append(argument.written)
        if argument.value is not MISSING:
            positional.append(argument.value)
        return 0

    def _positional(self, values: list[object]) -> None:
        remaining = next((one for one in self.parameters if one.options.get("valuefromremainingarguments")), None)
        open_parameters = [
            one
            for one in self._by_position()
            if not one.switch and one.name.lower() not in self.bound.values and one is not remaining
        ]
        for parameter in open_parameters:
            if not values:
                break
            self.bound.values[parameter.name.lower()] = values.pop(0)
        if not values:
            return
        if remaining is not None:
            self.bound.values[remaining.name.lower()] = values
        elif self.advanced:
            message = f"A positional parameter cannot be found that accepts argument '{text_of(values[0])}'."
            raise binding_fault(message, "PositionalParameterNotFound")
        else:
            self.bound.rest = values

    def _by_position(self) -> list[ScriptParameter]:
        placed = [one for one in self.parameters if "position" in one.options]
        if placed:
            return sorted(placed, key=lambda one: int(number(one.options["position"])))
        return list(self.parameters)

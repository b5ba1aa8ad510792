"""How a cmdlet written in Python declares its parameters and receives a call.

    @cmdlet("Get-Service", positional=["Name:string[]"], named=["DisplayName:string[]"], switches=["Force"],
            aliases={"ServiceName": "Name"}, pipeline="Name")
    def get_service(call: CmdletCall) -> Iterator[object]:
        for name in call.items("Name"):
            ...
            call.error(f"Cannot find any service with service name '{name}'.", category="ObjectNotFound")

A parameter that is not declared is refused, as PowerShell does. The part after the colon is the type an argument is
converted to, in the words of a PowerShell cast; without one it arrives as it is. Common parameters are handled by the
interpreter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from lab.powershell.errors import PowerShellError
from lab.powershell.values import ErrorRecord, NetException

if TYPE_CHECKING:
    from lab.powershell.host import Host


@dataclass(frozen=True)
class Parameter:
    """One declared parameter of a cmdlet."""

    name: str
    type_name: str | None = None
    switch: bool = False
    position: int | None = None
    mandatory: bool = False
    remaining: bool = False
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Signature:
    """All that a cmdlet takes. `pipeline` names the parameter that piped objects stand for, if there is one."""

    parameters: tuple[Parameter, ...] = ()
    pipeline: str | None = None
    should_process: bool = False


class Engine(Protocol):
    """What a cmdlet may ask of the interpreter that runs it."""

    def report(self, record: ErrorRecord, action: str | None) -> None:
        """Report a non-terminating error under the error action in force; raises when that is Stop."""

    def invoke(self, block: object, item: object, arguments: Sequence[object]) -> list[object]:
        """Run a script block with `$_` set to `item` and return what it emits."""

    def message(self, stream: str, text: str) -> None:
        """Write to a stream: warning, verbose, information, host or debug."""


@dataclass
class CmdletCall:
    """One call: what was bound (lower-case names), what was piped in, and the machine it happens on."""

    name: str
    parameters: dict[str, object]
    pipeline: list[object]
    host: Host
    engine: Engine
    piped: bool = False
    error_action: str | None = None
    signature: Signature = field(default_factory=Signature)

    def given(self, name: str) -> bool:
        """Whether the parameter was given."""
        return name.lower() in self.parameters

    def get(self, name: str, default: object = None) -> object:
        """The value of a parameter, or `default` if it was not given."""
        return self.parameters.get(name.lower(), default)

    def text(self, name: str, default: str = "") -> str:
        """The value of a parameter declared as `string`."""
        value = self.get(name)
        return default if value is None else str(value)

    def integer(self, name: str, default: int = 0) -> int:
        """The value of a parameter declared as `int`."""
        value = self.get(name)
        return int(value) if isinstance(value, int) else default

    def switch(self, name: str) -> bool:
        """Whether a switch is on (`-Name:$false` is off)."""
        return bool(self.get(name, False))

    def items(self, name: str) -> list[object]:
        """What the parameter stands for: the piped objects if there are any, else its value as a list."""
        if self.piped and not self.given(name):
            return self.pipeline
        value = self.get(name)
        if isinstance(value, list):
            return list(value)
        return [] if value is None else [value]

    def _record(self, message: str, category: str, error_id: str, target: object, exception: str) -> ErrorRecord:
        return ErrorRecord(
            NetException(message, exception),
            error_id=f"{error_id},{self.name}",
            category=category,
            target=target,
            activity=self.name,
        )

    def error(
        self,
        message: str,
        *,
        category: str = "NotSpecified",
        error_id: str = "Error",
        target: object = None,
        exception: str = "System.Exception",
    ) -> None:
        """Report a non-terminating error: returns, unless the error action in force is Stop."""
        self.engine.report(self._record(message, category, error_id, target, exception), self.error_action)

    def fail(
        self,
        message: str,
        *,
        category: str = "NotSpecified",
        error_id: str = "Error",
        target: object = None,
        exception: str = "System.Exception",
    ) -> PowerShellError:
        """Make a terminating error, to be raised: `raise call.fail("...")`. -ErrorAction does not soften it."""
        return PowerShellError(self._record(message, category, error_id, target, exception))


@dataclass(frozen=True)
class Cmdlet:
    """A cmdlet: its canonical name, what it takes, and the function that does it."""

    name: str
    signature: Signature
    run: Callable[[CmdletCall], Iterable[object] | None]

    def __call__(self, call: CmdletCall) -> Iterable[object]:
        """Run it and give its output, object by object."""
        return self.run(call) or ()


def _parameter(text: str, position: int | None, mandatory: Sequence[str], aliases: Mapping[str, str]) -> Parameter:
    name, _, type_name = text.partition(":")
    return Parameter(
        name=name,
        type_name=type_name or None,
        position=position,
        mandatory=name in mandatory,
        aliases=tuple(alias for alias, target in aliases.items() if target == name),
    )


def cmdlet(
    name: str,
    *,
    positional: Sequence[str] = (),
    named: Sequence[str] = (),
    switches: Sequence[str] = (),
    aliases: Mapping[str, str] | None = None,
    mandatory: Sequence[str] = (),
    pipeline: str | None = None,
    remaining: str | None = None,
    should_process: bool = False,
) -> Callable[[Callable[[CmdletCall], Iterable[object] | None]], Cmdlet]:
    """Declare a cmdlet.

    `positional` and `named` are `Name` or `Name:type`; `aliases` maps another name to a parameter; `remaining` names
    one more parameter that takes all further positional arguments as a list; `should_process` adds -Confirm
    (-WhatIf is never supported).
    """
    known = aliases or {}
    parameters = [
        *(_parameter(text, position, mandatory, known) for position, text in enumerate(positional)),
        *(_parameter(text, None, mandatory, known) for text in named),
        *(
            Parameter(switch, switch=True, aliases=tuple(alias for alias, to in known.items() if to == switch))
            for switch in switches
        ),
    ]
    if remaining is not None:
        parameters.append(Parameter(remaining, remaining=True))
    if should_process:
        parameters.append(Parameter("Confirm", switch=True))
    signature = Signature(tuple(parameters), pipeline, should_process)

    def declare(run: Callable[[CmdletCall], Iterable[object] | None]) -> Cmdlet:
        return Cmdlet(name, signature, run)

    return declare


def catalogue(*cmdlets: Cmdlet) -> dict[str, Cmdlet]:
    """The cmdlets by name, as `Host.cmdlets` wants them."""
    return {one.name: one for one in cmdlets}

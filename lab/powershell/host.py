"""The machine a script runs on, as the interpreter sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol, runtime_checkable

from lab.powershell.cmdlet import Cmdlet

__all__ = ["Cmdlet", "Host", "HostWithTypes", "StaticType"]


class Host(Protocol):
    """A machine. Paths, programs, environment and time are its own; the interpreter touches nothing else.

    Names in `cmdlets` are matched without regard to case and win over the built-in ones. Item cmdlets given a path on
    a registry drive (`HKLM:`, `HKCU:`, `Registry::`) are handed, call and all, to the host's cmdlet
    `Registry:<name>`: `Registry:Test-Path`, `Registry:Get-ItemProperty`, `Registry:New-Item` and so on. It declares
    its own signature; one path per call arrives as `call.parameters["path"]`, as the script wrote it.
    """

    def path(self, windows_path: str) -> Path:
        r"""Where an absolute Windows path (`C:\k\x`) is on this machine."""
        ...

    def run_program(self, program: str, arguments: Sequence[str], stdin: bytes | None) -> tuple[int, bytes, bytes]:
        """Run a native program; returns exit code, stdout, stderr. Raises FileNotFoundError if there is none."""
        ...

    def program_exists(self, name: str) -> bool:
        """Whether `run_program` would find this program."""
        ...

    def environment(self) -> MutableMapping[str, str]:
        """The process environment, `$env:`; names are compared without regard to case."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...

    def now(self) -> datetime:
        """The time, in UTC, with its time zone set."""
        ...

    @property
    def cmdlets(self) -> Mapping[str, Cmdlet]:
        """The cmdlets of this machine: services, adapters, registry."""
        ...


@dataclass(frozen=True)
class StaticType:
    """A .NET type a host adds, or members it overrides (`System.Environment`, for the machine scope).

    `methods` and `properties` are static, `constructor` serves `New-Object` and `::new()`; names without regard to
    case.
    """

    name: str
    methods: Mapping[str, Callable[..., object]] = field(default_factory=dict)
    properties: Mapping[str, Callable[[], object]] = field(default_factory=dict)
    constructor: Callable[..., object] | None = None


@runtime_checkable
class HostWithTypes(Protocol):
    """A host that also supplies .NET types; `statics` is by full name, such as `System.Environment`."""

    @property
    def statics(self) -> Mapping[str, StaticType]:
        """The types."""
        ...

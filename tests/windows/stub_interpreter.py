"""A host made of stubs under the PowerShell interpreter of the lab."""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

from lab.powershell import Interpreter
from lab.powershell.host import Cmdlet, StaticType
from lab.powershell.values import NOTHING, PSObject
from lab.windows.machine import Variables
from lab.windows.types import HNS_TYPE
from tests.windows import stub_programs
from tests.windows.stub_host import VARIABLES, Ran, StubMachine
from tests.windows.stub_sockets import socket_types


class _InterpreterHost:
    """Implements lab.powershell.host.Host and HostWithTypes for a machine of stubs."""

    def __init__(self, machine: StubMachine) -> None:
        self._machine = machine
        self._variables = Variables({**VARIABLES, "TEMP": r"C:\Temp", "Path": r"C:\Windows\System32"})
        self._time = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    def path(self, windows_path: str) -> Path:
        return self._machine.path(windows_path)

    def program_exists(self, name: str) -> bool:
        return self._machine.path(name).is_file() if ":" in name else name in stub_programs.ON_THE_PATH

    def run_program(self, program: str, arguments: Sequence[str], stdin: bytes | None) -> tuple[int, bytes, bytes]:
        if not self.program_exists(program):
            raise FileNotFoundError(program)
        leaf = re.split(r"[\\/]", program)[-1]
        code, out, err = stub_programs.run(self._machine, leaf, arguments, (stdin or b"").decode())
        return code, f"{out}\r\n".encode() if out else b"", f"{err}\r\n".encode() if err else b""

    def environment(self) -> MutableMapping[str, str]:
        return self._variables

    def sleep(self, seconds: float) -> None:
        self._time += timedelta(seconds=seconds)

    def now(self) -> datetime:
        self._time += timedelta(milliseconds=1)
        return self._time

    @property
    def cmdlets(self) -> Mapping[str, Cmdlet]:
        return {}

    @cached_property
    def statics(self) -> Mapping[str, StaticType]:
        def call(method: object, path: object, body: object) -> object:
            return stub_programs.run(self._machine, "hns", [str(method), str(path), str(body)], "")[1]

        def open_file(path: object, *_: object) -> object:
            self.path(str(path)).touch()
            return PSObject(type_name="System.IO.FileStream", methods={"Dispose": lambda: NOTHING})

        random = PSObject({}, methods={"GetBytes": lambda _bytes: NOTHING})
        own = [
            StaticType(HNS_TYPE, {"Call": call}),
            StaticType("System.IO.File", {"Open": open_file}),
            # Of the machine's own variables nothing is set.
            StaticType("System.Environment", {"GetEnvironmentVariable": lambda _name, _scope: None}),
            # A password that nobody knows need not be one here.
            StaticType("System.Security.Cryptography.RandomNumberGenerator", {"Create": lambda: random}),
            *socket_types(self._machine),
        ]
        return {each.name: each for each in own}


def run_interpreter(machine: StubMachine, script: str, sleeps: int) -> Ran:
    """Run a script, by its path, in the interpreter of the lab."""
    out: list[str] = []
    err: list[str] = []
    arguments = ["-Path", script, "-SleepLimit", str(sleeps)]
    runner = Interpreter(_InterpreterHost(machine))
    code = runner.run_file(r"C:\stub\Invoke-WithStubs.ps1", arguments, "", out.append, err.append)
    return Ran(code, "".join(out), "".join(err))

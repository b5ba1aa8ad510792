"""A stand-in for a Windows host, to try the PowerShell interpreter on: files in a folder, programs as functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lab.powershell import Interpreter
from lab.powershell.host import Cmdlet, StaticType

Program = Callable[[Sequence[str], bytes | None], tuple[int, bytes, bytes]]


@dataclass
class Machine:
    """Implements `lab.powershell.host.Host`; what was done to it is kept for the test to look at."""

    root: Path
    programs: dict[str, Program] = field(default_factory=dict)
    cmdlets: Mapping[str, Cmdlet] = field(default_factory=dict)
    statics: Mapping[str, StaticType] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=lambda: {"COMPUTERNAME": "WIN1", "TEMP": r"C:\Temp"})
    time: datetime = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    calls: list[tuple[str, list[str], bytes | None]] = field(default_factory=list)

    def path(self, windows_path: str) -> Path:
        return self.root / windows_path.replace(":", "", 1).replace("\\", "/").lower()

    def run_program(self, program: str, arguments: Sequence[str], stdin: bytes | None) -> tuple[int, bytes, bytes]:
        self.calls.append((program, list(arguments), stdin))
        return self.programs[program](arguments, stdin)

    def program_exists(self, name: str) -> bool:
        return name in self.programs

    def environment(self) -> MutableMapping[str, str]:
        return self.variables

    def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)

    def now(self) -> datetime:
        return self.time


@dataclass(frozen=True)
class Ran:
    """What a script did: exit code, lines of standard output, standard error."""

    code: int
    lines: list[str]
    err: str


def make_machine(folder: Path) -> Machine:
    """A machine with an empty drive C."""
    machine = Machine(folder)
    machine.path("C:\\").mkdir()
    return machine


def run(machine: Machine, script: str, *arguments: str, stdin: str = "") -> Ran:
    """Run a script text as a file with `powershell.exe -File`."""
    machine.path(r"C:\test.ps1").write_text(script, encoding="utf-8-sig")
    out: list[str] = []
    err: list[str] = []
    code = Interpreter(machine).run_file(r"C:\test.ps1", arguments, stdin, out.append, err.append)
    return Ran(code, "".join(out).split("\r\n")[:-1], "".join(err))


def command(machine: Machine, text: str) -> Ran:
    """Run a text with `powershell.exe -Command`."""
    out: list[str] = []
    err: list[str] = []
    code = Interpreter(machine).run_command(text, "", out.append, err.append)
    return Ran(code, "".join(out).split("\r\n")[:-1], "".join(err))

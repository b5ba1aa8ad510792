"""One process of powershell.exe on a Windows host: what it finds on the machine."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path, PureWindowsPath

from lab.windows.folder import HOME, HostFolder
from lab.windows.native import MODELLED, Native
from lab.windows.registry import Registry
from lab.windows.services import Services
from lab.windows.template import RELEASES
from lab.windows.wine import run_windows_program

_SYSTEM = r"C:\Windows\System32"
MACHINE_PATH = (rf"{_SYSTEM}", r"C:\Windows", rf"{_SYSTEM}\WindowsPowerShell\v1.0", rf"{_SYSTEM}\OpenSSH")


class Variables(MutableMapping[str, str]):
    """Environment variables: names are compared without regard to case."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = {name.lower(): (name, value) for name, value in values.items()}

    def __getitem__(self, key: str) -> str:
        return self._values[key.lower()][1]

    def __setitem__(self, key: str, value: str) -> None:
        self._values[key.lower()] = (key, value)

    def __delitem__(self, key: str) -> None:
        del self._values[key.lower()]

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._values.values())

    def __len__(self) -> int:
        return len(self._values)


class WindowsMachine:
    """What cmdlets and .NET types work on: paths, programs, services, registry, environment, time."""

    def __init__(self, folder: HostFolder, release: str) -> None:
        self.folder = folder
        self.release = release
        self.build, self.revision, self.product = RELEASES[release]
        self.services = Services(folder)
        self.registry = Registry(folder)
        self.added_types: set[str] = set()
        self._variables = Variables(_environment(os.uname().nodename.upper()))

    def path(self, windows_path: str) -> Path:
        """Return where an absolute Windows path is on this machine."""
        return self.folder.path(windows_path)

    def environment(self) -> MutableMapping[str, str]:
        """Return the process environment."""
        return self._variables

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(max(seconds, 0))

    def now(self) -> datetime:
        """Return the time, in UTC, as far off as ``clock-offset`` of the host's state says, in seconds."""
        return datetime.now(UTC) + timedelta(seconds=self.folder.read("clock-offset", 0))

    def find_program(self, name: str) -> str | None:
        """Return the Windows path of a program given by name or path, as PowerShell finds it, or None."""
        given = PureWindowsPath(name)
        names = [given.name] if given.suffix else [given.name + ".exe"]
        folders = [str(given.parent)] if "\\" in name or "/" in name else self._variables["Path"].split(";")
        for folder in folders:
            for file in names:
                candidate = f"{folder}\\{file}"
                in_system = folder.lower().rstrip("\\").endswith("system32")
                if in_system and file.lower() in MODELLED:
                    return candidate
                if folder and self.folder.path(candidate).is_file():
                    return candidate
        return None

    def program_exists(self, name: str) -> bool:
        """Return whether run_program would find this program."""
        return self.find_program(name) is not None

    def run_program(self, program: str, arguments: Sequence[str], stdin: bytes | None) -> tuple[int, bytes, bytes]:
        """Run a native program to its end: Windows' own tools are modelled, everything else is real under Wine.

        Raises FileNotFoundError when there is none.
        """
        found = self.find_program(program)
        if found is None:
            raise FileNotFoundError(program)
        name = PureWindowsPath(found).name.lower()
        if name in MODELLED and "system32" in found.lower():
            return Native(self).run(name, list(arguments), stdin)
        return run_windows_program(self.folder, found, arguments, stdin=stdin, variables=self._variables)


def _environment(computer: str) -> dict[str, str]:
    return {
        "ALLUSERSPROFILE": r"C:\ProgramData",
        "COMPUTERNAME": computer,
        "ComSpec": rf"{_SYSTEM}\cmd.exe",
        "NUMBER_OF_PROCESSORS": str(os.cpu_count()),
        "OS": "Windows_NT",
        "Path": ";".join(MACHINE_PATH),
        "PROCESSOR_ARCHITECTURE": "AMD64",
        "ProgramData": r"C:\ProgramData",
        "ProgramFiles": r"C:\Program Files",
        "PUBLIC": r"C:\Users\Public",
        "SystemDrive": "C:",
        "SystemRoot": r"C:\Windows",
        "TEMP": r"C:\Windows\Temp",
        "TMP": r"C:\Windows\Temp",
        "USERNAME": "Administrator",
        "USERPROFILE": HOME,
        "windir": r"C:\Windows",
    }

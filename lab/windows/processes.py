"""The processes of a host, by the ids that they have in its namespace: Windows programs and powershell.exe."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

TREE = "CASEMENT_TREE"
"""Environment variable whose value a process shares with those it has started: Wine's programs have no parent left."""
_POWERSHELL = r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe"


@dataclass(frozen=True, slots=True)
class Process:
    """One process: its id, its program's Windows path, and the chain of those that started it."""

    number: int
    path: str
    tree: str

    @property
    def name(self) -> str:
        """Its name as Get-Process has it: the program without ``.exe``."""
        return PureWindowsPath(self.path).stem


def program_of(words: list[str]) -> str | None:
    """Return the Windows path of the program that a command line belongs to, or None for one of this machine's own."""
    if "lab.windows.worker" in words:
        return _POWERSHELL
    first = words[0] if words else ""
    return first if first[1:3] == ":\\" else None


def find_process(number: int) -> Process | None:
    """Return one process of the host, or None when it is not there or none of the host's."""
    folder = Path(f"/proc/{number}")
    with suppress(OSError):
        words = (folder / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
        path = program_of(words)
        if path is not None:
            variables = (folder / "environ").read_bytes().decode("utf-8", "replace").split("\0")
            tree = next((one.partition("=")[2] for one in variables if one.startswith(f"{TREE}=")), "")
            return Process(number, path, tree)
    return None


def all_processes() -> list[Process]:
    """Return every process of the host."""
    numbers = sorted(int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [found for number in numbers if (found := find_process(number)) is not None]


def in_tree(process: Process, root: Process) -> bool:
    """Return whether a process is another one, or was started by it, directly or not."""
    return process.number == root.number or (
        bool(root.tree) and (process.tree == root.tree or process.tree.startswith(root.tree + "/"))
    )


def end_tree(number: int) -> None:
    """End a process and all that it has started."""
    root = find_process(number)
    if root is None:
        return
    for process in all_processes():
        if in_tree(process, root) and process.number != os.getpid():
            with suppress(ProcessLookupError):
                os.kill(process.number, signal.SIGKILL)

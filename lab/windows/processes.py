"""The processes of a host, by the ids that they have in its namespace: Windows programs and powershell.exe."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from lab.windows.wine import LOADER

TREE = "CASEMENT_TREE"
"""Environment variable whose value a process shares with those it has started: Wine's programs have no parent left."""
_SYSTEM_TOOLS = ("curl", "tar")
"""Programs of this machine that stand for those of Windows."""
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
    # A program that is only about to run is still the loader's.
    first = next((word for word in words[: len(LOADER) + 1] if word not in LOADER), "")
    if first in _SYSTEM_TOOLS:
        return rf"C:\Windows\System32\{first}.exe"
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


def number_of(binary: str) -> int | None:
    """Return the number of the process that runs a service's command line: that of Wine's own counting is another."""
    wanted = _words(binary)
    return next((number for number, words in _command_lines() if words == wanted), None)


def numbers_of(binary: str) -> list[int]:
    """Return the numbers of the processes that run a service's command line, or the end of it.

    A program that turns a log over starts another one with the rest of its line.
    """
    wanted = _words(binary)
    return [number for number, words in _command_lines() if words and words == wanted[-len(words) :]]


def _words(command_line: str) -> list[str]:
    return command_line.replace('"', "").split()


def _command_lines() -> Iterator[tuple[int, list[str]]]:
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdigit():
                yield int(entry.name), (entry / "cmdline").read_text(errors="replace").replace("\0", " ").split()


def all_processes() -> list[Process]:
    """Return every process of the host."""
    numbers = sorted(int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [found for number in numbers if (found := find_process(number)) is not None]


def live_threads(number: int) -> int:
    """Return how many threads of a process run, or could; none when it is not there."""
    found = 0
    with suppress(OSError):
        for stat in Path(f"/proc/{number}/task").glob("*/stat"):
            # The name before it may hold anything, brackets too.
            found += stat.read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    return found


class HalfEnded:
    """The Go programs that hang while they exit.

    Wine ends the other threads of a program that exits, and the last one then now and then waits for ever for a lock
    that one of them held; Windows takes such locks away from them. A Go program that lives always has several threads.
    """

    def __init__(self, seconds: float = 5) -> None:
        """What has had one thread for so many seconds is taken for one that hangs."""
        self._seconds = seconds
        self._since: dict[int, float] = {}

    def end(self, command_lines: Iterable[str]) -> None:
        """End those that are named in these command lines; to be called again and again."""
        lines = [line.lower() for line in command_lines]
        now = time.monotonic()
        half = {
            process.number
            for process in all_processes()
            if any(process.path.lower() in line for line in lines) and live_threads(process.number) == 1
        }
        self._since = {number: self._since.get(number, now) for number in half}
        for number, since in self._since.items():
            if now - since >= self._seconds:
                with suppress(ProcessLookupError):
                    os.kill(number, signal.SIGKILL)


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

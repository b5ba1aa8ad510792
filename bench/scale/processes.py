"""What the processes of one ``pulumi`` command need, as Linux tells it."""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

_SECONDS = 0.25
_TICKS = os.sysconf("SC_CLK_TCK")
_SESSION, _USER, _SYSTEM = 3, 11, 12
"""Places in /proc/PID/stat behind the name, which may have blanks in it."""
_PARTS = {
    "pulumi-language-python-exec": "program",
    "pulumi-language-python": "language host",
    "lab.providers command": "provider command",
    "lab.providers kubernetes": "provider kubernetes",
    "pulumi-resource-command": "provider command",
    "pulumi-resource-kubernetes": "provider kubernetes",
    "bin/pulumi": "engine",
    "/pulumi ": "engine",
}
"""What stands in a command line, the more telling first, and what the process is."""


@dataclass(frozen=True, slots=True)
class Need:
    """What one part of Pulumi needed."""

    peak_mib: float
    """The most memory that its processes held (resident), added up."""
    cpu_seconds: float


class Watch:
    """Looks at all processes of a session, four times a second, while its block runs."""

    def __init__(self, session: int) -> None:
        self._session = session
        self._seen: dict[int, tuple[str, float, float]] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def needs(self) -> Mapping[str, Need]:
        """Return what was needed, by part."""
        memory: dict[str, float] = defaultdict(float)
        cpu: dict[str, float] = defaultdict(float)
        for part, mib, seconds in list(self._seen.values()):
            memory[part] += mib
            cpu[part] += seconds
        return {part: Need(round(memory[part], 1), round(cpu[part], 2)) for part in sorted(memory)}

    def _look_on(self) -> None:
        while not self._over.wait(_SECONDS):
            for process in _processes():
                found = _look(process, self._session)
                if found:
                    self._seen[process] = found


def _processes() -> Iterator[int]:
    return (int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit())


def _look(process: int, session: int) -> tuple[str, float, float] | None:
    """Return part, peak memory (MiB) and time (s) of a process of this session; None for any other."""
    folder = Path("/proc") / str(process)
    try:
        stat = (folder / "stat").read_text().rpartition(") ")[2].split()
        if int(stat[_SESSION]) != session:
            return None
        line = (folder / "cmdline").read_text().replace("\0", " ")
        status = (folder / "status").read_text()
    except (OSError, ValueError):
        return None
    part = next((part for text, part in _PARTS.items() if text in line), "")
    peak = next((text.split()[1] for text in status.splitlines() if text.startswith("VmHWM:")), "")
    if not part or not peak:
        return None
    return part, int(peak) / 1024, (int(stat[_USER]) + int(stat[_SYSTEM])) / _TICKS

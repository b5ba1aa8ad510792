"""What was measured, as it is kept: one JSON file for one run of the benchmark."""

from __future__ import annotations

import json
import os
import platform
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path

PHASES = {
    "first": "first run",
    "unchanged": "no change",
    "setting": "one setting changed",
    "added": "one node added",
}
"""The phases in their order, each with what a reader is told of it."""
CONTESTANTS = {"casement": "casement", "ansible": "Ansible", "pyinfra": "pyinfra", "shell": "shell script"}
"""Who is measured, each with what a reader is told of it."""
OURS = "casement"
PEERS = ("ansible", "pyinfra")
"""Whom we are compared with; the shell script is the floor."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One command of one contestant, which ended well and whose cluster passed the proof."""

    contestant: str
    phase: str
    repetition: int
    seconds: float
    """Wall-clock time of the command alone."""
    connections: int
    """SSH connections that all hosts together have seen meanwhile."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A phase that did not end well, or was not proven; the contestant's later phases were left out."""

    contestant: str
    phase: str
    repetition: int
    reason: str


@dataclass(frozen=True, slots=True)
class Machine:
    """What the benchmark ran on."""

    processor: str
    cores: int
    memory_gib: int
    system: str
    kernel: str


@dataclass(slots=True)
class Results:
    """One run of the benchmark."""

    date: str
    """Day on which it began, UTC."""
    machine: Machine
    versions: dict[str, str]
    commands: dict[str, str]
    """What was timed, by contestant."""
    repetitions: int
    measurements: list[Measurement] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    def write(self, path: Path) -> None:
        """Write the file, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(path.name + ".new")
        new.write_text(json.dumps(asdict(self), indent=1) + "\n")
        new.replace(path)


def read(path: Path) -> Results:
    """Return what a file holds. Raises OSError where there is none, TypeError where it is of another shape."""
    content = json.loads(path.read_text())
    return Results(
        **content
        | {
            "machine": Machine(**content["machine"]),
            "measurements": [Measurement(**each) for each in content["measurements"]],
            "failures": [Failure(**each) for each in content["failures"]],
        }
    )


def this_machine() -> Machine:
    """Return what the kernel says of this machine."""
    processor = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = re.search(r"^MemTotal:\s+(\d+) kB", Path("/proc/meminfo").read_text(), re.MULTILINE)
    assert memory is not None
    system = platform.freedesktop_os_release().get("PRETTY_NAME", "")
    return Machine(
        processor=processor[1] if processor else platform.machine(),
        cores=len(os.sched_getaffinity(0)),
        memory_gib=round(int(memory[1]) / 2**20),
        system=system,
        kernel=platform.release(),
    )

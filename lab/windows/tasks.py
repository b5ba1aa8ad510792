"""The scheduled tasks of a host: registered as JSON, started at boot or by hand, each a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from typing import Any

from lab.windows.command_line import split
from lab.windows.folder import HostFolder
from lab.windows.loopback import Answer

NO_SUCH_TASK = 0x80070002
TASK_DISABLED = 0x80041326
Task = dict[str, Any]


class Tasks:
    """Runs tasks; ``powershell`` is the command line, on this machine, that stands for powershell.exe."""

    def __init__(self, folder: HostFolder, powershell: list[str]) -> None:
        self._folder = folder
        self._powershell = powershell
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start_at_boot(self) -> None:
        """Start every enabled task that has a trigger at startup."""
        for name, task in self._folder.read("tasks", {}).items():
            if task["AtStartup"] and task["Enabled"]:
                self._start(name, task)

    def end_all(self) -> None:
        """End every task."""
        for name in list(self._running):
            self._end(name)

    def answer(self, function: str, text: str) -> Answer | None:
        """Do ``StartTask``, ``StopTask`` or ``TaskState`` for the task named; None for another function."""
        if function not in ("StartTask", "StopTask", "TaskState"):
            return None
        name = text.lower()
        task = self._folder.read("tasks", {}).get(name)
        if task is None:
            return Answer(NO_SUCH_TASK)
        if function == "StartTask" and not task["Enabled"]:
            return Answer(TASK_DISABLED)
        if function == "StartTask" and not self._runs(name):
            self._start(name, task)
        elif function == "StopTask":
            self._end(name)
        state = "Running" if self._runs(name) else "Ready" if task["Enabled"] else "Disabled"
        return Answer(text=state)

    def _runs(self, name: str) -> bool:
        return name in self._running and self._running[name].poll() is None

    def _start(self, name: str, task: Task) -> None:
        # What a task prints goes nowhere on Windows; here it helps to see why one failed.
        with (self._folder.root / f"task-{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                [*self._powershell, *split(task["Argument"])],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=os.environ | {"CASEMENT_TREE": f"task-{name}"},
            )

    def _end(self, name: str) -> None:
        """End the task's process. What it has started lives on, as it does under Windows' Task Scheduler."""
        process = self._running.pop(name, None)
        if process is not None and process.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
            process.wait()

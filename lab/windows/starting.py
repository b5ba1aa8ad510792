"""Starting processes for a script: ``[System.Diagnostics.Process]::Start`` and ``Start-Process``."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from pathlib import PureWindowsPath
from typing import TYPE_CHECKING

from lab.powershell.values import NOTHING, Computed, Method, PSObject
from lab.windows.command_line import split
from lab.windows.folder import HOME
from lab.windows.processes import TREE
from lab.windows.wine import LOADER, wine_environment, working_directory

if TYPE_CHECKING:
    from lab.windows.machine import WindowsMachine


def start(
    machine: WindowsMachine, program: str, line: str, *, directory: str = HOME, feed: bool = False
) -> subprocess.Popen[str]:
    """Start a program with the rest of its command line; its outputs are those of this process.

    Raises FileNotFoundError when there is no such program.
    """
    found = machine.find_program(program)
    if found is None:
        raise FileNotFoundError(program)
    tree = f"{os.environ.get(TREE, '')}/{uuid.uuid4().hex[:8]}".lstrip("/")
    if PureWindowsPath(found).name.lower() == "powershell.exe":
        command = [sys.executable, "-m", "lab.windows.worker", str(machine.folder.root), machine.release, "--"]
        environment = dict(os.environ)
    else:
        command = [*LOADER, found]
        environment = wine_environment(machine.folder, machine.environment())
    sys.stdout.flush()
    sys.stderr.flush()
    return subprocess.Popen(
        [*command, *split(line)],
        stdin=subprocess.PIPE if feed else subprocess.DEVNULL,
        text=True,
        env=environment | {TREE: tree},
        cwd=None if command[0] == sys.executable else working_directory(machine.folder, directory),
    )


def process_object(process: subprocess.Popen[str]) -> PSObject:
    """Return a started process as a script sees it."""

    def wait(milliseconds: object = None) -> object:
        try:
            process.wait(None if milliseconds is None else int(str(milliseconds)) / 1000)
        except subprocess.TimeoutExpired:
            return False
        return NOTHING if milliseconds is None else True

    def kill() -> object:
        process.kill()
        return NOTHING

    properties: dict[str, object] = {
        "Id": process.pid,
        "Handle": process.pid,
        "HasExited": Computed(lambda: process.poll() is not None),
        "ExitCode": Computed(process.poll),
    }
    if process.stdin is not None:
        properties["StandardInput"] = _writer(process)
    methods = {"WaitForExit": wait, "Kill": kill, "Dispose": lambda: NOTHING, "Close": lambda: NOTHING}
    return PSObject(properties, type_name="System.Diagnostics.Process", methods=methods)


def _writer(process: subprocess.Popen[str]) -> PSObject:
    assert process.stdin is not None
    stream = process.stdin

    def write(text: object, end: str = "") -> object:
        stream.write(str(text) + end)
        return NOTHING

    def close() -> object:
        stream.close()
        return NOTHING

    def write_line(text: object = "") -> object:
        return write(text, "\r\n")

    methods: dict[str, Method] = {"Write": write, "WriteLine": write_line, "Close": close, "Flush": lambda: NOTHING}
    return PSObject(type_name="System.IO.StreamWriter", methods=methods)

"""Start-Process, Get-Process and Stop-Process, on the real processes of the host."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress

from lab.powershell.cmdlet import CmdletCall, catalogue, cmdlet
from lab.powershell.values import PSObject
from lab.windows.cmdlets.machine_of import machine_of, texts
from lab.windows.processes import Process, all_processes, find_process
from lab.windows.starting import process_object, start

_ERROR = "Microsoft.PowerShell.Commands.ProcessCommandException"


def _object(process: Process) -> PSObject:
    properties = {"Id": process.number, "Name": process.name, "ProcessName": process.name, "Path": process.path}
    return PSObject(properties, type_name="System.Diagnostics.Process")


@cmdlet(
    "Start-Process",
    positional=["FilePath:string"],
    named=["ArgumentList:string[]", "WorkingDirectory:string"],
    switches=["NoNewWindow", "PassThru"],
    mandatory=["FilePath"],
)
def start_process(call: CmdletCall) -> Iterator[object]:
    """Start a program that goes on by itself; its arguments are joined by blanks, unquoted, as 5.1 does."""
    line = " ".join(texts(call.get("ArgumentList")))
    try:
        started = start(machine_of(call), call.text("FilePath"), line)
    except FileNotFoundError:
        raise call.fail(
            "This command cannot be run due to the error: The system cannot find the file specified.",
            category="InvalidOperation", error_id="InvalidOperationException",
            exception="System.InvalidOperationException",
        ) from None  # fmt: skip
    if call.switch("PassThru"):
        yield process_object(started)


@cmdlet("Get-Process", positional=["Name:string[]"], named=["Id:int[]"])
def get_process(call: CmdletCall) -> Iterator[object]:
    """Get processes by name or id, or all."""
    if call.given("Id"):
        for number in texts(call.get("Id")):
            found = find_process(int(number))
            if found is None:
                _missing(
                    call, f"Cannot find a process with the process identifier {number}.", "NoProcessFoundForGivenId"
                )
            else:
                yield _object(found)
        return
    running = all_processes()
    if not call.given("Name"):
        yield from map(_object, running)
    for name in texts(call.get("Name")):
        shown = [one for one in running if one.name.lower() == name.lower()]
        if not shown:
            text = f'Cannot find a process with the name "{name}". Verify the process name and call the cmdlet again.'
            _missing(call, text, "NoProcessFoundForGivenName")
        yield from map(_object, shown)


def _missing(call: CmdletCall, text: str, error_id: str) -> None:
    call.error(text, category="ObjectNotFound", error_id=error_id, exception=_ERROR)


@cmdlet("Stop-Process", named=["Id:int[]"], switches=["Force"], mandatory=["Id"])
def stop_process(call: CmdletCall) -> None:
    """End processes at once; what they have started lives on."""
    for number in texts(call.get("Id")):
        if find_process(int(number)) is None:
            _missing(call, f"Cannot find a process with the process identifier {number}.", "NoProcessFoundForGivenId")
            continue
        with suppress(ProcessLookupError):
            os.kill(int(number), signal.SIGKILL)


CMDLETS = catalogue(start_process, get_process, stop_process)

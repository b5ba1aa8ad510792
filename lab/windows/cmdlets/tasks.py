"""Register-ScheduledTask and its family; see lab/windows/tasks.py, which runs the tasks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lab.powershell.cmdlet import CmdletCall, catalogue, cmdlet
from lab.powershell.values import PSObject
from lab.windows.cmdlets.machine_of import machine_of
from lab.windows.loopback import ask
from lab.windows.tasks import NO_SUCH_TASK

_CIM = "Microsoft.Management.Infrastructure.CimInstance#MSFT_Task"
_ERROR = "Microsoft.PowerShell.Cmdletization.Cim.CimJobException"


def _description(call: CmdletCall, kind: str, *names: str) -> PSObject:
    return PSObject({name: call.get(name) for name in names}, type_name=_CIM + kind)


@cmdlet("New-ScheduledTaskAction", positional=["Execute:string"], named=["Argument:string"], mandatory=["Execute"])
def new_action(call: CmdletCall) -> Iterator[object]:
    """Describe what a task runs."""
    yield PSObject({"Execute": call.text("Execute"), "Arguments": call.text("Argument")}, type_name=_CIM + "ExecAction")


@cmdlet("New-ScheduledTaskTrigger", switches=["AtStartup"], mandatory=["AtStartup"])
def new_trigger(call: CmdletCall) -> Iterator[object]:
    """Describe a trigger at startup."""
    yield _description(call, "BootTrigger", "AtStartup")


@cmdlet("New-ScheduledTaskPrincipal", named=["UserId:string", "LogonType:string", "RunLevel:string"])
def new_principal(call: CmdletCall) -> Iterator[object]:
    """Describe who a task runs as."""
    yield _description(call, "Principal2", "UserId", "LogonType", "RunLevel")


_SETTINGS = (
    "ExecutionTimeLimit:timespan",
    "RestartCount:int",
    "RestartInterval:timespan",
    "MultipleInstances:string",
    "Priority:int",
)


@cmdlet(
    "New-ScheduledTaskSettingsSet",
    named=_SETTINGS,
    switches=["AllowStartIfOnBatteries", "DontStopIfGoingOnBatteries"],
)
def new_settings(call: CmdletCall) -> Iterator[object]:
    """Describe how a task is run."""
    yield _description(call, "Settings3", *(name.partition(":")[0] for name in _SETTINGS))


def _object(name: str, task: Mapping[str, Any], state: str) -> PSObject:
    action = PSObject({"Execute": task["Execute"], "Arguments": task["Argument"]}, type_name=_CIM + "ExecAction")
    properties = {"TaskName": name, "TaskPath": "\\", "State": state, "Actions": [action]}
    return PSObject(properties, type_name="Microsoft.Management.Infrastructure.CimInstance#MSFT_ScheduledTask")


def _find(call: CmdletCall) -> tuple[str, dict[str, Any], str] | None:
    """Return name, registration and state of the task that is meant, or report that there is none."""
    name = call.text("TaskName")
    answer = ask("TaskState", name)
    if answer.result == NO_SUCH_TASK:
        call.error(
            f"No MSFT_ScheduledTask objects found with property 'TaskName' equal to '{name}'.  Verify the value of the "
            "property and retry.", category="ObjectNotFound", error_id="CmdletizationQuery_NotFound_TaskName",
            target=name, exception=_ERROR,
        )  # fmt: skip
        return None
    task = machine_of(call).folder.read("tasks", {})[name.lower()]
    return task["Name"], task, answer.text


@cmdlet(
    "Register-ScheduledTask",
    positional=["TaskName:string"],
    named=["Action", "Trigger", "Principal", "Settings"],
    switches=["Force"],
    mandatory=["TaskName", "Action"],
)
def register(call: CmdletCall) -> Iterator[object]:
    """Register a task; an instance that runs goes on."""
    name, action, principal = call.text("TaskName"), call.get("Action"), call.get("Principal")
    if not isinstance(action, PSObject) or str(action.properties["Execute"]).lower() != "powershell.exe":
        raise call.fail("only tasks that run powershell.exe are modelled", category="InvalidArgument")
    user = str(principal.properties["UserId"]) if isinstance(principal, PSObject) else "Administrator"
    with machine_of(call).folder.changing("tasks", {}) as tasks:
        if name.lower() in tasks and not call.switch("Force"):
            raise call.fail("Cannot create a file when that file already exists.", category="ResourceExists")
        tasks[name.lower()] = task = {
            "Name": name, "Execute": action.properties["Execute"], "Argument": action.properties["Arguments"],
            "AtStartup": call.given("Trigger"), "User": user, "Enabled": True,
        }  # fmt: skip
    yield _object(name, task, "Ready")


@cmdlet("Get-ScheduledTask", positional=["TaskName:string"], mandatory=["TaskName"])
def get_task(call: CmdletCall) -> Iterator[object]:
    """Get a task by name."""
    found = _find(call)
    if found is not None:
        yield _object(*found)


def _ask(call: CmdletCall, function: str) -> None:
    if _find(call) is None:
        return
    answer = ask(function, call.text("TaskName"))
    if answer.result:
        call.error(f"The task could not be started: 0x{answer.result:08X}", category="NotSpecified", exception=_ERROR)


@cmdlet("Start-ScheduledTask", positional=["TaskName:string"], mandatory=["TaskName"])
def start_task(call: CmdletCall) -> None:
    """Start a task; one that runs is left alone."""
    _ask(call, "StartTask")


@cmdlet("Stop-ScheduledTask", positional=["TaskName:string"], mandatory=["TaskName"])
def stop_task(call: CmdletCall) -> None:
    """End a task's process."""
    _ask(call, "StopTask")


def _enable(call: CmdletCall, enabled: bool) -> Iterator[object]:
    if _find(call) is None:
        return
    with machine_of(call).folder.changing("tasks", {}) as tasks:
        tasks[call.text("TaskName").lower()]["Enabled"] = enabled
    found = _find(call)
    if found is not None:
        yield _object(*found)


@cmdlet("Enable-ScheduledTask", positional=["TaskName:string"], mandatory=["TaskName"])
def enable_task(call: CmdletCall) -> Iterator[object]:
    """Let a task start again."""
    return _enable(call, True)


@cmdlet("Disable-ScheduledTask", positional=["TaskName:string"], mandatory=["TaskName"])
def disable_task(call: CmdletCall) -> Iterator[object]:
    """Keep a task from starting; an instance that runs goes on."""
    return _enable(call, False)


@cmdlet("Unregister-ScheduledTask", positional=["TaskName:string"], mandatory=["TaskName"], should_process=True)
def unregister(call: CmdletCall) -> None:
    """Take a task away; an instance that runs goes on."""
    if call.switch("Confirm") or not call.given("Confirm"):
        raise call.fail("Unregister-ScheduledTask asks for confirmation, which nobody gives: use -Confirm:$false")
    if _find(call) is not None:
        with machine_of(call).folder.changing("tasks", {}) as tasks:
            del tasks[call.text("TaskName").lower()]


CMDLETS = catalogue(
    new_action, new_trigger, new_principal, new_settings, register, get_task, start_task, stop_task, enable_task,
    disable_task, unregister,
)  # fmt: skip

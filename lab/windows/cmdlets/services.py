"""Get-Service and its family: Wine's own service manager does the work."""

from __future__ import annotations

from collections.abc import Iterator

from lab.powershell.cmdlet import CmdletCall, catalogue, cmdlet
from lab.powershell.values import EnumValue, PSObject
from lab.windows.cmdlets.machine_of import machine_of, texts
from lab.windows.services import EXISTS, START_WORDS, Service, ServiceError

_NUMBERS = {"Stopped": 1, "StartPending": 2, "StopPending": 3, "Running": 4, "Paused": 7}
_ERROR = "Microsoft.PowerShell.Commands.ServiceCommandException"


def _object(service: Service) -> PSObject:
    status = EnumValue(service.state, _NUMBERS.get(service.state, 0), "System.ServiceProcess.ServiceControllerStatus")
    properties = {
        "Name": service.name, "DisplayName": service.display, "Status": status, "ServiceName": service.name,
        "StartType": service.start,
    }  # fmt: skip
    return PSObject(properties, type_name="System.ServiceProcess.ServiceController", text=service.name)


@cmdlet("Get-Service", positional=["Name:string[]"], pipeline="Name", aliases={"ServiceName": "Name"})
def get_service(call: CmdletCall) -> Iterator[object]:
    """Get services by name, or all."""
    services = machine_of(call).services
    if not call.given("Name") and not call.piped:
        yield from map(_object, services.all())
    for name in texts(call.items("Name")):
        found = services.find(name)
        if found is None:
            call.error(
                f"Cannot find any service with service name '{name}'.", category="ObjectNotFound",
                error_id="NoServiceFoundForGivenName", target=name, exception=_ERROR,
            )  # fmt: skip
        else:
            yield _object(found)


@cmdlet("Start-Service", positional=["Name:string[]"], mandatory=["Name"])
def start_service(call: CmdletCall) -> None:
    """Start services, and what they depend on."""
    services = machine_of(call).services
    for name in texts(call.get("Name")):
        try:
            services.start(name)
        except ServiceError as error:
            call.error(
                f"Failed to start service '{name} ({name})'. {error}", category="OpenError",
                error_id="StartServiceFailed", target=name, exception=_ERROR,
            )  # fmt: skip


@cmdlet("Stop-Service", positional=["Name:string[]"], switches=["Force"], mandatory=["Name"])
def stop_service(call: CmdletCall) -> None:
    """Stop services; with -Force those that depend on them before."""
    services = machine_of(call).services
    for name in texts(call.get("Name")):
        try:
            dependents = services.dependents(name)
            if dependents and not call.switch("Force"):
                raise call.fail(
                    f"Cannot stop service '{name} ({name})' because it has dependent services. It can only be stopped "
                    "if the Force flag is set.", category="InvalidOperation", error_id="ServiceHasDependentServices",
                )  # fmt: skip
            for dependent in dependents:
                services.stop(dependent.name)
            services.stop(name)
        except ServiceError as error:
            call.error(
                f"Service '{name} ({name})' cannot be stopped due to the following error: {error}",
                category="CloseError", error_id="StopServiceFailed", target=name, exception=_ERROR,
            )  # fmt: skip


@cmdlet("Restart-Service", positional=["Name:string[]"], switches=["Force"], mandatory=["Name"])
def restart_service(call: CmdletCall) -> None:
    """Stop services and start them again."""
    stop_service(call)
    start_service(call)


@cmdlet(
    "New-Service",
    positional=["Name:string", "BinaryPathName:string"],
    named=["DisplayName:string", "Description:string", "StartupType:string", "DependsOn:string[]"],
    mandatory=["Name", "BinaryPathName"],
)
def new_service(call: CmdletCall) -> Iterator[object]:
    """Make a service."""
    services, name = machine_of(call).services, call.text("Name")
    start = START_WORDS[call.text("StartupType", "Automatic").lower()]
    try:
        display = call.text("DisplayName", name)
        services.create(name, display, call.text("BinaryPathName"), start, tuple(texts(call.get("DependsOn"))))
        if call.given("Description"):
            services.describe(name, call.text("Description"))
    except ServiceError as error:
        # Where the name is taken Windows says so; any other refusal is shown as it is.
        category = "ResourceExists" if error.code == EXISTS else "PermissionDenied"
        call.error(
            f"Service '{name} ({name})' cannot be created due to the following error: {error}", category=category,
            error_id="CouldNotNewService", target=name, exception=_ERROR,
        )  # fmt: skip
        return
    yield _object(services.get(name))


@cmdlet("Set-Service", positional=["Name:string"], named=["StartupType:string"], mandatory=["Name", "StartupType"])
def set_service(call: CmdletCall) -> None:
    """Change how a service is started."""
    name = call.text("Name")
    try:
        machine_of(call).services.change(name, start=START_WORDS[call.text("StartupType").lower()])
    except ServiceError as error:
        call.error(
            f"Service '{name} ({name})' cannot be configured due to the following error: {error}",
            category="PermissionDenied", error_id="CouldNotSetService", target=name, exception=_ERROR,
        )  # fmt: skip


CMDLETS = catalogue(get_service, start_service, stop_service, restart_service, new_service, set_service)

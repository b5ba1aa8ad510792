"""Get-CimInstance and Invoke-CimMethod: what Windows Management tells of the system, the disk and the services."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from lab.powershell.cmdlet import CmdletCall, catalogue, cmdlet
from lab.powershell.values import PSObject
from lab.windows.cmdlets.machine_of import machine_of
from lab.windows.machine import WindowsMachine
from lab.windows.processes import number_of
from lab.windows.services import DOES_NOT_EXIST, Service, ServiceError

_NAMESPACE = "Microsoft.Management.Infrastructure.CimInstance#root/cimv2/"
_CIM_ERROR = "Microsoft.Management.Infrastructure.CimException"
_MODES = {"Automatic": "Auto"}
# What Win32_Service.Change returns for the service manager's errors.
_RETURN_VALUES = {5: 2, DOES_NOT_EXIST: 11}


def _instance(class_name: str, properties: Mapping[str, object]) -> PSObject:
    return PSObject({**properties, "CimClass": class_name}, type_name=_NAMESPACE + class_name)


def _system(machine: WindowsMachine) -> Iterator[PSObject]:
    meminfo = re.search(r"^MemTotal:\s+(\d+) kB", Path("/proc/meminfo").read_text(), re.MULTILINE)
    assert meminfo is not None
    yield _instance(
        "Win32_OperatingSystem",
        {
            "Caption": f"Microsoft {machine.product}",
            "BuildNumber": machine.build,
            "Version": f"10.0.{machine.build}",
            "ProductType": 3,
            "LastBootUpTime": datetime.fromisoformat(machine.folder.read("boot")["time"]),
            "TotalVisibleMemorySize": int(meminfo[1]),
            "CSName": machine.environment()["COMPUTERNAME"],
        },
    )


def _disks(machine: WindowsMachine) -> Iterator[PSObject]:
    usage = shutil.disk_usage(machine.folder.drive_c)
    values = {"DeviceID": "C:", "DriveType": 3, "FreeSpace": usage.free, "Size": usage.total, "FileSystem": "NTFS"}
    yield _instance("Win32_LogicalDisk", values)


def _service(service: Service) -> PSObject:
    return _instance(
        "Win32_Service",
        {
            "Name": service.name,
            "DisplayName": service.display,
            "PathName": service.binary,
            "State": service.state.replace("Pending", " Pending"),
            "StartMode": _MODES.get(service.start, service.start),
            "StartName": service.account,
            "ProcessId": (number_of(service.binary) or service.process) if service.process else 0,
            "ExitCode": service.exit_code,
        },
    )


def _services(machine: WindowsMachine) -> Iterator[PSObject]:
    return map(_service, machine.services.all())


_CLASSES: dict[str, Callable[[WindowsMachine], Iterator[PSObject]]] = {
    "win32_operatingsystem": _system,
    "win32_logicaldisk": _disks,
    "win32_service": _services,
}


@cmdlet("Get-CimInstance", positional=["ClassName:string"], named=["Filter:string"], mandatory=["ClassName"])
def get_cim_instance(call: CmdletCall) -> Iterator[object]:
    """Get the instances of a class that the filter, a comparison of one property, lets through."""
    machine, name = machine_of(call), call.text("ClassName")
    if name.lower() not in _CLASSES:
        call.error("Invalid class ", category="MetadataError", error_id="HRESULT 0x80041010", exception=_CIM_ERROR)
        return
    wanted = re.fullmatch(r"\s*(\w+)\s*=\s*'([^']*)'\s*", call.text("Filter")) if call.given("Filter") else None
    if call.given("Filter") and wanted is None:
        call.error("Invalid query ", category="InvalidArgument", error_id="HRESULT 0x80041017", exception=_CIM_ERROR)
        return
    if wanted is not None and (name.lower(), wanted[1].lower()) == ("win32_service", "name"):
        found = machine.services.find(wanted[2])
        yield from [_service(found)] if found else []
        return
    for instance in _CLASSES[name.lower()](machine):
        if wanted is None or str(instance.properties[wanted[1]]).lower() == wanted[2].lower():
            yield instance


@cmdlet(
    "Invoke-CimMethod",
    named=["InputObject", "MethodName:string", "Arguments"],
    mandatory=["InputObject", "MethodName"],
)
def invoke_cim_method(call: CmdletCall) -> Iterator[object]:
    """Call Win32_Service.Change with a new PathName."""
    instance, arguments = call.get("InputObject"), call.get("Arguments")
    known = isinstance(instance, PSObject) and instance.properties.get("CimClass") == "Win32_Service"
    if not known or call.text("MethodName").lower() != "change" or not isinstance(arguments, Mapping):
        raise call.fail("Method not found ", error_id="HRESULT 0x80041055", exception=_CIM_ERROR)
    assert isinstance(instance, PSObject)
    if [str(key).lower() for key in arguments] != ["pathname"]:
        raise call.fail("Only PathName is modelled of Win32_Service.Change", exception=_CIM_ERROR)
    (binary,) = arguments.values()
    value = 0
    try:
        machine_of(call).services.change(str(instance.properties["Name"]), binary=str(binary))
    except ServiceError as error:
        value = _RETURN_VALUES.get(error.code, 8)
    yield PSObject({"ReturnValue": value})


CMDLETS = catalogue(get_cim_instance, invoke_cim_method)

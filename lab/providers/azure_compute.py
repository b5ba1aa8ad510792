"""What Azure's machines are: what is refused, what fails, and what scripts on them print."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any

from config.sizes import azure_size
from lab.providers.azure_words import refused
from lab.providers.cloud import Wish
from lab.providers.cloud_machines import MachineError, Machines, NewMachine, Ran
from lab.providers.cloud_state import Thing

MACHINE = "azure-native:compute:VirtualMachine"
RUN_COMMAND = "azure-native:compute:VirtualMachineRunCommandByVirtualMachine"
_DISK = "azure-native:compute:Disk"
# learn.microsoft.com, virtual machines REST API, osProfile; those of the list that somebody might think of.
_NAMES_REFUSED = ("administrator", "admin", "user", "test", "root", "guest", "owner", "server", "john", "sys", "backup")
_KEPT: tuple[str, ...] = (
    "zones",
    "priority",
    "storageProfile.imageReference",
    "storageProfile.osDisk.name",
    "osProfile.computerName",
)
_KEPT += ("osProfile.adminUsername", "securityProfile.securityType")
"""What a machine keeps as long as it lives."""
_CLASSES = (r"[a-z]", r"[A-Z]", r"\d", r"[^a-zA-Z0-9]")
_CLASSES_MIN, _WINDOWS_NAME_MAX = 3, 15


def image_of(inputs: Mapping[str, Any]) -> str:
    """Return a machine's image as a stack file names it."""
    said = inputs["storageProfile"]["imageReference"]
    return ":".join(said.get(part, "") for part in ("publisher", "offer", "sku", "version"))


def refuse_machine(wish: Wish) -> None:
    """Refuse names, passwords, images, sizes and adapters that cannot be, and changes of what a machine keeps."""
    if wish.before is not None:
        _refuse_changes(wish, wish.before)
    else:
        _refuse_login(wish)
        if image_of(wish.inputs) in wish.now.images_gone:
            raise refused(
                404,
                "PlatformImageNotFound",
                f"The platform image '{image_of(wish.inputs)}' is not available. Verify that all fields in the storage "
                "profile are correct.",
            )
        for key in disk_of(wish):
            if key in wish.things:
                raise refused(409, "ConflictingUserInput", f"Disk {key} already exists.")
    _refuse_size(wish)
    for each in wish.inputs["networkProfile"]["networkInterfaces"]:
        for key, other in wish.others(MACHINE):
            if each in other.inputs["networkProfile"]["networkInterfaces"]:
                raise refused(409, "NicInUse", f"Network Interface {each['id']} is used by existing resource {key}.")


def _refuse_changes(wish: Wish, before: Thing) -> None:
    for place in _KEPT:
        old: Any = before.inputs
        new: Any = wish.inputs
        for part in place.split("."):
            old, new = (old or {}).get(part), (new or {}).get(part)
        if old != new:
            raise refused(409, "PropertyChangeNotAllowed", f"Changing property '{place}' is not allowed.")


def _refuse_login(wish: Wish) -> None:
    profile = wish.inputs["osProfile"]
    if profile["adminUsername"].lower() in _NAMES_REFUSED:
        raise refused(400, "InvalidParameter", "The Admin Username specified is not allowed.")
    if "windowsConfiguration" in profile:
        password = profile.get("adminPassword", "")
        enough = sum(bool(re.search(kind, password)) for kind in _CLASSES) >= _CLASSES_MIN
        if not enough or not 8 <= len(password) <= 123:
            raise refused(
                400,
                "InvalidParameter",
                "The supplied password must be between 8-123 characters long and must satisfy at least 3 of password "
                "complexity requirements.",
            )
        if len(profile["computerName"]) > _WINDOWS_NAME_MAX:
            raise refused(400, "InvalidParameter", "Windows computer name cannot be more than 15 characters long.")
    elif not profile["linuxConfiguration"].get("disablePasswordAuthentication"):
        raise refused(400, "InvalidParameter", "Required parameter 'adminPassword' is missing (null).")


def _refuse_size(wish: Wish) -> None:
    name = wish.inputs["hardwareProfile"]["vmSize"]
    size = azure_size(name)
    if size is None:
        raise refused(400, "InvalidParameter", f"The value {name} provided for the VM size is not valid.")
    sizes = (azure_size(thing.inputs["hardwareProfile"]["vmSize"]) for _, thing in wish.others(MACHINE))
    used = sum(each.vcpus for each in sizes if each and each.quota == size.quota)
    most = wish.now.quotas.get(size.quota)
    if most is not None and used + size.vcpus > most:
        raise refused(
            409,
            "OperationNotAllowed",
            f"Operation could not be completed as it results in exceeding approved {size.quota} Cores quota. "
            f"Additional details - Deployment Model: Resource Manager, Location: {wish.inputs['location']}, Current "
            f"Limit: {most}, Current Usage: {used}, Additional Required: {size.vcpus}, (Minimum) New Limit Required: "
            f"{used + size.vcpus}.",
        )


def disk_of(wish: Wish) -> dict[str, Thing]:
    """Return the disk that a machine boots from, by its ID."""
    disk = wish.inputs["storageProfile"]["osDisk"]
    folder = wish.id.partition("/virtualMachines/")[0]
    return {f"{folder}/disks/{disk['name']}": Thing(_DISK, {"location": wish.inputs["location"]}, dict(disk))}


def machine_fails(wish: Wish) -> str:
    """Return why a machine does not come up, or nothing."""
    name = wish.inputs["vmName"]
    failed = None
    if name in wish.now.no_room_for:
        failed = refused(
            409,
            "AllocationFailed",
            "Allocation failed. We do not have sufficient capacity for the requested VM size in this region.",
        )
    elif name in wish.now.never_boots:
        failed = refused(
            409,
            "OSProvisioningTimedOut",
            f"OS Provisioning for VM '{name}' did not finish in the allotted time. The VM may still finish "
            "provisioning successfully. Please check provisioning state later.",
        )
    return str(failed or "")


def new_machine(wish: Wish) -> NewMachine:
    """Return what is switched on."""
    profile, name = wish.inputs["osProfile"], wish.inputs["vmName"]
    (adapter,) = (each["id"] for each in wish.inputs["networkProfile"]["networkInterfaces"])
    (configuration,) = wish.things[adapter].inputs["ipConfigurations"]
    keys = profile.get("linuxConfiguration", {}).get("ssh", {}).get("publicKeys", [])
    return NewMachine(
        name=name,
        os="windows" if "windowsConfiguration" in profile else "linux",
        image=image_of(wish.inputs),
        address=configuration["privateIPAddress"],
        user=profile["adminUsername"],
        public_key=keys[0]["keyData"] if keys else "",
        host_key=wish.now.host_key,
        user_data=base64.b64decode(profile.get("customData", "")).decode(),
    )


def refuse_run_command(wish: Wish) -> None:
    """Refuse to run a script on a machine that is not there, or did not come up."""
    machine = wish.things[wish.id.partition("/runCommands/")[0]]
    if machine.told["provisioningState"] != "Succeeded":
        raise refused(409, "OperationNotAllowed", "Cannot modify extensions in the VM when the VM is not running.")


async def ran(machines: Machines, wish: Wish, thing: Thing) -> str:
    """Run the script of a run command on its machine, and return why it failed, or nothing."""
    machine = wish.things[wish.id.partition("/runCommands/")[0]]
    name = wish.inputs["vmName"]
    fails = wish.now.scripts_fail.get(name)
    try:
        done = (
            Ran(1, "", fails) if fails else await machines.run(name, _script(wish), machine.private.get("hostKey", ""))
        )
    except MachineError as error:
        done = Ran(1, "", str(error))
    thing.private["view"] = {
        "executionState": "Failed" if done.exit_code else "Succeeded",
        "exitCode": done.exit_code,
        "output": done.output,
        "error": done.error,
    }
    if not done.exit_code or not wish.inputs.get("treatFailureAsDeploymentFailure"):
        return ""
    failed = refused(
        409,
        "VMExtensionProvisioningError",
        f"VM '{name}' has reported a failure when processing run command '{wish.inputs['runCommandName']}'. Error "
        f"message: 'Script failed with exit code {done.exit_code}: {done.error}'",
    )
    return str(failed)


def _script(wish: Wish) -> str:
    return str(wish.inputs["source"]["script"])

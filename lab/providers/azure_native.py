"""Stand-in for the azure-native provider 3.29.0, and for what of Azure it speaks to.

Sources: the provider's own (``provider.go``, ``replacement.go``), Microsoft's models of requests, and the documented
error codes of Azure Resource Manager. Left out, besides what ``cloud.py`` says: names that the provider makes up.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from lab.providers.azure_compute import (
    MACHINE,
    RUN_COMMAND,
    disk_of,
    machine_fails,
    new_machine,
    ran,
    refuse_machine,
    refuse_run_command,
)
from lab.providers.azure_kinds import GROUP, KINDS
from lab.providers.azure_network import NETWORK_REFUSALS, public_address
from lab.providers.azure_requests import faults
from lab.providers.azure_words import refused
from lab.providers.cloud import CloudProvider, Kind, Wish, strings
from lab.providers.cloud_machines import MachineError
from lab.providers.cloud_state import Thing
from lab.providers.server import ProviderError
from lab.providers.values import Properties, plain

_IN_PATHS = ("resourceGroupName", "virtualNetworkName", "vmName", *{kind.name for kind in KINDS.values()})
_IN_USE = {
    "networkInterfaces": "NicInUse",
    "subnets": "InUseSubnetCannotBeDeleted",
    "virtualNetworks": "InUseSubnetCannotBeDeleted",
    "networkSecurityGroups": "InUseNetworkSecurityGroupCannotBeDeleted",
    "publicIPAddresses": "PublicIPAddressCannotBeDeleted",
    "natGateways": "InUseNatGatewayCannotBeDeleted",
}
_ASKED = "azure-native:compute:getVirtualMachineRunCommandByVirtualMachine"


class AzureNative(CloudProvider):
    """One subscription, that of the environment or the provider's configuration."""

    name, version = "azure-native", "3.29.0"
    kinds = KINDS
    _subscription = ""

    async def configure(self, config: Properties) -> None:
        """Take the subscription. Raises ProviderError where none is named, as the real one does without a login."""
        self._subscription = plain(config).get("subscriptionId") or os.environ.get("ARM_SUBSCRIPTION_ID", "")
        if not self._subscription:
            raise ProviderError(
                "building auth config: subscription ID is not set; run `az login` or set ARM_* variables"
            )

    def identifier(self, kind: Kind, inputs: Mapping[str, Any]) -> str:
        """Return the resource's ID."""
        return kind.path.format_map({**inputs, "subscription": self._subscription})

    def refuse(self, wish: Wish) -> None:
        """Refuse what Azure Resource Manager and the resource's own provider do."""
        if wish.before is None and wish.id in wish.things:
            raise ProviderError(f"cannot create already existing resource '{wish.id}'")
        if wish.token == GROUP:
            return
        group = "/".join(wish.id.split("/")[:5])
        if group not in wish.things:
            raise refused(
                404, "ResourceGroupNotFound", f"Resource group '{group.rpartition('/')[2]}' could not be found."
            )
        wrong = faults(wish.token, wish.name, wish.inputs)
        if wrong:
            raise refused(400, "InvalidRequestContent", "; ".join(wrong))
        parent = "/".join(wish.id.split("/")[:-2])
        if wish.id.count("/") > 8 and parent not in wish.things:
            raise refused(
                404, "ParentResourceNotFound", f"Failed to perform 'write' on '{wish.id}': {parent} was not found."
            )
        self._refuse_references(wish)
        if wish.token == MACHINE:
            refuse_machine(wish)
        elif wish.token == RUN_COMMAND:
            refuse_run_command(wish)
        elif wish.token in NETWORK_REFUSALS:
            NETWORK_REFUSALS[wish.token](wish)

    def _refuse_references(self, wish: Wish) -> None:
        for key in _references(wish.inputs):
            there = wish.things.get(key)
            place = (there.inputs.get("location") if there else None) or wish.inputs.get("location")
            # A subnet has the place of its network, which nothing here tells.
            if there is None or (wish.inputs.get("location") and place != wish.inputs["location"]):
                raise refused(
                    400,
                    "InvalidResourceReference",
                    f"Resource {key} referenced by resource {wish.id} was not found. Please make sure that the "
                    "referenced resource exists, and that both resources are in the same region.",
                )

    def refuse_delete(self, id: str, thing: Thing, things: Mapping[str, Thing]) -> None:
        """Refuse to take away what something else refers to."""
        within = f"{id}/"
        for key, other in things.items():
            if key == id or key.startswith(within):
                continue
            if any(each == id or each.startswith(within) for each in _references(other.inputs)):
                kind = id.split("/")[-2]
                raise refused(
                    400, _IN_USE.get(kind, "OperationNotAllowed"), f"{id} is in use by {key} and cannot be deleted."
                )

    def made(self, wish: Wish) -> Thing:
        """Return the resource, as Azure tells it: no password, no custom data."""
        told = {key: value for key, value in wish.inputs.items() if key not in _IN_PATHS}
        if wish.token == MACHINE:
            hidden = ("adminPassword", "customData")
            told["osProfile"] = {key: value for key, value in told["osProfile"].items() if key not in hidden}
        told |= {"id": wish.id, "name": wish.inputs[KINDS[wish.token].name], "provisioningState": "Succeeded"}
        if wish.token.endswith(":PublicIPAddress"):
            told["ipAddress"] = wish.before.told["ipAddress"] if wish.before else public_address(wish)
        if wish.token == MACHINE:
            told["vmId"] = wish.before.told["vmId"] if wish.before else str(uuid4())
        inputs = {**wish.inputs, "osProfile": told["osProfile"]} if wish.token == MACHINE else wish.inputs
        return Thing(wish.token, inputs, told, dict(wish.before.private) if wish.before else {})

    def comes_with(self, wish: Wish) -> dict[str, Thing]:
        """Return the disk of a machine."""
        return disk_of(wish) if wish.token == MACHINE else {}

    def goes_with(self, id: str, things: Mapping[str, Thing]) -> set[str]:
        """Return what is within, and the disk of a machine that says so."""
        disk = things[id].private.get("disk") if things[id].private.get("diskGoes") else None
        return super().goes_with(id, things) | ({disk} if disk else set())

    async def begin(self, wish: Wish, thing: Thing) -> str:
        """Start a machine, or run a script on it; what fails stays, in the state Failed."""
        failed = ""
        if wish.token == MACHINE:
            thing.private |= {"disk": next(iter(disk_of(wish))), "diskGoes": _disk_goes(wish.inputs)}
            failed = machine_fails(wish)
            if not failed and "hostKey" not in thing.private:
                try:
                    thing.private["hostKey"] = await self.machines.start(new_machine(wish))
                except MachineError as error:
                    failed = str(refused(409, "OSProvisioningInternalError", str(error)))
        elif wish.token == RUN_COMMAND:
            failed = await ran(self.machines, wish, thing)
        if failed:
            thing.told["provisioningState"] = "Failed"
        return failed

    async def end(self, id: str, thing: Thing) -> None:
        """Throw the host of a machine away."""
        if thing.token == MACHINE:
            await self.machines.erase(thing.inputs["vmName"])

    async def invoke(self, token: str, arguments: Properties) -> Properties:
        """Answer what became of a run command."""
        if token != _ASKED:
            raise ProviderError(f"{token} is not implemented by this stand-in")
        asked = plain(arguments)
        id = self.identifier(KINDS[RUN_COMMAND], asked)
        thing = self.clouds.things(self.name).get(id)
        if thing is None:
            raise refused(404, "ResourceNotFound", f"The Resource '{id}' was not found.")
        return {
            **thing.told,
            **({"instanceView": thing.private["view"]} if asked.get("expand") == "instanceView" else {}),
        }


def _disk_goes(inputs: Mapping[str, Any]) -> bool:
    return bool(inputs["storageProfile"]["osDisk"].get("deleteOption") == "Delete")


def _references(inputs: Mapping[str, Any]) -> set[str]:
    return {text for text in strings(dict(inputs)) if text.startswith("/subscriptions/")}

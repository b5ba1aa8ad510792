"""What a run asks of Azure, as the ARM template that asks the same: for scanners, which read no Pulumi programs.

Where a property stands in a template is told by Microsoft's own models of it; names are the published ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lab.providers.azure_requests import request
from tests.graph.engine import Asked, is_secret

_KINDS = {
    "azure-native:network:NetworkSecurityGroup": "Microsoft.Network/networkSecurityGroups",
    "azure-native:network:PublicIPAddress": "Microsoft.Network/publicIPAddresses",
    "azure-native:network:NatGateway": "Microsoft.Network/natGateways",
    "azure-native:network:VirtualNetwork": "Microsoft.Network/virtualNetworks",
    "azure-native:network:Subnet": "Microsoft.Network/virtualNetworks/subnets",
    "azure-native:network:NetworkInterface": "Microsoft.Network/networkInterfaces",
    "azure-native:compute:VirtualMachine": "Microsoft.Compute/virtualMachines",
    "azure-native:compute:VirtualMachineRunCommandByVirtualMachine": "Microsoft.Compute/virtualMachines/runCommands",
}
_VERSIONS = {"Microsoft.Compute": "2024-11-01", "Microsoft.Network": "2024-05-01"}
_OF_THE_WHOLE = {"azure-native:resources:ResourceGroup"}
"""A template is carried out in a resource group, and makes none."""


def template(resources: Iterable[Asked]) -> dict[str, Any]:
    """Return the template. Raises KeyError for a type or property that Azure does not have."""
    asked = [each for each in resources if each.type.startswith("azure-native:") and each.type not in _OF_THE_WHOLE]
    made = _Template({(_KINDS[each.type].rpartition("/")[2].lower(), f"{each.name}-id"): each for each in asked})
    written = [made.resource(each) for each in asked]
    return {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {name: {"type": "securestring"} for name in made.secrets},
        "resources": written,
    }


class _Template:
    """Writes resources, and remembers their secrets, which a template takes as parameters."""

    def __init__(self, known: Mapping[tuple[str, str], Asked]) -> None:
        self._known = known
        self.secrets: list[str] = []

    def resource(self, asked: Asked) -> dict[str, Any]:
        kind = _KINDS[asked.type]
        return {
            "type": kind,
            "apiVersion": _VERSIONS[kind.partition("/")[0]],
            "name": _name(asked),
            **self._of_model(*request(asked.type, asked.inputs)),
        }

    def _of_model(self, models: Any, name: str, value: Mapping[str, Any]) -> dict[str, Any]:
        paths = {entry["key"].split(".")[-1]: entry for entry in getattr(models, name)._attribute_map.values()}
        written: dict[str, Any] = {}
        for key, item in value.items():
            *around, last = paths[key]["key"].split(".")
            place = written
            for each in around:
                place = place.setdefault(each, {})
            place[last] = self._of_type(models, paths[key]["type"], item, key)
        return written

    def _of_type(self, models: Any, kind: str, value: Any, key: str) -> Any:
        if is_secret(value) and not isinstance(value["value"], dict):
            self.secrets.append(f"{key}{len(self.secrets) or ''}")
            return f"[parameters('{self.secrets[-1]}')]"
        value = value["value"] if is_secret(value) else value
        if isinstance(value, list):
            return [self._of_type(models, kind[1:-1], each, key) for each in value]
        if isinstance(value, dict):
            if "_attribute_map" not in dir(getattr(models, kind, None)):
                return {name: self._of_type(models, kind[1:-1], item, name) for name, item in value.items()}
            return self._of_model(models, kind, self._referred(value, key))
        return int(value) if isinstance(value, float) and value == int(value) else value

    def _referred(self, value: dict[str, Any], key: str) -> dict[str, Any]:
        """Return a value whose ``id``, if it is that of a resource of the template, is written as templates do."""
        for kind in (key, f"{key}s", f"{key}es"):
            asked = self._known.get((kind.lower(), str(value.get("id"))))
            if asked is not None:
                names = ", ".join(f"'{part}'" for part in _name(asked).split("/"))
                return {"id": f"[resourceId('{_KINDS[asked.type]}', {names})]"}
        return value


def _name(asked: Asked) -> str:
    """Return the name, which in a template begins with that of what the resource belongs to."""
    said = asked.inputs
    whole = [str(said[key]) for key in ("virtualNetworkName", "vmName") if key in said]
    own = [str(said[key]) for key in ("subnetName", "runCommandName") if key in said]
    return "/".join([*whole, *own]) or asked.name

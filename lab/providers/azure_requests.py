"""Requests to Azure, compared with Microsoft's own models of them, in the API versions that the provider calls.

pulumi-azure-native's inputs are the body of the request with ``properties`` folded in; so are the models.
"""

from __future__ import annotations

import enum
import importlib
import re
import typing
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

from lab.providers.values import PropertyValue

_MODELS = {
    "compute": importlib.import_module("azure.mgmt.compute.v2024_11_01.models"),
    "network": importlib.import_module("azure.mgmt.network.models"),
}
_IN_THE_ADDRESS = {
    "resourceGroupName",
    "virtualNetworkName",
    "subnetName",
    "networkSecurityGroupName",
    "publicIpAddressName",
    "natGatewayName",
    "networkInterfaceName",
    "vmName",
    "runCommandName",
}
_OTHER_NAMES = {"VirtualMachineRunCommandByVirtualMachine": "VirtualMachineRunCommand"}
_OUTDATED = {"vmSize"}
"""Enumerations that the service itself has left behind."""


def faults(kind: str, name: str, inputs: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a request for a resource of a type such as ``azure-native:compute:VirtualMachine``."""
    return list(_of_model(*request(kind, inputs), name))


def request(kind: str, inputs: Mapping[str, Any]) -> tuple[ModuleType, str, dict[str, Any]]:
    """Return the models that a request is one of, the name there, and the body. Raises KeyError for another module."""
    _, module, model = kind.split(":")
    body = {key: value for key, value in inputs.items() if key not in _IN_THE_ADDRESS}
    return _MODELS[module], _OTHER_NAMES.get(model, model), body


def _of_model(models: ModuleType, name: str, value: PropertyValue, where: str) -> Iterator[str]:
    model = getattr(models, name)
    if not isinstance(value, dict):
        yield f"{where}: expected {name}"
        return
    validation = getattr(model, "_validation", {})
    known = {entry["key"].split(".")[-1]: (field, entry["type"]) for field, entry in model._attribute_map.items()}
    for key, item in value.items():
        if key not in known:
            yield f"{where}.{key}: unknown property of {name}"
            continue
        field, kind = known[key]
        rule = validation.get(field, {})
        if rule.get("readonly"):
            yield f"{where}.{key}: read-only"
        allowed = _values(models, model, field)
        if allowed and key not in _OUTDATED and isinstance(item, str) and item not in allowed:
            yield f"{where}.{key}: {item!r} is none of {sorted(allowed)}"
        yield from _of_type(models, kind, item, f"{where}.{key}", rule)
    for field, rule in validation.items():
        key = model._attribute_map[field]["key"].split(".")[-1]
        if rule.get("required") and key not in value:
            yield f"{where}: lacks {key}"


def _values(models: ModuleType, model: type[PropertyValue], field: str) -> set[str]:
    for part in typing.get_args(model.__init__.__annotations__.get(field)) or ():
        found = getattr(models, getattr(part, "__forward_arg__", "").replace("_models.", "") or "-", None)
        if isinstance(found, type) and issubclass(found, enum.Enum):
            return {member.value for member in found}
    return set()


def _of_type(models: ModuleType, kind: str, value: PropertyValue, where: str, rule: Mapping[str, Any]) -> Iterator[str]:
    if kind[0] in "[{":
        container = list if kind[0] == "[" else dict
        if not isinstance(value, container):
            yield f"{where}: expected a {container.__name__}"
            return
        items = enumerate(value) if isinstance(value, list) else value.items()
        for place, item in items:
            yield from _of_type(models, kind[1:-1], item, f"{where}[{place}]", {})
    elif kind == "str":
        if not isinstance(value, str):
            yield f"{where}: expected text"
        elif rule.get("pattern") and not re.search(rule["pattern"], value):
            yield f"{where}: does not match {rule['pattern']}"
    elif kind in ("int", "long"):
        if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
            yield f"{where}: expected a whole number"
        elif not rule.get("minimum", value) <= value <= rule.get("maximum", value):
            yield f"{where}: out of range"
    elif kind == "bool":
        if not isinstance(value, bool):
            yield f"{where}: expected true or false"
    elif hasattr(getattr(models, kind, None), "_attribute_map"):
        yield from _of_model(models, kind, value, where)

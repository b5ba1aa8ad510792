"""Requests to Google Compute Engine, compared with the API's own description of them (compute v1, discovery document).

pulumi-gcp's inputs have the shape that Terraform gives them; they are put into the API's shape first, name by name.
"""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from lab.providers.values import PropertyValue

_PLACES = {"project", "zone", "region"}
_MODELS = {
    "gcp:compute/network:Network": "Network",
    "gcp:compute/subnetwork:Subnetwork": "Subnetwork",
    "gcp:compute/firewall:Firewall": "Firewall",
    "gcp:compute/address:Address": "Address",
    "gcp:compute/router:Router": "Router",
    "gcp:compute/routerNat:RouterNat": "RouterNat",
    "gcp:compute/instance:Instance": "Instance",
}


@cache
def _schemas() -> dict[str, Any]:
    found = importlib.util.find_spec("googleapiclient")
    assert found is not None
    assert found.origin is not None
    path = Path(found.origin).parent / "discovery_cache/documents/compute.v1.json"
    schemas: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["schemas"]
    return schemas


def faults(kind: str, name: str, inputs: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a request for a resource of a type such as ``gcp:compute/instance:Instance``."""
    return list(_of({"$ref": _MODELS[kind]}, _body(_MODELS[kind], dict(inputs)), name))


def _of(schema: Mapping[str, Any], value: PropertyValue, where: str) -> Iterator[str]:
    schema = _schemas()[schema["$ref"]] if "$ref" in schema else schema
    kind = schema.get("type")
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where}: {value!r} is none of {schema['enum']}"
    if kind == "object":
        yield from _of_object(schema, value, where)
    elif kind == "array":
        if not isinstance(value, list):
            yield f"{where}: expected a list"
            return
        for place, item in enumerate(value):
            yield from _of(schema["items"], item, f"{where}[{place}]")
    elif kind == "string":
        number = schema.get("format") in ("int64", "uint64")
        pattern = r"-?\d+" if number else schema.get("pattern", r"[\s\S]*")
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            yield f"{where}: {value!r} does not match {pattern}"
    elif kind == "integer" and (isinstance(value, bool) or not isinstance(value, int | float) or value != int(value)):
        yield f"{where}: expected a whole number"
    elif kind == "boolean" and not isinstance(value, bool):
        yield f"{where}: expected true or false"


def _of_object(schema: Mapping[str, Any], value: PropertyValue, where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where}: expected an object"
        return
    known, others = schema.get("properties", {}), schema.get("additionalProperties")
    for key, item in value.items():
        if key in known:
            if "[Output Only]" in known[key].get("description", ""):
                yield f"{where}.{key}: output only"
            yield from _of(known[key], item, f"{where}.{key}")
        elif others:
            yield from _of(others, item, f"{where}.{key}")
        else:
            yield f"{where}.{key}: unknown field of {schema.get('id')}"
    own = f"compute.{str(schema.get('id')).lower()}"
    for key, entry in known.items():
        asking = (entry.get("annotations") or {}).get("required", [])
        if key not in value and any(each.startswith(own) and each.endswith(".insert") for each in asking):
            yield f"{where}: lacks {key}"


def _body(model: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the inputs in the API's shape; what has no other name there stays as it is, and must be known there."""
    said = {key: value for key, value in inputs.items() if key not in _PLACES}
    if model == "Network" and "routingMode" in said:
        said["routingConfig"] = {"routingMode": said.pop("routingMode")}
    elif model in ("Subnetwork", "Firewall") and "logConfig" in said:
        said["logConfig"] = {**said["logConfig"], "enable": True}
    if model == "Firewall" and "allows" in said:
        said["allowed"] = [_renamed(each, protocol="IPProtocol") for each in said.pop("allows")]
    elif model == "RouterNat":
        said.pop("router")
        subnets = said.pop("subnetworks", [])
        said["subnetworks"] = [_renamed(each, sourceIpRangesToNats="sourceIpRangesToNat") for each in subnets]
    elif model == "Instance":
        said = _instance(said)
    return said


def _instance(said: dict[str, Any]) -> dict[str, Any]:
    said.pop("allowStoppingForUpdate", None)
    metadata = said.pop("metadata", {})
    said["metadata"] = {"items": [{"key": key, "value": value} for key, value in metadata.items()]}
    said["tags"] = {"items": said.pop("tags", [])}
    if "serviceAccount" in said:
        said["serviceAccounts"] = [said.pop("serviceAccount")]
    said["networkInterfaces"] = [_renamed(each, networkIp="networkIP") for each in said["networkInterfaces"]]
    for each in said["networkInterfaces"]:
        if "accessConfigs" in each:
            each["accessConfigs"] = [_renamed(one, natIp="natIP") for one in each["accessConfigs"]]
    disk = dict(said.pop("bootDisk"))
    made_of = _renamed(disk.pop("initializeParams"), image="sourceImage", size="diskSizeGb", type="diskType")
    if "diskSizeGb" in made_of:
        made_of["diskSizeGb"] = str(int(made_of["diskSizeGb"]))
    key = disk.pop("kmsKeySelfLink", None)
    own_key = {"diskEncryptionKey": {"kmsKeyName": key}} if key else {}
    said["disks"] = [{**disk, "boot": True, "initializeParams": made_of, **own_key}]
    return said


def _renamed(value: Mapping[str, Any], **names: str) -> dict[str, Any]:
    return {names.get(key, key): item for key, item in value.items()}

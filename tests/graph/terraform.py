"""What a run asks of Google, as the Terraform plan that asks the same: for scanners, which read no Pulumi programs.

pulumi-gcp is made from the Terraform provider ``google``: names are the same but for the way of writing them, lists of
blocks have plural names, and a block of which there is one at most is no list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from tests.graph.clouds import plain
from tests.graph.engine import Asked

_KINDS = {
    "gcp:serviceaccount/account:Account": "google_service_account",
    "gcp:compute/network:Network": "google_compute_network",
    "gcp:compute/subnetwork:Subnetwork": "google_compute_subnetwork",
    "gcp:compute/firewall:Firewall": "google_compute_firewall",
    "gcp:compute/address:Address": "google_compute_address",
    "gcp:compute/router:Router": "google_compute_router",
    "gcp:compute/routerNat:RouterNat": "google_compute_router_nat",
    "gcp:compute/instance:Instance": "google_compute_instance",
}
_SINGULAR = {
    "allows": "allow",
    "networkInterfaces": "network_interface",
    "accessConfigs": "access_config",
    "subnetworks": "subnetwork",
}
"""Lists of blocks."""
_ATTRIBUTES = {"sourceIpRangesToNats": "source_ip_ranges_to_nat"}
"""Lists of values that are plural for Pulumi only."""
_MAPS = {"labels", "metadata"}
"""Whose keys are the user's. Of a subnet's or a firewall's log ``metadata`` is a text."""
Ids = set[tuple[str, str]]
"""What the recording engine has made, by type and ID."""
_PROVIDER = "registry.terraform.io/hashicorp/google"


def plan(resources: Iterable[Asked]) -> dict[str, Any]:
    """Return the plan as ``terraform show -json`` writes it. Raises KeyError for what has no name here."""
    asked = [each for each in resources if each.type.startswith("gcp:")]
    ids = {(_KINDS[each.type], f"{each.name}-id") for each in asked}
    written = [_written(each) for each in asked]
    return {
        "format_version": "1.2",
        "terraform_version": "1.9.8",
        "planned_values": {"root_module": {"resources": written}},
        "resource_changes": [
            {
                **{key: each[key] for key in ("address", "mode", "type", "name", "provider_name")},
                "change": {"actions": ["create"], "before": None, "after": each["values"], "after_unknown": {}},
            }
            for each in written
        ],
        "configuration": {
            "root_module": {
                "resources": [
                    {
                        **{key: each[key] for key in ("address", "mode", "type", "name")},
                        "provider_config_key": "google",
                        "expressions": _expressions(each["values"], ids),
                    }
                    for each in written
                ]
            }
        },
    }


def _written(asked: Asked) -> dict[str, Any]:
    kind = _KINDS[asked.type]
    return {
        "address": f"{kind}.{asked.name}",
        "mode": "managed",
        "type": kind,
        "name": asked.name,
        "provider_name": _PROVIDER,
        "schema_version": 0,
        "values": _block(plain(dict(asked.inputs))),
    }


def _block(value: dict[str, Any]) -> dict[str, Any]:
    return dict(_entry(key, item) for key, item in value.items())


def _entry(key: str, value: Any) -> tuple[str, Any]:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return _SINGULAR[key], [_block(each) for each in value]
    name = _ATTRIBUTES.get(key) or re.sub(r"(?<=[a-z0-9])([A-Z])", lambda match: f"_{match[1].lower()}", key)
    if isinstance(value, dict):
        return name, value if key in _MAPS else [_block(value)]
    return name, int(value) if isinstance(value, float) and value == int(value) else value


def _expressions(values: dict[str, Any], ids: Ids) -> dict[str, Any]:
    return {name: _expression(name, value, ids) for name, value in values.items()}


def _expression(name: str, value: Any, ids: Ids) -> Any:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [_expressions(each, ids) for each in value]
    kind = f"google_compute_{name}"
    if (kind, value if isinstance(value, str) else "") in ids:
        address = f"{kind}.{value.removesuffix('-id')}"
        return {"references": [f"{address}.id", address]}
    return {"constant_value": value}

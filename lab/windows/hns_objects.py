"""The objects of the HNS model: what they are called, what errors there are, what they hold, what they do to a wire."""

from __future__ import annotations

import json
from typing import Any, Protocol

Object = dict[str, Any]

NETWORK_NOT_FOUND = 0x803B0001
ENDPOINT_NOT_FOUND = 0x803B0002
ADAPTER_NOT_FOUND = 0x803B0006
POLICY_NOT_FOUND = 0x803B0008
INVALID_NETWORK = 0x803B000A
INVALID_NETWORK_TYPE = 0x803B000B
INVALID_POLICY = 0x803B000D
NETWORK_ALREADY_EXISTS = 0x803B0010
PORT_ALREADY_EXISTS = 0x803B0013
ALREADY_ATTACHED = 0x803B0014
INVALID_JSON = 0x803B001B
HAS_REFERENCES = 0x803B002C
ADDRESS_RESERVED = 0x803B002F
ELEMENT_NOT_FOUND = 0x80070490

KINDS = {
    "Network": ("networks", NETWORK_NOT_FOUND),
    "Endpoint": ("endpoints", ENDPOINT_NOT_FOUND),
    "Namespace": ("namespaces", ELEMENT_NOT_FOUND),
    "LoadBalancer": ("loadbalancers", ELEMENT_NOT_FOUND),
    "SdnRoute": ("routes", ELEMENT_NOT_FOUND),
}
"""Kind of object, as the functions' names have it, to where it is kept and what is said when there is none."""
NON_PERSISTENT = 8
REMOTE = 1
LOWEST_VSID = 4096


class HnsError(Exception):
    """The service refuses a request."""

    def __init__(self, code: int, message: str) -> None:
        self.code = code
        super().__init__(message)


class Wire(Protocol):
    """What the model's objects do to the host's real interfaces; each raises RuntimeError when that fails."""

    def adapters(self) -> dict[str, str]:
        """Return the names by which adapters may be called, each with the adapter's IPv4 address."""

    def network_added(self, network: Object) -> None:
        """Bind the adapter to a virtual switch; the host is off the network for some seconds."""

    def network_removed(self, network: Object) -> None:
        """Take the virtual switch away again."""

    def remote_subnet(self, network: Object, policy: Object, present: bool) -> None:
        """Make another node's pod subnet reachable, or no longer."""

    def endpoint_attached(self, network: Object, endpoint: Object, namespace: str) -> None:
        """Give a pod's namespace its interface."""

    def endpoint_removed(self, endpoint: Object) -> None:
        """Take a pod's interface away."""

    def namespace_removed(self, namespace: str) -> None:
        """End whatever still lives in a pod's namespace."""

    def load_balancers(self, balancers: list[Object], endpoints: dict[str, Object]) -> None:
        """Make exactly these load balancers, with these endpoints behind them."""


def matches(value: Object, query: str) -> bool:
    """Return whether an object is meant by a query's filter (a JSON object within JSON: all fields must be equal)."""
    wanted = json.loads((json.loads(query) if query else {}).get("Filter") or "{}")
    given = value | {"VirtualNetwork": value.get("HostComputeNetwork", "")}
    return all(str(given.get(key, "")).lower() == str(text).lower() for key, text in wanted.items())


def policies(value: Object, kind: str) -> list[Object]:
    """Return the settings of an object's policies of one type."""
    return [policy["Settings"] for policy in value.get("Policies") or [] if policy["Type"] == kind]


def subnet(network: Object) -> Object:
    """Return a network's first subnet."""
    return next((net for ipam in network.get("Ipams") or [] for net in ipam.get("Subnets") or []), {})


def vsid(network: Object) -> int:
    """Return the number that isolates an overlay network, or 0."""
    return next((one["Settings"]["IsolationId"] for one in subnet(network).get("Policies") or []), 0)


def frontends(balancer: Object) -> set[tuple[str, int, int]]:
    """Return what a load balancer answers on: address (empty: every one of the node), protocol number, port."""
    return {
        (address, mapping["Protocol"], mapping["ExternalPort"])
        for address in balancer.get("FrontendVIPs") or [""]
        for mapping in balancer.get("PortMappings") or []
    }

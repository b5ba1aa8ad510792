"""SSH and RDP are never open to the world."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .resource import Resource

PORTS = {22: "SSH", 3389: "RDP"}
_WORLD = {"*", "any", "internet"}
_WIDEST = 8
"""Prefix length: no site is wider than this, and the world in two halves is the world too."""
_AZURE_GROUP = re.compile(r"azure-native:network(/v\w+)?:NetworkSecurityGroup")
_AZURE_RULE = re.compile(r"azure-native:network(/v\w+)?:SecurityRule")
_GCE = "gcp:compute/firewall:Firewall"
_EVERY_PROTOCOL = {"*", "all", "any"}
_PROTOCOLS = {"tcp", "udp", "6", "17"}


def open_to_the_world(resource: Resource) -> Iterator[str]:
    """Yield a sentence for each rule that lets the whole world in at SSH's or RDP's port."""
    if _AZURE_GROUP.fullmatch(resource.type):
        for rule in resource.inputs.get("securityRules") or []:
            yield from _azure(rule)
    elif _AZURE_RULE.fullmatch(resource.type):
        yield from _azure(resource.inputs)
    elif resource.type == _GCE:
        yield from _gce(resource.inputs)


def _azure(rule: Mapping[str, Any]) -> Iterator[str]:
    inbound = _lower(rule, "direction") == "inbound" and _lower(rule, "access") == "allow"
    if inbound and _is_world(_both(rule, "sourceAddressPrefix", "sourceAddressPrefixes")):
        ports = _both(rule, "destinationPortRange", "destinationPortRanges")
        yield from _found(f"rule {rule.get('name', '(no name)')}", _lower(rule, "protocol"), ports)


def _gce(rule: Mapping[str, Any]) -> Iterator[str]:
    if rule.get("disabled") is True or str(rule.get("direction", "INGRESS")).upper() != "INGRESS":
        return
    elsewhere = rule.get("sourceTags") or rule.get("sourceServiceAccounts")
    # Google takes a rule without any source for one from everywhere.
    sources = rule.get("sourceRanges") or ([] if elsewhere else ["0.0.0.0/0"])
    if _is_world(sources):
        for allowed in rule.get("allows") or []:
            ports = allowed.get("ports") or ["*"]
            yield from _found("the rule", str(allowed.get("protocol", "")).lower(), ports)


def _found(rule: str, protocol: str, ports: Iterable[Any]) -> Iterator[str]:
    if protocol not in _EVERY_PROTOCOL | _PROTOCOLS:
        return
    listed = [str(each) for each in ports]
    for port, name in PORTS.items():
        if any(_contains(each, port) for each in listed):
            yield f"{rule} opens port {port} ({name}) to the world: name the ranges that administrators come from"


def _contains(ports: str, port: int) -> bool:
    first, _, last = ports.partition("-")
    return ports == "*" or (first.isdigit() and int(first) <= port <= int(last or first))


def _is_world(sources: Iterable[Any]) -> bool:
    return any(_is_wide(str(source)) for source in sources)


def _is_wide(source: str) -> bool:
    if source.lower() in _WORLD:
        return True
    try:
        return ipaddress.ip_network(source, strict=False).prefixlen < _WIDEST
    except ValueError:
        # A tag of the cloud for some of its own services.
        return False


def _both(rule: Mapping[str, Any], one: str, many: str) -> list[Any]:
    return [each for each in (rule.get(one), *(rule.get(many) or [])) if each is not None]


def _lower(rule: Mapping[str, Any], key: str) -> str:
    return str(rule.get(key, "")).lower()

"""What Azure's network refuses, and what addresses it gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from lab.providers.azure_words import refused
from lab.providers.cloud import Wish

_ADAPTER = "azure-native:network:NetworkInterface"
_ADDRESS = "azure-native:network:PublicIPAddress"
_RESERVED_AT_START, _RESERVED_AT_END = 4, 1
_FOR_DOCUMENTATION = IPv4Network("198.51.100.0/24")


def public_address(wish: Wish) -> str:
    """Return the address that a new public one gets: the one that circumstances name, or the first that is free."""
    named = wish.now.public_addresses.get(wish.inputs["publicIpAddressName"])
    taken = {thing.told["ipAddress"] for _, thing in wish.others(_ADDRESS)}
    return named or next(str(each) for each in _FOR_DOCUMENTATION.hosts() if str(each) not in taken)


def _refuse_address(wish: Wish) -> None:
    if wish.inputs.get("sku", {}).get("name") == "Standard" and wish.inputs["publicIPAllocationMethod"] != "Static":
        raise refused(
            400,
            "StandardSkuPublicIPAddressesMustBeStatic",
            f"Standard sku publicIp {wish.id} must have AllocationMethod set to Static.",
        )
    most = wish.now.quotas.get("public addresses")
    if wish.before is None and most is not None and len(list(wish.others(_ADDRESS))) >= most:
        raise refused(
            400,
            "PublicIPCountLimitReached",
            f"Cannot create more than {most} public IP addresses for this subscription in this region.",
        )


def _refuse_rules(wish: Wish) -> None:
    seen: dict[tuple[str, int], str] = {}
    for rule in wish.inputs.get("securityRules") or ():
        place = (rule["direction"], int(rule["priority"]))
        if place in seen:
            raise refused(
                400,
                "SecurityRuleConflict",
                f"Security rule {rule['name']} conflicts with rule {seen[place]}. Rules cannot have the same Priority "
                "and Direction.",
            )
        seen[place] = rule["name"]
        for side in ("source", "destination"):
            if not rule.get(f"{side}AddressPrefix") and not rule.get(f"{side}AddressPrefixes"):
                raise refused(
                    400, "SecurityRuleParameterMissing", f"Rule {rule['name']} says no {side} address prefix."
                )


def _refuse_subnet(wish: Wish) -> None:
    whole = wish.things[wish.id.partition("/subnets/")[0]]
    ranges = [IPv4Network(each) for each in whole.inputs["addressSpace"]["addressPrefixes"]]
    own = IPv4Network(wish.inputs["addressPrefix"])
    if not any(own.subnet_of(each) for each in ranges):
        raise refused(400, "NetcfgSubnetRangeOutsideVnet", f"Subnet '{wish.name}' is not within its virtual network.")
    for key, other in wish.others(wish.token):
        same_network = key.rpartition("/")[0] == wish.id.rpartition("/")[0]
        if same_network and own.overlaps(IPv4Network(other.inputs["addressPrefix"])):
            raise refused(400, "NetcfgSubnetRangesOverlap", f"Subnet '{wish.name}' overlaps with subnet {key}.")


def _configurations(inputs: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from inputs.get("ipConfigurations") or ()


def _refuse_adapter(wish: Wish) -> None:
    for each in _configurations(wish.inputs):
        subnet, public = each["subnet"]["id"], each.get("publicIPAddress", {}).get("id")
        address, prefix = IPv4Address(each["privateIPAddress"]), wish.things[subnet].inputs["addressPrefix"]
        inside = IPv4Network(prefix)
        if address not in inside:
            raise refused(
                400,
                "PrivateIPAddressNotInSubnet",
                f"Private static IP address {address} does not belong to the range of subnet prefix {prefix}.",
            )
        from_start, from_end = int(address) - int(inside[0]), int(inside[-1]) - int(address)
        if from_start < _RESERVED_AT_START or from_end < _RESERVED_AT_END:
            raise refused(
                400,
                "PrivateIPAddressInReservedRange",
                f"Private static IP address {address} falls within reserved IP range of subnet prefix {prefix}.",
            )
        for key, other in wish.others(_ADAPTER):
            for taken in _configurations(other.inputs):
                if taken["subnet"]["id"] == subnet and taken["privateIPAddress"] == str(address):
                    raise refused(
                        400,
                        "PrivateIPAddressInUse",
                        f"IP configuration {wish.id}/ipConfigurations/{each['name']} is using the private IP address "
                        f"{address} which is already allocated to resource {key}.",
                    )
                if public and taken.get("publicIPAddress", {}).get("id") == public:
                    raise refused(400, "PublicIPAddressInUse", f"Resource {public} is already allocated to {key}.")


NETWORK_REFUSALS: Mapping[str, Callable[[Wish], None]] = {
    _ADAPTER: _refuse_adapter,
    _ADDRESS: _refuse_address,
    "azure-native:network:NetworkSecurityGroup": _refuse_rules,
    "azure-native:network:Subnet": _refuse_subnet,
}
"""What is refused of each type, besides what is refused of all."""

"""What Google Compute Engine refuses, and what addresses it gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from config.sizes import gce_size
from lab.providers.cloud import Wish
from lab.providers.cloud_machines import NewMachine
from lab.providers.cloud_state import Thing
from lab.providers.server import ProviderError

INSTANCE, ADDRESS = "gcp:compute/instance:Instance", "gcp:compute/address:Address"
SUBNET = "gcp:compute/subnetwork:Subnetwork"
_RESERVED = 2
"""Addresses at each end of a subnet that Google keeps."""
_FOR_DOCUMENTATION = IPv4Network("203.0.113.0/24")


def google_error(doing: str, status: int, message: str, reason: str) -> ProviderError:
    """Return the error that the provider shows of an answer of Google."""
    word = doing[:1].upper() + doing[1:]
    return ProviderError(f"1 error occurred:\n\t* Error {word.lower()}: googleapi: Error {status}: {message}, {reason}")


def _quota(kind: str, limit: int, region: str) -> ProviderError:
    return ProviderError(
        f"1 error occurred:\n\t* Error waiting for instance to create: Quota '{kind}' exceeded.  Limit: {limit}.0 in "
        f"region {region}."
    )


def public_address(wish: Wish) -> str:
    """Return the address that a new external one gets: the one that circumstances name, or the first that is free."""
    named = wish.now.public_addresses.get(wish.inputs["name"])
    taken = {thing.told["address"] for _, thing in wish.others(ADDRESS)}
    return named or next(str(each) for each in _FOR_DOCUMENTATION.hosts() if str(each) not in taken)


def _interfaces(inputs: Mapping[str, Any]) -> Iterator[tuple[str, str, set[str]]]:
    """Yield subnet, own address and external addresses of each adapter."""
    for each in inputs.get("networkInterfaces") or ():
        outside = {one.get("natIp", "") for one in each.get("accessConfigs") or ()}
        yield each.get("subnetwork", ""), each.get("networkIp", ""), outside


def used_address(address: Thing, other: Thing) -> bool:
    """Return whether an instance has a reserved address."""
    if other.token != INSTANCE:
        return False
    wanted, subnet = address.told["address"], address.inputs.get("subnetwork")
    return any(
        wanted in outside or (own == wanted and subnet == where) for where, own, outside in _interfaces(other.inputs)
    )


def _refuse_instance(wish: Wish, doing: str) -> None:
    said = wish.inputs
    project, _, image = str(said["bootDisk"]["initializeParams"]["image"]).partition("/")
    if wish.before is None and f"{project}/{image}" in wish.now.images_gone:
        raise ProviderError(
            f"1 error occurred:\n\t* error resolving image name '{project}/{image}': Could not find image or family "
            f"{project}/{image}"
        )
    size = gce_size(said["machineType"])
    if size is None:
        kind = f"projects/{said['project']}/zones/{said['zone']}/machineTypes/{said['machineType']}"
        raise google_error(
            doing,
            400,
            f"Invalid value for field 'resource.machineType': '{kind}'. The referenced resource does not exist.",
            "invalid",
        )
    region = said["zone"].rpartition("-")[0]
    others = (
        gce_size(thing.inputs["machineType"])
        for _, thing in wish.others(INSTANCE)
        if thing.inputs["zone"].startswith(region)
    )
    used = sum(each.vcpus for each in others if each and each.quota == size.quota)
    most = wish.now.quotas.get(size.quota)
    if most is not None and used + size.vcpus > most:
        raise _quota(size.quota, most, region)
    for subnet, own, outside in _interfaces(said):
        if not wish.things[subnet].inputs["region"] == region:
            raise google_error(doing, 400, f"Subnetwork {subnet} is not in region {region}", "invalid")
        for key, other in wish.others(INSTANCE):
            for where, taken, public in _interfaces(other.inputs):
                if (where, taken) == (subnet, own) or (outside & public) - {""}:
                    raise google_error(
                        doing, 400, f"IP '{own}' is already being used by another resource: {key}", "invalid"
                    )


def _refuse_address(wish: Wish, doing: str) -> None:
    said = wish.inputs
    if said.get("addressType") == "EXTERNAL":
        most = wish.now.quotas.get("public addresses")
        outside = [each for _, each in wish.others(ADDRESS) if each.inputs.get("addressType") == "EXTERNAL"]
        if wish.before is None and most is not None and len(outside) >= most:
            raise google_error(
                doing,
                403,
                f"Quota 'STATIC_ADDRESSES' exceeded.  Limit: {most}.0 in region {said['region']}.",
                "quotaExceeded",
            )
        return
    inside = IPv4Network(wish.things[said["subnetwork"]].inputs["ipCidrRange"])
    address = IPv4Address(said["address"])
    ends = (int(address) - int(inside[0]), int(inside[-1]) - int(address))
    if address not in inside or min(ends) < _RESERVED:
        raise google_error(
            doing,
            400,
            f"Invalid value for field 'resource.address': '{address}'. Requested IP address is out of range of "
            f"subnet {inside}.",
            "invalid",
        )
    for key, other in wish.others(ADDRESS):
        if (other.inputs.get("subnetwork"), other.told["address"]) == (said["subnetwork"], str(address)):
            raise google_error(
                doing, 400, f"Specified IP address is in-use and would result in a conflict: {key}.", "badRequest"
            )


def _refuse_subnet(wish: Wish, doing: str) -> None:
    own = IPv4Network(wish.inputs["ipCidrRange"])
    for key, other in wish.others(SUBNET):
        same = other.inputs["network"] == wish.inputs["network"]
        if same and own.overlaps(IPv4Network(other.inputs["ipCidrRange"])):
            raise google_error(
                doing, 400, f"Invalid IPCidrRange: {own} conflicts with existing subnetwork '{key}'.", "invalid"
            )


REFUSALS: Mapping[str, Callable[[Wish, str], None]] = {
    INSTANCE: _refuse_instance,
    ADDRESS: _refuse_address,
    SUBNET: _refuse_subnet,
}
"""What is refused of each type, besides what is refused of all."""


def new_instance(wish: Wish) -> NewMachine:
    """Return what is switched on."""
    said = wish.inputs
    metadata = said.get("metadata", {})
    ((_, address, _),) = _interfaces(said)
    windows = "windows-startup-script-ps1" in metadata
    user, _, key = metadata.get("ssh-keys", "").partition(":")
    return NewMachine(
        name=said["name"],
        os="windows" if windows else "linux",
        image=said["bootDisk"]["initializeParams"]["image"],
        address=address,
        user=user,
        public_key=" ".join(key.split()[:2]),
        host_key=wish.now.host_key,
        startup_script=metadata.get("windows-startup-script-ps1" if windows else "startup-script", ""),
    )

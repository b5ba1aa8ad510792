"""Rules about ranges and addresses."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from ipaddress import IPv4Network
from itertools import combinations, product

from config.problems import Problem
from config.settings import Settings
from config.ssh import located_nodes

VNI_MIN, VNI_MAX = 4096, 65535
"""Windows takes no VNI below 4096, and flannel keeps it in 16 bits there."""
VXLAN_PORT = 4789
SERVICE_PREFIX_MIN, SERVICE_PREFIX_MAX = 12, 28
"""What kube-apiserver and kubeadm accept as a service range."""
MASK_DIFFERENCE_MAX = 16
"""How much longer than the pod range's the prefix of a node's subnet may be (kube-controller-manager)."""
RESERVED_ADDRESSES = 4
"""Of each node's subnet: its first, the gateway, the broadcast address, and the source VIP of kube-proxy on Windows."""
MTU_MIN, MTU_MAX = 1280, 9216
_SHORTEST_PRIVATE_PREFIX = 8
_NETWORK_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")


def ranges_do_not_overlap(settings: Settings) -> Iterator[Problem]:
    """Pods, services and nodes are told apart by their addresses alone."""
    named = (("podCidr", "pod_cidr"), ("serviceCidr", "service_cidr"))
    ranges = [(key, getattr(settings, field)) for key, field in named if hasattr(settings, field)]
    nodes = [(f"nodeCidrs[{place}]", cidr) for place, cidr in enumerate(getattr(settings, "node_cidrs", ()))]
    pairs = [*combinations(ranges, 2), *product(ranges, nodes)]
    for (first_key, first), (key, cidr) in pairs:
        if cidr.overlaps(first):
            rule = f"must not overlap {first_key} {first}: an address must belong to one of them only"
            yield Problem(key, str(cidr), rule, "choose a separate range")


def node_ranges_are_given(settings: Settings) -> Iterator[Problem]:
    """The firewall lets in the nodes' ranges only."""
    if not settings.node_cidrs:
        remedy = "write the subnets that the nodes are in, as in 10.77.0.0/24"
        yield Problem("nodeCidrs", "[]", "must name at least one range", remedy)


def the_pod_range_is_large_enough(settings: Settings) -> Iterator[Problem]:
    """The guide's sum: nodes + nodes x pods per node."""
    nodes = len(list(located_nodes(settings)))
    needed = nodes + nodes * settings.pods_per_node
    if needed > settings.pod_cidr.num_addresses:
        rule = (
            f"must hold nodes + nodes x podsPerNode = {nodes} + {nodes} x {settings.pods_per_node} = {needed} "
            f"addresses; it has {settings.pod_cidr.num_addresses}"
        )
        prefix = 32 - math.ceil(math.log2(needed))
        larger = f"take a range of prefix length {prefix} or less, or " if prefix >= _SHORTEST_PRIVATE_PREFIX else ""
        remedy = f"{larger}lower podsPerNode"
        yield Problem("podCidr", str(settings.pod_cidr), rule, remedy)


def there_is_a_subnet_for_each_node(settings: Settings) -> Iterator[Problem]:
    """Each node gets one subnet of the pod range."""
    nodes = len(list(located_nodes(settings)))
    prefix, longer = settings.pod_cidr.prefixlen, settings.node_prefix_length - settings.pod_cidr.prefixlen
    value = str(settings.node_prefix_length)
    if longer < 0:
        rule = f"a node's subnet must fit into podCidr {settings.pod_cidr}, so it is {prefix} or more"
        yield Problem("nodePrefixLength", value, rule, "write a longer prefix (24 is usual), or a larger podCidr")
    elif longer > MASK_DIFFERENCE_MAX:
        rule = f"at most {MASK_DIFFERENCE_MAX} more than podCidr's {prefix} (a limit of kube-controller-manager)"
        remedy = f"write {prefix + MASK_DIFFERENCE_MAX} or less, or a smaller podCidr"
        yield Problem("nodePrefixLength", value, rule, remedy)
    elif 2**longer < nodes:
        rule = f"podCidr {settings.pod_cidr} has {2**longer} subnets of /{value}; there are {nodes} nodes"
        remedy = f"write {prefix + math.ceil(math.log2(nodes))} or more, or a larger podCidr"
        yield Problem("nodePrefixLength", value, rule, remedy)


def the_pods_of_a_node_fit_into_its_subnet(settings: Settings) -> Iterator[Problem]:
    """A pod without an address never starts."""
    room = 2 ** (32 - min(settings.node_prefix_length, 32)) - RESERVED_ADDRESSES
    value = str(settings.pods_per_node)
    if settings.pods_per_node < 1:
        yield Problem("podsPerNode", value, "must be 1 or more", "110 is what Kubernetes takes by itself")
    elif settings.pods_per_node > room:
        rule = (
            f"a /{settings.node_prefix_length} has room for {max(room, 0)} pods: its first address, the gateway, the "
            "broadcast address and kube-proxy's source VIP are taken"
        )
        yield Problem("podsPerNode", value, rule, "lower it, or write a smaller nodePrefixLength")


def the_service_range_is_usable(settings: Settings) -> Iterator[Problem]:
    """What kube-apiserver and kubeadm accept."""
    prefix = settings.service_cidr.prefixlen
    if not SERVICE_PREFIX_MIN <= prefix <= SERVICE_PREFIX_MAX:
        rule = f"Kubernetes takes service ranges from /{SERVICE_PREFIX_MIN} to /{SERVICE_PREFIX_MAX}"
        yield Problem("serviceCidr", str(settings.service_cidr), rule, "10.96.0.0/12 is usual")


def the_dns_address_is_a_free_service_address(settings: Settings) -> Iterator[Problem]:
    """The first address of the service range is the API's."""
    services, address = settings.service_cidr, settings.dns_address
    remedy = f"{services.network_address + 10} is usual for this range"
    if address not in services:
        yield Problem("dnsAddress", str(address), f"must lie in serviceCidr {services}", remedy)
    elif address == services.network_address + 1:
        yield Problem("dnsAddress", str(address), f"is the first of {services}, which is the API's own", remedy)
    elif address in (services.network_address, services.broadcast_address):
        yield Problem("dnsAddress", str(address), f"is an end of {services}, which no service can have", remedy)


def windows_accepts_the_vxlan(settings: Settings) -> Iterator[Problem]:
    """Flannel on Windows refuses any other identifier and port; all nodes must agree."""
    if not VNI_MIN <= settings.vni <= VNI_MAX:
        rule = f"must be from {VNI_MIN} to {VNI_MAX}: Windows takes no other, and all nodes must have the same"
        yield Problem("vni", str(settings.vni), rule, f"write {VNI_MIN}, or another number of this span")


def windows_accepts_the_port(settings: Settings) -> Iterator[Problem]:
    """The port cannot be changed on Windows."""
    if settings.vxlan_port != VXLAN_PORT:
        rule = f"must be {VXLAN_PORT}: VXLAN on Windows has no other port, and all nodes must have the same"
        remedy = f"write {VXLAN_PORT}; where the network keeps that port for itself (NSX), move the nodes off it"
        yield Problem("vxlanPort", str(settings.vxlan_port), rule, remedy)


def the_network_name_is_usable(settings: Settings) -> Iterator[Problem]:
    """HNS, the CNI configuration and kube-proxy must all take it."""
    name = settings.network_name
    if not _NETWORK_NAME.fullmatch(name):
        rule = "starts with a letter or digit and holds letters, digits, `_`, `.` and `-`, at most 63"
        yield Problem("networkName", name, rule, "vxlan0 is usual")
    elif name.lower() == "nat":
        yield Problem("networkName", name, "is the name of the network that Windows makes itself", "vxlan0 is usual")


def the_mtu_is_sane(settings: Settings) -> Iterator[Problem]:
    """Too small an MTU makes Windows drop the interface, too large a one loses packets silently."""
    if settings.mtu is not None and not MTU_MIN <= settings.mtu <= MTU_MAX:
        rule = f"must be from {MTU_MIN} to {MTU_MAX} bytes; VXLAN takes 50 of them"
        yield Problem("mtu", str(settings.mtu), rule, "leave it out, or write the MTU of the nodes' adapters")


def nodes_are_in_their_ranges(settings: Settings) -> Iterator[Problem]:
    """The firewall lets in nodeCidrs only; pods and services must not be taken for nodes."""
    for located in located_nodes(settings):
        address = getattr(located.node, "address", None)
        if address is None:
            continue
        key = f"{located.key}.{'managementIp' if located.node.os == 'windows' else 'address'}"
        taken: list[tuple[str, IPv4Network]] = [("podCidr", settings.pod_cidr), ("serviceCidr", settings.service_cidr)]
        inside = [f"{name} {cidr}" for name, cidr in taken if address in cidr]
        if inside:
            rule = f"must not lie in {inside[0]}, which belongs to the cluster"
            yield Problem(key, str(address), rule, "choose another range for the cluster, or move the node")
        elif not any(address in cidr for cidr in settings.node_cidrs):
            rule = "must lie in one of nodeCidrs: the firewall of the others lets nobody else in"
            yield Problem(key, str(address), rule, "correct the address, or add its range to nodeCidrs")

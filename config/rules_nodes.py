"""Rules about machines: their names, what Windows asks for, and the control plane."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from config.nodes import CRI_ENDPOINTS
from config.problems import Problem
from config.settings import LinuxNode, Settings, WindowsNode
from config.ssh import Located, located_nodes

LABEL_MAX = 63
"""Of a Kubernetes name (RFC 1123)."""
WINDOWS_NAME_MAX = 15
"""Of a Windows computer name (NetBIOS); a longer one is cut off, and the node then has another name than asked for."""
LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
HOST_AND_PORT = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?:(?P<port>[0-9]{1,5})")
PORT_MAX = 65535
SHUTDOWN_OFF = -1
SHUTDOWN_MIN = 3
SHUTDOWN_MAX = 3600
_WINDOWS_FOLDER = re.compile(r'[A-Za-z]:\\([^<>:"/|?*\\\x00-\x1f]+\\?)*')
_CRI_ENDPOINT = re.compile(r"npipe:////\./pipe/[\w.-]+")

NodeRule = Callable[[str, LinuxNode | WindowsNode], Iterator[Problem]]


def each_node(rule: NodeRule) -> Callable[[Settings], Iterator[Problem]]:
    """Return a rule about settings from one about a node and its place; an unreadable node is passed over."""

    def rule_for_settings(settings: Settings) -> Iterator[Problem]:
        for located in located_nodes(settings):
            try:
                yield from rule(located.key, located.node)
            except AttributeError as error:
                if not isinstance(error.obj, LinuxNode | WindowsNode):
                    raise

    rule_for_settings.__name__ = rule.__name__
    return rule_for_settings


def names_are_usable(key: str, node: LinuxNode | WindowsNode) -> Iterator[Problem]:
    """A node's name is its Kubernetes name, and on Windows the computer's too."""
    limit = WINDOWS_NAME_MAX if node.os == "windows" else LABEL_MAX
    name = node.name
    if not LABEL.fullmatch(name):
        rule = "must be lower-case letters, digits and hyphens, with a letter or digit at both ends (RFC 1123)"
        proposal = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:limit]
        remedy = f"write {proposal}" if proposal else "write a name such as win1"
        yield Problem(f"{key}.name", name, rule, f"{remedy}; the machine must bear the same name, in any case")
    elif node.os == "windows" and name.isdigit():
        rule = "must not be digits only: Windows takes no such computer name"
        yield Problem(f"{key}.name", name, rule, f"write win{name}"[: len("write win") + 12])
    if len(name) > limit:
        whose = "a Windows computer" if node.os == "windows" else "Kubernetes"
        rule = f"has {len(name)} characters; a name of {whose} has at most {limit}"
        yield Problem(f"{key}.name", name, rule, "shorten it; the machine must bear the same name")


def nothing_is_given_twice(settings: Settings) -> Iterator[Problem]:
    """Two nodes cannot have one name or one address."""
    yield from _twice(settings, "name", lambda located: f"{located.key}.name")
    address_key = {"linux": "address", "windows": "managementIp"}
    yield from _twice(settings, "address", lambda located: f"{located.key}.{address_key[located.node.os]}")


def _twice(settings: Settings, attribute: str, key_of: Callable[[Located], str]) -> Iterator[Problem]:
    first: dict[object, str] = {}
    for located in located_nodes(settings):
        value = getattr(located.node, attribute, None)
        if value is None:
            continue
        key = key_of(located)
        if value in first:
            yield Problem(key, str(value), f"is the same as {first[value]}", f"give each node its own {attribute}")
        else:
            first[value] = key


def windows_nodes_are_on_the_overlay(key: str, node: LinuxNode | WindowsNode) -> Iterator[Problem]:
    """The network mode of the old start.ps1: only one of the two can be built here."""
    if isinstance(node, WindowsNode) and node.network_mode != "overlay":
        rule = "must be overlay, which is VXLAN"
        if node.network_mode == "l2bridge":
            rule += "; l2bridge needs flannel's host-gw on every node, and all nodes in one layer-2 network"
        remedy = "write overlay, or leave the key out: it works in the same networks and across routers too"
        yield Problem(f"{key}.networkMode", node.network_mode, rule, remedy)


def interface_names_are_adapters(key: str, node: LinuxNode | WindowsNode) -> Iterator[Problem]:
    """The vSwitch is made on a physical adapter."""
    if not isinstance(node, WindowsNode):
        return
    name = node.interface_name
    remedy = "write the Name that `Get-NetAdapter -Physical` shows, as in Ethernet"
    if not name.strip() or '"' in name:
        yield Problem(f"{key}.interfaceName", name or "(empty)", "must be the name of a network adapter", remedy)
    elif name.startswith("vEthernet"):
        rule = "must be the physical adapter: vEthernet is what the virtual switch makes of it"
        yield Problem(f"{key}.interfaceName", name, rule, remedy)


def log_folders_are_windows_paths(key: str, node: LinuxNode | WindowsNode) -> Iterator[Problem]:
    """Services have no current folder."""
    if isinstance(node, WindowsNode) and not _WINDOWS_FOLDER.fullmatch(node.log_folder):
        rule = "must be an absolute Windows path on a drive"
        remedy = r"write it as C:\k or D:\logs, without quotes or with single ones (YAML reads \ in double quotes)"
        yield Problem(f"{key}.logFolder", node.log_folder or "(empty)", rule, remedy)


def cri_endpoints_are_usable(key: str, node: LinuxNode | WindowsNode) -> Iterator[Problem]:
    """What kubelet on Windows can dial."""
    if not isinstance(node, WindowsNode):
        return
    endpoint = node.runtime_endpoint
    other = {endpoint: runtime for runtime, endpoint in CRI_ENDPOINTS.items() if runtime != node.runtime}
    if endpoint in other:
        rule = f"is where {other[endpoint]} answers, and this node has runtime {node.runtime}"
        remedy = f"leave the key out, or set runtime to {other[endpoint]}"
        yield Problem(f"{key}.criEndpoint", endpoint, rule, remedy)
    elif not _CRI_ENDPOINT.fullmatch(endpoint) and not (
        endpoint.startswith("tcp://") and is_host_and_port(endpoint.removeprefix("tcp://"))
    ):
        rule = "must be npipe:////./pipe/NAME or tcp://HOST:PORT"
        remedy = f"leave the key out for the runtime's own pipe, {CRI_ENDPOINTS[node.runtime]}"
        yield Problem(f"{key}.criEndpoint", endpoint, rule, remedy)


def the_shutdown_grace_period_is_sane(settings: Settings) -> Iterator[Problem]:
    """A third of it is for critical pods, no part may be less than a second, and a shutdown must end some day."""
    seconds = settings.shutdown_grace_period
    if seconds != SHUTDOWN_OFF and not SHUTDOWN_MIN <= seconds <= SHUTDOWN_MAX:
        rule = f"must be {SHUTDOWN_MIN} to {SHUTDOWN_MAX} seconds, or {SHUTDOWN_OFF} for no grace"
        yield Problem("shutdownGracePeriod", str(seconds), rule, "write 60")


def the_api_endpoint_is_an_address(settings: Settings) -> Iterator[Problem]:
    """Nodes join by it, and flannel and kube-proxy on Windows reach the API by it."""
    endpoint = settings.control_plane.endpoint
    if endpoint is not None and not is_host_and_port(endpoint):
        rule = "must be HOST:PORT, without https:// before it"
        remedy = "write it as api.example.com:6443, or leave it out for the control plane's own address"
        yield Problem("controlPlane.endpoint", endpoint or "(empty)", rule, remedy)


def the_outbound_target_is_an_address(settings: Settings) -> Iterator[Problem]:
    """Pods connect to it by TCP; a URL would name more than is tried."""
    target = settings.outbound_target
    if target is not None and not is_host_and_port(target):
        rule = "must be HOST:PORT of something outside the cluster that listens on TCP"
        remedy = "write it as registry.example.com:443, without https:// before it; or leave it out"
        yield Problem("outboundTarget", target or "(empty)", rule, remedy)


def foreign_flannel_is_in_an_existing_cluster(settings: Settings) -> Iterator[Problem]:
    """A cluster that this project makes has no flannel yet."""
    if settings.existing_flannel and not settings.control_plane.existing:
        names = ", ".join(f"{item.namespace}/{item.name}" for item in settings.existing_flannel)
        rule = "can only be given for a cluster that exists: a new one gets flannel from us"
        yield Problem("existingFlannel", names, rule, "set controlPlane.existing to true, or leave existingFlannel out")


def is_host_and_port(text: str) -> bool:
    """Return whether this is HOST:PORT."""
    match = HOST_AND_PORT.fullmatch(text)
    return match is not None and 0 < int(match["port"]) <= PORT_MAX

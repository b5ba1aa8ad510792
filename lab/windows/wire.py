"""The HNS model's networks, endpoints and load balancers on the real interfaces of the host's namespace.

An overlay network is a kernel VXLAN device with the network's number on UDP port 4789, and a bridge for the pods of
the node; a pod's namespace is a network namespace with one interface in it.
"""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

from lab.shell import run
from lab.windows.balancing import TABLE, ruleset
from lab.windows.hns_objects import Object, policies, subnet, vsid

ADAPTER = "eth0"
PORT = 4789
_ALIAS = "Ethernet"


def interfaces() -> list[dict[str, Any]]:
    """Return the interfaces of this namespace with their addresses, as ``ip -json`` tells them."""
    found: list[dict[str, Any]] = json.loads(run(["ip", "-json", "address", "show"]))
    return found


def adapter_address() -> str | None:
    """Return the IPv4 address of the host's adapter, if it has one."""
    (adapter,) = (one for one in interfaces() if one["ifname"] == ADAPTER)
    return next((str(info["local"]) for info in adapter["addr_info"] if info["family"] == "inet"), None)


def overlay_name(network: Object) -> str:
    """Return the name of a network's VXLAN device."""
    return f"hns.{vsid(network)}"


def switch_name(network: Object) -> str:
    """Return the name of the bridge that a network's pods are on."""
    return f"hnsw.{vsid(network)}"


class KernelWire:
    """The wire of a host; ``blink`` takes the host off the network for some seconds, as a new virtual switch does."""

    def __init__(self, blink: Callable[[], None]) -> None:
        self._blink = blink
        self._sandboxes: dict[str, subprocess.Popen[bytes]] = {}
        self._overlays: dict[str, tuple[str, str, str]] = {}
        self._lock = threading.Lock()

    def adapters(self) -> dict[str, str]:
        """Return the adapter's Linux and Windows names, with its address; nothing while it has none."""
        address = adapter_address()
        return {} if address is None else {_ALIAS: address, ADAPTER: address, f"vEthernet ({_ALIAS})": address}

    def network_added(self, network: Object) -> None:
        """Make the VXLAN device and the pods' bridge, then blink."""
        prefix, device = IPv4Network(subnet(network)["IpAddressPrefix"]), overlay_name(network)
        switch = switch_name(network)
        mac = policies(network, "DrMacAddress")[0]["Address"].replace("-", ":").lower()
        local = policies(network, "ProviderAddress")[0]["ProviderAddress"]
        run(["ip", "link", "add", device, "address", mac, "type", "vxlan", "id", str(vsid(network)), "dev", ADAPTER,
             "local", local, "dstport", str(PORT), "nolearning"])  # fmt: skip
        run(["ip", "address", "add", f"{prefix.network_address}/32", "dev", device])
        run(["ip", "link", "set", device, "up"])
        run(["ip", "link", "add", switch, "type", "bridge"])
        run(["ip", "address", "add", f"{prefix[1]}/{prefix.prefixlen}", "dev", switch])
        run(["ip", "link", "set", switch, "up"])
        Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
        self._overlays[network["ID"]] = (device, switch, str(prefix))
        self._blink()

    def network_removed(self, network: Object) -> None:
        """Take both away, and blink."""
        for device in (overlay_name(network), switch_name(network)):
            run(["ip", "link", "delete", device])
        subprocess.run(["nft", "delete", "table", "ip", TABLE], capture_output=True, check=False)
        self._overlays.pop(network["ID"], None)
        self._blink()

    def remote_subnet(self, network: Object, policy: Object, present: bool) -> None:
        """Send what is meant for another node's pods to that node, inside VXLAN."""
        device, prefix = overlay_name(network), IPv4Network(policy["DestinationPrefix"])
        mac, verb = policy["DistributedRouterMacAddress"].replace("-", ":"), "replace" if present else "delete"
        router = str(prefix.network_address)
        neighbour = ["ip", "neighbour", verb, router, "dev", device]
        steps = [
            ["bridge", "fdb", verb, mac, "dev", device, "dst", policy["ProviderAddress"]],
            [*neighbour, "lladdr", mac, "nud", "permanent"] if present else neighbour,
            ["ip", "route", verb, str(prefix), "via", router, "dev", device, "onlink"],
        ]
        for step in steps:
            run(step)

    def sandbox(self, namespace: str) -> int:
        """Return the id of the process that holds a pod's network namespace, starting it the first time."""
        with self._lock:
            if namespace not in self._sandboxes:
                holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
                self._sandboxes[namespace] = holder
                inside = ["nsenter", f"--target={holder.pid}", "--net"]
                _wait_for_namespace(holder.pid)
                run([*inside, "ip", "link", "set", "lo", "up"])
            return self._sandboxes[namespace].pid

    def endpoint_attached(self, network: Object, endpoint: Object, namespace: str) -> None:
        """Give a pod its ``eth0`` with the endpoint's address, the network's gateway and its MAC address."""
        process, prefix = self.sandbox(namespace), IPv4Network(subnet(network)["IpAddressPrefix"])
        address = endpoint["IpConfigurations"][0]["IpAddress"]
        mac = endpoint["MacAddress"].replace("-", ":")
        inside = ["nsenter", f"--target={process}", "--net", "ip"]
        run(["ip", "link", "add", _port(endpoint), "type", "veth", "peer", "name", "eth0", "address", mac,
             "netns", str(process)])  # fmt: skip
        run(["ip", "link", "set", _port(endpoint), "master", switch_name(network), "up"])
        run([*inside, "address", "add", f"{address}/{prefix.prefixlen}", "dev", "eth0"])
        run([*inside, "link", "set", "eth0", "up"])
        run([*inside, "route", "add", "default", "via", str(prefix[1])])

    def endpoint_removed(self, endpoint: Object) -> None:
        """Take a pod's interface away; quiet when there is none."""
        subprocess.run(["ip", "link", "delete", _port(endpoint)], capture_output=True, check=False)

    def namespace_removed(self, namespace: str) -> None:
        """End the process that holds a pod's network namespace."""
        holder = self._sandboxes.pop(namespace, None)
        if holder is not None:
            holder.kill()

    def load_balancers(self, balancers: list[Object], endpoints: dict[str, Object]) -> None:
        """Replace the table of rules, which is the newest network's; without a network there is none."""
        if self._overlays:
            newest = list(self._overlays.values())[-1]
            run(["nft", "-f", "-"], text=ruleset(*newest, balancers, endpoints))


def _port(endpoint: Object) -> str:
    return "pod" + str(endpoint["ID"]).replace("-", "")[:10]


def _wait_for_namespace(process: int) -> None:
    own = Path("/proc/self/ns/net").readlink()
    for _ in range(200):
        with suppress(OSError):
            if Path(f"/proc/{process}/ns/net").readlink() != own:
                return
        threading.Event().wait(0.01)
    raise RuntimeError("a pod's network namespace did not come up within 2 s")

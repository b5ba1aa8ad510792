"""The lab's network: one Ethernet segment, 10.77.0.0/24, which the machine joins as 10.77.0.1.

The bridge stands in a network namespace of its own. The machine's firewall, and its
``net.bridge.bridge-nf-call-iptables``, therefore never see what hosts send each other, and the machine's own settings
stay as they are; ``lab0`` on the machine is one port of the bridge like any host's ``eth0``.
"""

from __future__ import annotations

import fcntl
import json
import subprocess
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address, IPv4Interface
from pathlib import Path

from lab.shell import run, succeeds

GATEWAY = IPv4Interface("10.77.0.1/24")
"""The machine's own address in the lab."""
PORT = "lab0"
"""The machine's interface to the lab."""
STATE = Path("/run/casement")
"""Locks and process ids of what runs: it vanishes with the machine's boot, as they do."""
_SWITCH = "casement-switch"
_TABLE = "casement-lab"
_NAMESPACES = Path("/run/netns")


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Let one process at a time into the block, by a lock file of this name."""
    STATE.mkdir(parents=True, exist_ok=True)
    with (STATE / f"{name}.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def namespace(host: str) -> str:
    """Return the name of the network namespace that a host lives in, as ``ip netns`` shows it."""
    return f"lab-{host}"


def namespace_path(host: str) -> Path:
    """Return the file by which that namespace is entered."""
    return _NAMESPACES / namespace(host)


def hardware_address(address: IPv4Address) -> str:
    """Return the Ethernet address of a host: the same after every restart, as a real adapter's is."""
    return "02:4c:" + ":".join(f"{byte:02x}" for byte in address.packed)


def is_up() -> bool:
    """Return whether the segment is there."""
    return (_NAMESPACES / _SWITCH).exists()


def up() -> None:
    """Make the segment and the machine's port in it; nothing to do when they are there."""
    with locked("network"):
        if is_up():
            return
        run(["ip", "netns", "add", _SWITCH])
        inside = ["ip", "-n", _SWITCH, "link"]
        run([*inside, "add", "bridge", "type", "bridge"])
        run([*inside, "set", "bridge", "up"])
        run(["ip", "link", "add", PORT, "type", "veth", "peer", "name", "machine", "netns", _SWITCH])
        run([*inside, "set", "machine", "master", "bridge", "up"])
        run(["ip", "address", "add", str(GATEWAY), "dev", PORT])
        run(["ip", "link", "set", PORT, "up"])


def down() -> None:
    """Take the segment away.

    Raises RuntimeError while a host is still attached to it.
    """
    with locked("network"):
        check_empty()
        _delete_namespace(_SWITCH)
        _remove_link(PORT)
        if succeeds(["nft", "list", "table", "ip", _TABLE]):
            run(["nft", "delete", "table", "ip", _TABLE])


def answer_for(address: str, port: int) -> None:
    """Lead what hosts send to port 80 of an address that nobody has to a port of the machine, until the end."""
    rule = f"iifname {PORT} ip daddr {address} tcp dport 80 dnat to {GATEWAY.ip}:{port}"
    chain = f"chain to-machine {{\n  type nat hook prerouting priority dstnat;\n  {rule}\n }}"
    fresh = f"table ip {_TABLE} {{}}\ndelete table ip {_TABLE}\n"
    run(["nft", "-f", "-"], text=f"{fresh}table ip {_TABLE} {{\n {chain}\n}}\n")


def check_empty(besides: Collection[str] = ()) -> None:
    """Raise RuntimeError when hosts other than those named are attached."""
    left = sorted({path.name.removeprefix("lab-") for path in _NAMESPACES.glob("lab-*")} - set(besides))
    if left:
        raise RuntimeError(f"other hosts are attached to the lab's network: {', '.join(left)}")


def attach(host: str, address: IPv4Address) -> None:
    """Give a host its network namespace, with ``eth0`` up, addressed and routed; one left over is replaced.

    Raises RuntimeError when the segment is not there, or when another host has the address.
    """
    name = namespace(host)
    with locked("network"):
        if not is_up():
            raise RuntimeError("the lab's network is down: python -m lab up")
        _delete_namespace(name)
        _check_free(host, address)
        run(["ip", "netns", "add", name])
        # The port bears the host's name: at most 15 characters, as both Linux and Windows have it.
        run(["ip", "-n", name, "link", "add", "eth0", "address", hardware_address(address), "type", "veth",
             "peer", "name", host[:15], "netns", _SWITCH])  # fmt: skip
        run(["ip", "-n", _SWITCH, "link", "set", host[:15], "alias", str(address), "master", "bridge", "up"])
        inside = ["ip", "-n", name]
        run([*inside, "link", "set", "lo", "up"])
        run([*inside, "address", "add", f"{address}/{GATEWAY.network.prefixlen}", "dev", "eth0"])
        run([*inside, "link", "set", "eth0", "up"])
        run([*inside, "route", "add", "default", "via", str(GATEWAY.ip)])
        # A new namespace takes over the machine's own value; a new server does not forward.
        run(["ip", "netns", "exec", name, "sysctl", "-q", "-w", "net.ipv4.ip_forward=0"])


def detach(host: str) -> None:
    """Take a host's network namespace away, with every interface in it."""
    with locked("network"):
        _delete_namespace(namespace(host))
        # The switch's end goes with eth0, a moment later: the name must be free for the next start.
        deadline = time.monotonic() + 5
        while is_up() and succeeds(["ip", "-n", _SWITCH, "link", "show", host[:15]]):
            subprocess.run(["ip", "-n", _SWITCH, "link", "delete", host[:15]], capture_output=True, check=False)
            if time.monotonic() > deadline:
                raise RuntimeError(f"the bridge port of {host} does not go away: a process of it may still run")
            time.sleep(0.05)


def _check_free(host: str, address: IPv4Address) -> None:
    for port in json.loads(run(["ip", "-n", _SWITCH, "-json", "link"])):
        if port.get("ifalias") == str(address) and port["ifname"] != host[:15]:
            raise RuntimeError(f"{address} is the address of {port['ifname']} already")


def _delete_namespace(name: str) -> None:
    if (_NAMESPACES / name).exists():
        run(["ip", "netns", "delete", name])


def _remove_link(name: str) -> None:
    deadline = time.monotonic() + 5
    while succeeds(["ip", "link", "show", name]) and time.monotonic() < deadline:
        subprocess.run(["ip", "link", "delete", name], capture_output=True, check=False)

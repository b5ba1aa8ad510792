"""All nodes agree about the VXLAN network, and Windows can be part of it.

Source: flannel's ``Documentation/backends.md``: on Windows the VNI is at least 4096 and the port 4789.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .resource import Resource, parameters

LOWEST_VNI = 4096
PORT = 4789
_CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
_NET_CONF = "net-conf.json"
_VNI, _PORT, _NAME, _RANGE = "VNI", "port", "network name", "pod range"
_PARAMETERS = {"Vni": _VNI, "vni": _VNI, "VxlanPort": _PORT, "vxlan_port": _PORT, "NetworkName": _NAME}
_PARAMETERS |= {"pod_cidr": _RANGE}
_KUBE_PROXY = re.compile(r"^ +networkName: ['\"]?([^\s'\"]+)", re.MULTILINE)


def disagreements(stack: Iterable[Resource]) -> Iterator[tuple[Resource, str]]:
    """Yield what one resource says of the network that another one contradicts, or that Windows cannot do."""
    agreed: dict[str, tuple[str, str]] = {}
    # flannel's own configuration is what everything else has to agree with.
    for resource in sorted(stack, key=lambda each: each.type != _CONFIG_MAP):
        for what, value in dict.fromkeys(_said(resource)):
            first, said = agreed.setdefault(what, (resource.name, value))
            if value != said:
                yield resource, f"{what} is {value} here, and {said} in {first}: pods would lose each other"
            impossible = _impossible(what, value)
            if impossible:
                yield resource, impossible


def _impossible(what: str, value: str) -> str:
    if what == _VNI and int(value) < LOWEST_VNI:
        return f"VNI {value}: Windows takes none below {LOWEST_VNI}"
    if what == _PORT and int(value) != PORT:
        return f"port {value}: VXLAN on Windows has no other port than {PORT}"
    return ""


def _said(resource: Resource) -> Iterator[tuple[str, str]]:
    """Yield what a resource says of the network."""
    if resource.type == _CONFIG_MAP:
        yield from _net_conf((resource.inputs.get("data") or {}).get(_NET_CONF))
    for name, value in parameters(resource).items():
        if name in _PARAMETERS:
            yield _PARAMETERS[name], str(value)
        elif name == "NetConf":
            yield from _net_conf(value)
        elif name == "Configuration":
            yield from ((_NAME, found) for found in _KUBE_PROXY.findall(str(value)))


def _net_conf(text: object) -> Iterator[tuple[str, str]]:
    conf: Mapping[str, Any] = json.loads(text) if isinstance(text, str) else {}
    backend = conf.get("Backend", {})
    if backend.get("Type") != "vxlan":
        return
    # flannel's own defaults for what is not said, on Linux; both are what Windows cannot do.
    yield _VNI, str(backend.get("VNI", 1))
    yield _PORT, str(backend.get("Port", 8472))
    if "Name" in backend:
        yield _NAME, str(backend["Name"])
    if "Network" in conf:
        yield _RANGE, str(conf["Network"])

"""A site with any number of Windows nodes, for which one SSH server answers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from tests.engine.built_site import pins
from tests.engine.cloud_site import CloudSite, cloud_site
from tests.engine.kube_cluster import Cluster
from tests.engine.ssh_server import Reply, Request

_FIRST_MACHINE = IPv4Address("127.1.0.1")
_FIRST_NODE = IPv4Address("10.78.0.1")
_EVERYWHERE = "0.0.0.0"  # noqa: S104 - all of 127.0.0.0/8, of which each machine has an address
CONTROL_PLANE = str(_FIRST_MACHINE)
"""The address at which the control plane's machine is dialled."""


@contextmanager
def site_of(
    folder: Path, kube: Cluster | None, nodes: int, step_seconds: float
) -> Iterator[tuple[CloudSite, dict[str, Any]]]:
    """Run the server, and return the site with the keys of its stack file.

    The cluster has a control plane and so many Windows nodes; each step takes ``step_seconds``. Without an API server
    (``kube``) it can be previewed only.
    """
    with cloud_site(folder, kube, _EVERYWHERE) as site:
        answer = site.answer

        async def takes_its_time(request: Request) -> Reply:
            await asyncio.sleep(step_seconds)
            return await answer(request)

        site.server.handler, site.server.says_first = takes_its_time, "step.sh begins\n"

        def at(machine: int) -> dict[str, Any]:
            address = str(_FIRST_MACHINE + machine)
            return {"host": address, "port": site.server.port, "hostKey": site.server.host_key}

        windows = [
            {
                "name": f"win{each}",
                "managementIp": str(_FIRST_NODE + each),
                "ssh": {"user": "Administrator", **at(each)},
            }
            for each in range(1, nodes + 1)
        ]
        yield (
            site,
            {
                "nodeCidrs": ["10.78.0.0/16"],
                "controlPlane": {"name": "cp1", "address": str(_FIRST_NODE), "ssh": at(0)},
                "windowsNodes": windows,
                "downloadsFile": str(pins(folder)),
                "podCidr": "10.244.0.0/15",
            },
        )

"""The steps that set up a Windows host's own network, before anything of the node uses it."""

from __future__ import annotations

from config.settings import Settings, WindowsNode

from plan.step import Step

DYNAMIC_PORTS = (34000, 31536)
"""First and number of the ports that Windows takes for connections: above the node ports, up to the last."""


def host_network(settings: Settings, node: WindowsNode) -> tuple[Step, ...]:
    """Return the steps: ports for many connections, and checksums computed by Windows where the site asks for it."""
    start, count = DYNAMIC_PORTS
    ports = Step(
        "port-range-set",
        "Set-PortRange.ps1",
        {"StartPort": start, "PortCount": count},
        undo="Restore-PortRange.ps1",
        time_limit=120,
    )
    offload = Step(
        "checksum-offload-off",
        "Disable-ChecksumOffload.ps1",
        {"InterfaceName": node.interface_name},
        undo="Restore-ChecksumOffload.ps1",
        time_limit=300,
    )
    return (ports,) if settings.checksum_offload else (ports, offload)

"""Every machine looked at, and the way to it measured, before anything is changed; and what was found, as a table.

The way is that of VXLAN: UDP 4789 between the control plane machine and the node, with datagrams as large as the link
takes. A Windows machine answers them itself for that long; a Linux one does not need to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from config.settings import LinuxNode, Settings, WindowsNode

from plan.columns import aligned
from plan.step import Parameter, Step

Facts = Mapping[str, Any]
"""What was found on a machine: the JSON that test-host.sh or Test-Host.ps1 prints, and ``underlay`` from the probe."""


@dataclass(frozen=True, slots=True)
class PreflightPlan:
    """How one machine is looked at; ``probing`` runs on the control plane machine, everything else on its own."""

    node: LinuxNode | WindowsNode
    inspecting: tuple[Step, ...]
    probing: tuple[Step, ...]
    releasing: tuple[Step, ...]


def control_plane(settings: Settings) -> PreflightPlan:
    """Return the plan for the control plane's own machine: the probes of all others go out from it."""
    return PreflightPlan(settings.control_plane, (_inspecting_linux(settings, settings.control_plane),), (), ())


def linux(settings: Settings, node: LinuxNode, ssh_port: int) -> PreflightPlan:
    """Return the plan for a Linux worker."""
    return PreflightPlan(node, (_inspecting_linux(settings, node),), (_probing(settings, node, ssh_port),), ())


def windows(settings: Settings, node: WindowsNode, ssh_port: int) -> PreflightPlan:
    """Return the plan for a Windows node, which answers the probe until it is over."""
    answering = Step(
        "underlay-answering",
        "Start-UnderlayAnswer.ps1",
        {
            "NetworkName": settings.network_name,
            "NodeCidrs": tuple(map(str, settings.node_cidrs)),
            "VxlanPort": settings.vxlan_port,
            "ManagementIP": str(node.management_ip),
        },
        undo="Stop-UnderlayAnswer.ps1",
        time_limit=300,
    )
    return PreflightPlan(
        node,
        (_inspecting_windows(settings, node), answering),
        (_probing(settings, node, ssh_port),),
        (Step("underlay-released", "Stop-UnderlayAnswer.ps1", time_limit=300),),
    )


def _api_must_answer(settings: Settings) -> bool:
    """Return whether the API's address is a machine that is there: a load balancer may be silent without a server."""
    return settings.control_plane.endpoint is None or settings.control_plane.existing


def _inspecting_linux(settings: Settings, node: LinuxNode) -> Step:
    parameters: dict[str, Parameter] = {
        "node_name": node.name,
        "address": str(node.address),
        "node_cidrs": tuple(map(str, settings.node_cidrs)),
        "api_endpoint": settings.api_endpoint,
        "api_must_answer": _api_must_answer(settings),
        "proxy_set": settings.proxy is not None,
        "report_only": False,
        "vni": settings.vni,
    }
    return Step("preflight-passed", "test-host.sh", parameters, undo="restore-host.sh", time_limit=600)


def _inspecting_windows(settings: Settings, node: WindowsNode) -> Step:
    parameters: dict[str, Parameter] = {
        "NodeName": node.name,
        "ManagementIP": str(node.management_ip),
        "InterfaceName": node.interface_name,
        "NodeCidrs": tuple(map(str, settings.node_cidrs)),
        "NetworkName": settings.network_name,
        "ApiEndpoint": settings.api_endpoint,
        "ApiMustAnswer": _api_must_answer(settings),
        "ProxySet": settings.proxy is not None,
        "Adopt": node.adopt,
        "ReportOnly": False,
        "CriEndpoint": node.runtime_endpoint,
        "LogFolder": node.log_folder,
    }
    return Step("preflight-passed", "Test-Host.ps1", parameters, undo="Restore-Host.ps1", time_limit=900)


def _probing(settings: Settings, node: LinuxNode | WindowsNode, ssh_port: int) -> Step:
    parameters: dict[str, Parameter] = {
        "node": node.name,
        "known_as": (isinstance(node, WindowsNode) and node.former_name) or node.name,
        "system": node.os,
        "address": str(node.address),
        "ssh_port": ssh_port,
        "port": settings.vxlan_port,
        "mtu": settings.mtu or 0,
    }
    return Step("underlay-proven", "probe-underlay.sh", parameters, time_limit=300)


_COLUMNS = ("machine", "system", "build", "memory", "free disk", "adapter", "address", "mtu", "API", "UDP", "clock")


def table(machines: Mapping[str, Facts]) -> str:
    """Return the facts of all machines as a table in plain text, and below it what was warned of."""
    rows = [_COLUMNS, *(_row(name, facts) for name, facts in machines.items())]
    warned = [
        f"{name}: {text}"
        for name, facts in machines.items()
        for text in (*facts["warnings"], *facts.get("underlay", {}).get("warnings", ()))
    ]
    warned += _different_mtu(machines)
    return "\n".join([*aligned(rows), *([""] if warned else []), *warned])


def _different_mtu(machines: Mapping[str, Facts]) -> list[str]:
    """Return what to do where adapters differ: pods then send more than others take, and connections hang."""
    smallest, *others = sorted({int(facts["adapter"]["mtu"]) for facts in machines.values()})
    if not others:
        return []
    found = ", ".join(map(str, (smallest, *others)))
    remedy = f"netsh interface ipv4 set subinterface NAME mtu={smallest} store=persistent"
    return [f"the MTU of the machines differs ({found}): set casement:mtu to {smallest}, and on Windows {remedy}"]


def build_of(facts: Facts) -> str:
    """Return a machine's build of Windows with its update revision, or its Linux kernel."""
    update = f".{facts['revision']}" if "revision" in facts else ""
    return f"{facts['build']}{update}"


def _row(name: str, facts: Facts) -> tuple[str, ...]:
    adapter, underlay = facts["adapter"], facts.get("underlay", {})
    clock = f"{underlay['clockOffsetMs'] / 1000:+.1f} s" if "clockOffsetMs" in underlay else "-"
    return (
        name,
        str(facts["system"]).removeprefix("Microsoft "),
        build_of(facts),
        f"{facts['memoryMiB']} MiB",
        f"{facts['freeDiskMiB']} MiB",
        adapter["name"],
        f"{', '.join(adapter['addresses'])} {'DHCP' if adapter['dhcp'] else 'static'}",
        str(adapter["mtu"]),
        facts["apiEndpoint"]["answer"],
        underlay.get("underlay", "-"),
        clock,
    )

"""What a script does to the node it is about, besides making its step true: what a reviewer wants to know beforehand.

It is said of scripts, not of steps, because a script is what stands in the command line of a resource: so it is known
for steps of earlier versions of the program too, and for those of a node that is no longer in the stack file.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Effect(StrEnum):
    """Something that pods, or people at the API, may notice. The gravest first."""

    LEAVES = "leaves"
    """The machine is no part of the cluster any more; of a control plane: the cluster ends."""
    RESTARTS = "restarts"
    """The machine restarts, where a step of ours has asked for it."""
    DRAINS = "drains"
    """The node's pods are evicted."""
    API_AWAY = "api-away"
    """The API server does not answer for a while."""
    CUT = "cut"
    """The machine is off the network for a while, with its pods."""
    SERVICES = "services"
    """Runtime, kubelet, flannel or kube-proxy of the node may start anew; pods run on."""


INTERRUPTIONS: Mapping[Effect, str] = {
    Effect.LEAVES: "its machine leaves the cluster",
    Effect.RESTARTS: "the machine restarts if Windows' Containers feature has asked for it: some minutes",
    Effect.DRAINS: "its pods are moved to other nodes",
    Effect.API_AWAY: "the API is away for about a minute; pods run on",
    Effect.CUT: "off the network for 5 to 45 seconds",
    Effect.SERVICES: "services of the node may restart; pods run on",
}
"""How long it lasts, and for whom, as docs/how-it-works.md and docs/upgrade.md tell it."""

EFFECTS: Mapping[str, Effect] = {
    "Restart-Host.ps1": Effect.RESTARTS,
    "drain-for-upgrade.sh": Effect.DRAINS,
    "drain-former-node.sh": Effect.DRAINS,
    "drain-node.sh": Effect.DRAINS,
    "forget-node.sh": Effect.DRAINS,
    "reset-node.sh": Effect.LEAVES,
    "Reset-Node.ps1": Effect.LEAVES,
    "upgrade-control-plane.sh": Effect.API_AWAY,
    "Disable-ChecksumOffload.ps1": Effect.CUT,
    "Restore-ChecksumOffload.ps1": Effect.CUT,
    "Install-Flannel.ps1": Effect.CUT,
    "Start-Flannel.ps1": Effect.CUT,
    "Stop-Flannel.ps1": Effect.CUT,
    "Uninstall-Flannel.ps1": Effect.CUT,
    "install-containerd.sh": Effect.SERVICES,
    "Install-Containerd.ps1": Effect.SERVICES,
    "Install-CriDockerd.ps1": Effect.SERVICES,
    "Install-Docker.ps1": Effect.SERVICES,
    "Install-KubeletService.ps1": Effect.SERVICES,
    "Install-KubeProxy.ps1": Effect.SERVICES,
    "activate-upgrade.sh": Effect.SERVICES,
    "Update-Node.ps1": Effect.SERVICES,
    "trust-ca.sh": Effect.SERVICES,
}
"""The gravest effect of each script that has one."""

"""The way of a node in a few words, each named for what is then true: what people follow while it is made."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

_FORMER = "former-node-"


class Phase(StrEnum):
    """A part of a node's way, in the order in which the parts follow each other."""

    MACHINE = "machine"
    """The machine is there, and has the project's scripts."""
    PREFLIGHT = "preflight"
    """It was looked at, and the way to it measured."""
    TAKEN_OVER = "taken over"
    """The node that it was before is drained, reported and put away."""
    PREPARED = "prepared"
    """Runtime, kubelet, images and firewall are there."""
    JOINED = "joined"
    """It is a member of the cluster; of the control plane: the cluster is made."""
    NETWORKED = "networked"
    """flannel and kube-proxy run on it; on Linux the cluster starts them."""
    READY = "ready"
    """The node is Ready."""
    UPGRADED = "upgraded"
    """It runs the versions of the stack file, and takes pods again."""
    PROVEN = "proven"
    """The cluster is what the stack file asks for."""
    TAKEN_BACK = "taken back"
    """What is not wanted any more is undone."""


_STEPS: Mapping[Phase, tuple[str, ...]] = {
    Phase.MACHINE: ("workspace", "scripts"),
    Phase.PREFLIGHT: ("preflight-passed", "underlay-answering", "underlay-proven", "underlay-released"),
    Phase.JOINED: (
        *("credential-requested", "credential-issued", "joined", "registered"),
        *("control-plane-initialised", "kubeconfig-read"),
    ),
    Phase.NETWORKED: ("networking", "flannel-installed", "flannel-started", "flannel-announced", "kube-proxy-running"),
    Phase.READY: ("ready", "forgotten"),
    Phase.UPGRADED: ("upgrade-staged", "control-plane-upgraded", "drained", "upgrade-activated", "in-service"),
    Phase.PROVEN: ("cluster-verified",),
}
"""The steps of each phase, and the resources that go with them; any other step is of the phase ``prepared``."""
_PHASES = {step: phase for phase, steps in _STEPS.items() for step in steps}


def phase_of(kind: str, step: str) -> Phase:
    """Return the phase that a resource is part of.

    ``kind`` is its type in Pulumi, ``step`` its name without that of the node: mostly that of a step.
    """
    if step in _PHASES:
        return _PHASES[step]
    if kind.startswith("command:"):
        return Phase.TAKEN_OVER if step.startswith(_FORMER) else Phase.PREPARED
    return Phase.NETWORKED if kind.startswith("kubernetes:") else Phase.MACHINE

"""The steps that run on the control plane machine for the sake of one node, where alone the cluster may be changed."""

from __future__ import annotations

from config.settings import Os, Settings

from plan.linux_node import INVITATION_LIFE
from plan.step import Parameter, Step

DRAIN_SECONDS = 300


def reading_kubeconfig() -> tuple[Step, ...]:
    """Return the step that hands the administrator's kubeconfig to the program, and to nothing else."""
    return (Step("kubeconfig-read", "read-kubeconfig.sh", secret_output=True, time_limit=360),)


def inviting(node: str, joining_revision: str) -> tuple[Step, ...]:
    """Return the step that mints a bootstrap token for one join.

    ``joining_revision`` changes with everything the join depends on, so that a join that runs again is invited again.
    """
    parameters: dict[str, Parameter] = {"node": node, "time_to_live": INVITATION_LIFE, "joining": joining_revision}
    return (Step("invited", "invite-node.sh", parameters, secret_output=True, time_limit=120),)


def admitting(node: str, os: Os, address: str, ssh_port: int) -> tuple[Step, ...]:
    """Return the step that sees the node registered and withdraws its invitation; undone, the Node is deleted."""
    parameters: dict[str, Parameter] = {
        "node": node,
        "system": os,
        "ssh_host": address,
        "ssh_port": ssh_port,
    }
    return (Step("registered", "admit-node.sh", parameters, undo="remove-node.sh", time_limit=420),)


def awaiting_flannel(settings: Settings, node: str, address: str, ssh_port: int) -> tuple[Step, ...]:
    """Return the step that sees flannel on a Windows node announce its network."""
    parameters: dict[str, Parameter] = {
        "node": node,
        "address": address,
        "ssh_host": address,
        "ssh_port": ssh_port,
        "vni": settings.vni,
    }
    return (Step("flannel-announced", "confirm-flannel-announced.sh", parameters, time_limit=480),)


def completing(node: str, os: Os) -> tuple[Step, ...]:
    """Return the step that sees the node Ready; undone, the node is drained before anything of it is taken down."""
    parameters: dict[str, Parameter] = {"node": node, "system": os, "drain_seconds": DRAIN_SECONDS}
    return (Step("ready", "confirm-node-ready.sh", parameters, undo="drain-node.sh", time_limit=720),)

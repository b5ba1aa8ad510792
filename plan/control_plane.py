"""The steps that run on the control plane machine for the sake of one node, where alone the cluster may be changed."""

from __future__ import annotations

from config.settings import LinuxNode, Os, Settings, WindowsNode

from plan.step import Parameter, Step


def reading_kubeconfig() -> tuple[Step, ...]:
    """Return the step that hands the administrator's kubeconfig to the program, and to nothing else."""
    return (Step("kubeconfig-read", "read-kubeconfig.sh", secret_output=True, time_limit=360),)


def issuing(node: str) -> tuple[Step, ...]:
    """Return the step that has the certificate issued that a node has asked for; what it asks arrives at run time."""
    return (
        Step("credential-issued", "issue-credential.sh", {"node": node}, late_parameters=("request",), time_limit=300),
    )


def admitting(node: str, os: Os, address: str, ssh_port: int) -> tuple[Step, ...]:
    """Return the step that sees the node registered; undone, the Node is deleted."""
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


def completing(settings: Settings, node: LinuxNode | WindowsNode) -> tuple[Step, ...]:
    """Return the step that sees the node Ready; undone, the node is drained before anything of it is taken down."""
    parameters: dict[str, Parameter] = {
        "node": node.name,
        "system": node.os,
        "address": str(node.address),
        "vni": settings.vni,
        **_draining(settings),
    }
    limit = max(720, settings.removal.drain_seconds + 120)
    return (Step("ready", "confirm-node-ready.sh", parameters, undo="drain-node.sh", time_limit=limit),)


def forgetting(settings: Settings, node: str) -> tuple[Step, ...]:
    """Return the step by which the cluster lets go of a node whose machine is gone."""
    parameters: dict[str, Parameter] = {"node": node, **_draining(settings)}
    return (Step("forgotten", "forget-node.sh", parameters, time_limit=settings.removal.drain_seconds + 120),)


def draining_former(settings: Settings, former: str, address: str) -> tuple[Step, ...]:
    """Return the step that drains a node that was built by hand; whether there is one is known at run time."""
    parameters: dict[str, Parameter] = {"node": former, "ssh_host": address, **_draining(settings)}
    script, limit = "drain-former-node.sh", settings.removal.drain_seconds + 120
    return (Step("former-node-drained", script, parameters, late_parameters=("former",), time_limit=limit),)


def deleting_former(former: str, address: str, ssh_port: int) -> tuple[Step, ...]:
    """Return the step that deletes that node, and waits for its machine, whose networks are being taken down."""
    parameters: dict[str, Parameter] = {
        "node": former,
        "system": "windows",
        "ssh_host": address,
        "ssh_port": ssh_port,
    }
    script = "delete-former-node.sh"
    return (Step("former-node-deleted", script, parameters, late_parameters=("former",), time_limit=420),)


def _draining(settings: Settings) -> dict[str, Parameter]:
    removal = settings.removal
    return {"drain_seconds": removal.drain_seconds, "ignore_budgets": removal.ignore_disruption_budgets}

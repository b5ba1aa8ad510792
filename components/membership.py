"""How any machine becomes a node: prepared, invited by the control plane, joined, its invitation withdrawn."""

from __future__ import annotations

import json

import pulumi

from components.control_plane import ControlPlane
from components.remote import Host, RemoteSteps
from plan.cluster import MembershipPlan


class Membership(pulumi.ComponentResource):
    """The membership of one machine, joined with a bootstrap token of its own that lives no longer than the join."""

    def __init__(
        self,
        plan: MembershipPlan,
        host: Host,
        control_plane: ControlPlane,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        name = host.machine.name
        super().__init__("casement:cluster:Membership", f"{name}-membership", None, opts)
        child = pulumi.ResourceOptions(parent=self)
        prepared = RemoteSteps(f"{name}-preparation", host, plan.preparation, opts=child)
        invited = RemoteSteps(
            f"{name}-invitation",
            control_plane.host,
            plan.inviting,
            # An invitation runs out: it is not written before the machine is ready to take it up.
            after=[*control_plane.ready, *prepared.done],
            node=name,
            opts=child,
        )
        joined = RemoteSteps(
            f"{name}-join",
            host,
            plan.joining,
            secrets=_invitation(invited.outputs["invited"]),
            after=[*invited.done, *prepared.done],
            opts=child,
        )
        admitted = RemoteSteps(
            f"{name}-admission", control_plane.host, plan.admitting, after=joined.done, node=name, opts=child
        )
        self.done = admitted.done
        self.register_outputs({})


def _invitation(printed: pulumi.Output[str]) -> dict[str, pulumi.Output[str]]:
    """Return the token and the digest of the CA's key, under the names that bash and PowerShell scripts take."""
    said: pulumi.Output[dict[str, str]] = printed.apply(json.loads)
    token, digest = said.apply(lambda it: it["token"]), said.apply(lambda it: it["caCertHash"])
    return {"token": token, "ca_cert_hash": digest, "Token": token, "CaCertHash": digest}

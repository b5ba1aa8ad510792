"""How any machine becomes a node: invited by the control plane, joined, seen registered, its invitation withdrawn."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pulumi

from components.control_plane import ControlPlane
from components.remote import Host, RemoteSteps
from plan.step import Step


class Joining(pulumi.ComponentResource):
    """The join of one prepared machine, with a bootstrap token of its own that lives no longer than the join."""

    def __init__(
        self,
        host: Host,
        control_plane: ControlPlane,
        *,
        inviting: Sequence[Step],
        joining: Sequence[Step],
        admitting: Sequence[Step],
        after: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        name = host.machine.name
        super().__init__("casement:cluster:Joining", f"{name}-joining", None, opts)
        child = pulumi.ResourceOptions(parent=self)
        invited = RemoteSteps(
            f"{name}-invitation",
            control_plane.host,
            inviting,
            # An invitation runs out: it is not written before the machine is ready to take it up.
            after=[*control_plane.ready, *after],
            node=name,
            opts=child,
        )
        joined = RemoteSteps(
            f"{name}-join",
            host,
            joining,
            secrets=_invitation(invited.outputs["invited"]),
            after=[*invited.done, *after],
            opts=child,
        )
        admitted = RemoteSteps(
            f"{name}-admission", control_plane.host, admitting, after=joined.done, node=name, opts=child
        )
        self.done = admitted.done
        self.register_outputs({})


def _invitation(printed: pulumi.Output[str]) -> dict[str, pulumi.Output[str]]:
    """Return the token and the digest of the CA's key, under the names that bash and PowerShell scripts take."""
    said: pulumi.Output[dict[str, str]] = printed.apply(json.loads)
    token, digest = said.apply(lambda it: it["token"]), said.apply(lambda it: it["caCertHash"])
    return {"token": token, "ca_cert_hash": digest, "Token": token, "CaCertHash": digest}

"""How any machine becomes a node: prepared, given a credential of its own by the control plane, joined, registered."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pulumi

from components.adoption import Adoption
from components.control_plane import ControlPlane
from components.remote import Host, RemoteSteps
from plan.cluster import MembershipPlan


class Membership(pulumi.ComponentResource):
    """The membership of one machine, joined with a credential of its own.

    The machine makes a key, which never leaves it, and asks for a certificate with it; the control plane has it issued.
    So what travels is no secret, and nothing runs out between an interrupted run and the next.
    """

    def __init__(
        self,
        plan: MembershipPlan,
        host: Host,
        control_plane: ControlPlane,
        *,
        inspected: Sequence[pulumi.Resource],
        turn: Sequence[pulumi.Resource] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Make the machine a member.

        Args:
            plan: its steps.
            host: the machine.
            control_plane: the cluster it becomes a member of.
            inspected: what was looked at before the machine is changed.
            turn: what the taking over of a former node waits for: the one that is taken over before.
            opts: resource options.
        """
        name = host.machine.name
        super().__init__("casement:cluster:Membership", f"{name}-membership", None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.adoption = (
            Adoption(plan.adoption, host, control_plane, after=inspected, turn=turn, opts=child)
            if plan.adoption
            else None
        )
        """The end of the node that the machine was before."""
        begun = self.adoption.done if self.adoption else inspected
        prepared = RemoteSteps(host, plan.preparation, after=begun, opts=child)
        requested = RemoteSteps(host, plan.requesting, after=prepared.done, opts=child)
        issued = RemoteSteps(
            control_plane.host,
            plan.issuing,
            values={"request": requested.outputs["credential-requested"]},
            after=[*control_plane.ready, *requested.done],
            node=host.machine,
            opts=child,
        )
        joined = RemoteSteps(
            host,
            plan.joining,
            values=_credential(issued.outputs["credential-issued"]),
            after=[*issued.done, *requested.done],
            opts=child,
        )
        admitted = RemoteSteps(control_plane.host, plan.admitting, after=joined.done, node=host.machine, opts=child)
        self.done = admitted.done
        self.register_outputs({})


def _credential(printed: pulumi.Output[str]) -> dict[str, pulumi.Output[str]]:
    """Return certificate and authority (PEM) under the names that bash and PowerShell scripts take."""
    # A machine that was gone before it was given any has nothing.
    said: pulumi.Output[dict[str, str]] = printed.apply(lambda text: json.loads(text or "{}"))
    certificate = said.apply(lambda it: it.get("certificate", ""))
    authority = said.apply(lambda it: it.get("authority", ""))
    return {"certificate": certificate, "authority": authority, "Certificate": certificate, "Authority": authority}

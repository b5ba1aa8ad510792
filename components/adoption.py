"""Taking over a node that was built by hand after Kubernetes' old guide: reported, drained, ended, put away."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pulumi

from components.control_plane import ControlPlane
from components.remote import Host, RemoteSteps
from plan.cluster import AdoptionPlan


class Adoption(pulumi.ComponentResource):
    """The end of one former node; its machine is then prepared as any other."""

    report: pulumi.Output[dict[str, Any]]
    """What was found on the machine, and where it is now; no key and no token is in it."""

    def __init__(
        self,
        plan: AdoptionPlan,
        host: Host,
        control_plane: ControlPlane,
        *,
        after: Sequence[pulumi.Resource],
        turn: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """End the former node.

        Args:
            plan: its steps.
            host: the machine.
            control_plane: where it is drained and deleted.
            after: what the report waits for.
            turn: what the draining waits for besides: the node that is taken over before this one.
            opts: resource options.
        """
        name = host.machine.name
        super().__init__("casement:cluster:Adoption", f"{name}-adoption", None, opts)
        child = pulumi.ResourceOptions(parent=self)
        reported = RemoteSteps(host, plan.reporting, after=after, opts=child)
        found: pulumi.Output[dict[str, Any]] = reported.outputs[plan.reporting[-1].name].apply(json.loads)
        # Whether there is a former node is known only now; on a node of ours nothing is drained or deleted.
        known = {"former": found.apply(lambda it: "true" if it["former"] else "false")}
        drained = RemoteSteps(
            control_plane.host,
            plan.draining,
            values=known,
            after=[*control_plane.ready, *reported.done, *turn],
            node=host.machine,
            opts=child,
        )
        stopped = RemoteSteps(host, plan.stopping, after=drained.done, opts=child)
        deleted = RemoteSteps(
            control_plane.host,
            plan.deleting,
            values=known,
            after=stopped.done,
            node=host.machine,
            opts=child,
        )
        moved = RemoteSteps(host, plan.putting_away, after=deleted.done, opts=child)
        kept = moved.outputs[plan.putting_away[-1].name].apply(json.loads)
        self.report = pulumi.Output.all(found, kept).apply(lambda both: {"found": both[0], "putAway": both[1]})
        self.done = moved.done
        self.register_outputs({})

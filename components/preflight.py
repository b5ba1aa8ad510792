"""Each machine looked at before anything is changed on it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import pulumi

from components.departure import leaving_alone
from components.remote import Host, RemoteSteps
from plan.preflight import Facts, PreflightPlan, table


class Preflight(pulumi.ComponentResource):
    """What one machine is, and that datagrams of full size get to it. Fails where it cannot become a node."""

    facts: pulumi.Output[Facts]
    """What was found, by the names that the scripts give it."""
    done: list[pulumi.Resource]
    """What to wait for before anything is changed on the machine."""

    def __init__(
        self,
        plan: PreflightPlan,
        host: Host,
        control_plane: Host,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        name = plan.node.name
        left_alone = pulumi.ResourceOptions.merge(leaving_alone(plan.node.gone), opts)
        super().__init__("casement:machine:Preflight", f"{name}-preflight", None, left_alone)
        child = pulumi.ResourceOptions(parent=self)
        # Whether the API server's machine answers is part of it: that machine must be there.
        inspected = RemoteSteps(host, plan.inspecting, after=[control_plane.scripts], opts=child)
        probed = RemoteSteps(control_plane, plan.probing, after=inspected.done, node=host.machine, opts=child)
        released = RemoteSteps(host, plan.releasing, after=probed.done, opts=child)
        self.done = released.done
        self.facts = pulumi.Output.all(
            inspected.outputs[plan.inspecting[0].name], *(probed.outputs[step.name] for step in plan.probing)
        ).apply(_merged)
        self.register_outputs({"facts": self.facts})


def _merged(printed: list[str]) -> Facts:
    # Of a machine that is gone nothing may be known at all.
    found, *probes = (json.loads(text or "{}") for text in printed)
    return {**found, "underlay": probes[0]} if probes else found


class Preflights:
    """All machines looked at, each without waiting for the others."""

    def __init__(
        self,
        plans: Sequence[PreflightPlan],
        hosts: Mapping[str, Host],
        control_plane: Host,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        self._each = {plan.node.name: Preflight(plan, hosts[plan.node.name], control_plane, opts) for plan in plans}
        self.facts: pulumi.Output[dict[str, Facts]] = pulumi.Output.all(
            **{plan.node.name: self._each[plan.node.name].facts for plan in plans if not plan.node.gone}
        )
        self.table: pulumi.Output[str] = self.facts.apply(table)

    def of(self, name: str) -> list[pulumi.Resource]:
        """Return what to wait for before the machine is changed: nothing for one that never is."""
        return self._each[name].done if name in self._each else []

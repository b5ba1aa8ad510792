"""Other versions for the nodes of a running cluster, few nodes at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import pulumi

from components.remote import Host, RemoteSteps
from components.version_gate import control_plane_gate, node_gate
from plan.upgrade import NodeUpgrade


class Worker(Protocol):
    """A node other than the control plane, and what makes it complete."""

    name: str
    ready: list[pulumi.Resource]


class Upgrade(pulumi.ComponentResource):
    """The upgrade of one node. Of a new node nothing runs; of one whose versions change, it is taken out of service."""

    def __init__(
        self,
        plan: NodeUpgrade,
        host: Host,
        control_plane: Host,
        *,
        after: Sequence[pulumi.Resource],
        window: Sequence[pulumi.Resource] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Upgrade a node.

        Args:
            plan: what to run.
            host: the node's machine.
            control_plane: the machine from which pods are sent away and brought back.
            after: what must be there before new programs are fetched.
            window: what must be in service again before this node goes out of service.
            opts: resource options.
        """
        name = plan.name
        super().__init__("casement:cluster:Upgrade", f"{name}-upgrade", None, opts)
        child = pulumi.ResourceOptions(parent=self)
        staged = RemoteSteps(
            host,
            (*plan.staging, *plan.cluster),
            after=after,
            opts=child,
            before_change={"control-plane-upgraded": control_plane_gate()},
        )
        drained = RemoteSteps(
            control_plane,
            plan.draining,
            after=[*staged.done, *window],
            node=host.machine,
            opts=child,
        )
        activated = RemoteSteps(
            host,
            plan.activating,
            after=drained.done,
            opts=child,
            before_change={"upgrade-activated": node_gate()},
        )
        returned = RemoteSteps(control_plane, plan.returning, after=activated.done, node=host.machine, opts=child)
        self.ready = returned.done
        self.register_outputs({})


class Upgrades(pulumi.ComponentResource):
    """The upgrades of all workers, in lanes: each waits for the one before it in its lane, and stops with it."""

    def __init__(
        self,
        name: str,
        plans: Sequence[NodeUpgrade],
        hosts: Mapping[str, Host],
        control_plane: Host,
        workers: Sequence[Worker],
        *,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Upgrade the workers.

        Args:
            name: name of the cluster's part.
            plans: what to run, each after the one that it names.
            hosts: the machines by name.
            control_plane: the control plane's machine.
            workers: the complete nodes.
            opts: resource options.
        """
        super().__init__("casement:cluster:Upgrades", f"{name}-upgrades", None, opts)
        nodes = {worker.name: worker for worker in workers}
        done: dict[str, list[pulumi.Resource]] = {}
        for plan in plans:
            upgrade = Upgrade(
                plan,
                hosts[plan.name],
                control_plane,
                after=nodes[plan.name].ready,
                window=done[plan.after] if plan.after else (),
                opts=pulumi.ResourceOptions(parent=self),
            )
            done[plan.name] = upgrade.ready
        self.ready: list[pulumi.Resource] = [resource for each in done.values() for resource in each]
        self.register_outputs({})

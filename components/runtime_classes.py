"""RuntimeClasses as Kubernetes resources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.core.v1 import TolerationArgsDict

from components.control_plane import ControlPlane
from plan.runtime_class import RuntimeClassPlan


class RuntimeClasses(pulumi.ComponentResource):
    """The ways in which a pod can ask for one Windows build."""

    def __init__(
        self,
        name: str,
        control_plane: ControlPlane,
        plans: Sequence[RuntimeClassPlan],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("casement:cluster:RuntimeClasses", f"{name}-runtime-classes", None, opts)
        for plan in plans:
            kubernetes.node.v1.RuntimeClass(
                plan.name,
                metadata={"name": plan.name},
                handler=plan.handler,
                scheduling={
                    "node_selector": dict(plan.node_selector),
                    "tolerations": cast("list[TolerationArgsDict]", list(plan.tolerations)),
                },
                opts=pulumi.ResourceOptions(
                    parent=self, provider=control_plane.provider, depends_on=control_plane.ready
                ),
            )
        self.register_outputs({})

"""The last resource of the program: it proves the cluster, and fails if the cluster is not so."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Protocol

import pulumi

from components.control_plane import ControlPlane
from components.remote import RemoteSteps
from plan.checks import by_kind
from plan.step import Step


class Ready(Protocol):
    """Any part of the cluster that says what to wait for."""

    ready: list[pulumi.Resource]


class Verification(pulumi.ComponentResource):
    """Proof that every node is Ready and that pods reach each other across operating systems."""

    nodes: pulumi.Output[dict[str, str]]
    """What was found of each node, by name."""
    checks: pulumi.Output[dict[str, Any]]
    """What was found by each kind of check, with what a failure means: see ``plan.checks.by_kind``."""
    pod_ranges: pulumi.Output[dict[str, str]]
    """The range of pod addresses that each node has been given, by name."""

    def __init__(
        self,
        name: str,
        control_plane: ControlPlane,
        steps: Sequence[Step],
        parts: Sequence[Ready],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("casement:cluster:Verification", name, None, opts)
        proven = RemoteSteps(
            control_plane.host,
            steps,
            after=[*control_plane.ready, *(resource for part in parts for resource in part.ready)],
            node=name,
            opts=pulumi.ResourceOptions(parent=self),
        )
        printed = proven.outputs[steps[-1].name].apply(json.loads)
        self.nodes = printed.apply(_nodes)
        self.checks = printed.apply(by_kind)
        self.pod_ranges = printed.apply(_pod_ranges)
        self.register_outputs({"nodes": self.nodes, "checks": self.checks})


def _nodes(results: list[dict[str, Any]]) -> dict[str, str]:
    return _details(results, "node-ready")


def _pod_ranges(results: list[dict[str, Any]]) -> dict[str, str]:
    return _details(results, "pod-range")


def _details(results: list[dict[str, Any]], check: str) -> dict[str, str]:
    return {each["of"]: each["detail"] for each in results if each["check"] == check}

"""What the stack's outputs tell people, besides what they tell programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import pulumi

from components.preflight import Preflights
from components.verification import Verification
from config.settings import Settings
from plan.checks import checks_table
from plan.diagram import diagram
from plan.overview import members, nodes_table
from plan.preflight import Facts

Value = TypeVar("Value")


class Overview:
    """The cluster as tables and as a picture, once it is proven."""

    nodes: pulumi.Output[str]
    """A line for each node, in plain text."""
    checks: pulumi.Output[str]
    """A line for each kind of check, in plain text."""
    diagram: pulumi.Output[str]
    """Nodes, addresses and network as SVG."""

    def __init__(self, settings: Settings, preflight: Preflights, verification: Verification) -> None:
        found: pulumi.Output[tuple[Mapping[str, Facts], Mapping[str, str]]] = pulumi.Output.all(
            preflight.facts, verification.pod_ranges
        ).apply(lambda both: (both[0], both[1]))
        self.nodes = found.apply(lambda both: nodes_table(members(settings, *both)))
        self.diagram = found.apply(lambda both: diagram(settings, members(settings, *both)))
        self.checks = verification.checks.apply(checks_table)


def folded(value: pulumi.Input[Value]) -> pulumi.Output[Value]:
    """Return an output that is too long for the list of all outputs.

    It is no secret. But a secret is the only output that Pulumi's list does not print in full: ``[secret]`` stands
    there, and ``pulumi stack output --show-secrets NAME`` prints it.
    """
    return pulumi.Output.secret(value)

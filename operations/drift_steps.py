"""The step that compares what is on record of a node with what is there. It only looks."""

from __future__ import annotations

from config.settings import LinuxNode, WindowsNode
from plan.step import Step


def comparing(node: LinuxNode | WindowsNode) -> Step:
    """Return the step that prints every record of the node's machine, each fact with its present value, as JSON."""
    script = "Compare-Facts.ps1" if isinstance(node, WindowsNode) else "compare-facts.sh"
    return Step("facts-compared", script, time_limit=600)

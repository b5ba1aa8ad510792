"""Steps that are to run again although nothing about them has changed: the stack file's `repairs`."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from plan.step import Step

if TYPE_CHECKING:
    from plan.cluster import ClusterPlan

PARAMETER = "repair"
"""The parameter that carries a repair; no script reads it. A step whose input is another one runs again."""
VERIFIED = "cluster"
"""What stands before the names of the steps that prove the cluster, in place of a node's name."""

Part = TypeVar("Part")


def repaired(part: Part, serves: str, repairs: Mapping[str, str]) -> Part:
    """Return a part of the plan that serves this node, with the repairs of its steps in their parameters."""

    def with_repair(step: Step) -> Step:
        why = repairs.get(resource_name(serves, step))
        return step if why is None else dataclasses.replace(step, parameters={**step.parameters, PARAMETER: why})

    changed: Part = _with_steps(part, with_repair)
    return changed


def resource_name(serves: str, step: Step) -> str:
    """Return the name of the step's resource: the node that it serves, then the step."""
    return f"{serves}-{step.name}"


def named_steps(plan: ClusterPlan) -> dict[str, Step]:
    """Return every step of a plan by the name of its resource."""
    found: dict[str, Step] = {}

    def collect(serves: str) -> Callable[[Step], Step]:
        def note(step: Step) -> Step:
            found[resource_name(serves, step)] = step
            return step

        return note

    _with_steps(plan.control_plane, collect(plan.control_plane.node.name))
    for linux in plan.linux_workers:
        _with_steps(linux, collect(linux.node.name))
    for windows in plan.windows_nodes:
        _with_steps(windows, collect(windows.node.name))
    for upgrade in plan.upgrades:
        _with_steps(upgrade, collect(upgrade.name))
    _with_steps(plan.verification, collect(VERIFIED))
    return found


def _with_steps(part: Any, change: Callable[[Step], Step]) -> Any:  # noqa: ANN401 - any part of a plan
    """Return the part with every step in it changed, at any depth."""
    if isinstance(part, Step):
        return change(part)
    if isinstance(part, tuple):
        return tuple(_with_steps(item, change) for item in part)
    if dataclasses.is_dataclass(part) and not isinstance(part, type):
        values = {field.name: _with_steps(getattr(part, field.name), change) for field in dataclasses.fields(part)}
        return dataclasses.replace(part, **values)
    return part

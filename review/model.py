"""What a change does to one environment, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from plan.effects import Effect
from review.events import Policy

KINDS = ("control plane", "Linux", "Windows", "")
"""Kinds of nodes, in the order in which they are shown."""
Fate = Literal["new", "removed", "changed", "unchanged"]


@dataclass(frozen=True, slots=True)
class Step:
    """One resource that changes: mostly a step on a machine."""

    name: str
    """Name of the step, or kind and name of another resource."""
    operation: str
    """``create``, ``update``, ``replace``, ``delete``."""
    idle: bool = False
    """Whether nothing is run for it: it is only written into the state, or taken out of it."""
    difference: tuple[str, ...] = ()
    """What it is given, as lines of a unified diff; nothing for what is created or deleted."""


@dataclass(frozen=True, slots=True)
class Node:
    """A node, before and after."""

    name: str
    kind: str
    """``control plane``, ``Linux`` or ``Windows``."""
    fate: Fate
    steps: tuple[Step, ...] = ()
    effects: tuple[Effect, ...] = ()
    """What it will notice, the gravest first."""
    drain_seconds: int = 0
    """How long its pods may take to leave; 0 where it is not drained, or where this is not told."""
    address_before: str = ""
    address_after: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """What a change does to one environment."""

    environment: str
    succeeded: bool
    """Whether the preview came to its end; if not, the rest tells only a part."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """How many resources that do something, by operation; what only groups others is not counted."""
    nodes: tuple[Node, ...] = ()
    shared: tuple[Step, ...] = ()
    """Changes of the cluster itself, of no node in particular."""
    alarms: tuple[str, ...] = ()
    """What must not be overlooked."""
    warnings: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    policies: tuple[Policy, ...] = ()
    before: str = ""
    """Version and ranges of the cluster as it is; empty where there is none."""
    after: str = ""

    @property
    def changes(self) -> bool:
        """Whether anything will be done."""
        return any(self.counts.values())

    @property
    def forbidden_by(self) -> tuple[str, ...]:
        """The names of the policies that forbid the change."""
        return tuple(dict.fromkeys(policy.name for policy in self.policies if policy.level == "mandatory"))

    def having(self, effect: Effect) -> tuple[Node, ...]:
        """Return the nodes that will notice this."""
        return tuple(node for node in self.nodes if effect in node.effects)

    def as_json(self) -> dict[str, Any]:
        """Return it for a program to read."""
        return asdict(self)

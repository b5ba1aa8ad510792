"""A control plane is not replaced without an explicit word.

A policy sees what a program asks for, and nothing of what there was: not that something is replaced or deleted. The
program itself sees it (``components/identity.py``) and refuses. What a policy can see is whether a program has that
guard, and whether its word is given.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .resource import Resource

_CONTROL_PLANE = "casement:cluster:ControlPlane"
_IDENTITY = "casement:cluster:Identity"


def unguarded(stack: Iterable[Resource]) -> Iterator[tuple[Resource, str]]:
    """Yield the control planes of a program that would let them be replaced without a word."""
    resources = list(stack)
    if not any(each.type == _IDENTITY for each in resources):
        for each in resources:
            if each.type == _CONTROL_PLANE:
                yield each, "nothing refuses its replacement: let the program have an Identity of the cluster too"


def word_given(resource: Resource) -> Iterator[str]:
    """Yield that the end of a cluster is allowed."""
    replaced = resource.inputs.get("replaces") if resource.type == _IDENTITY else None
    if replaced:
        yield f"the cluster of {replaced} may end: take controlPlane.replaces out of the stack file when it has"

"""Runs that write the state of the stack once, at their end, and not before and after each resource.

With the state in a file or a bucket the engine writes all of it each time, so that time and memory of a run grow with
the square of its resources (docs/scale.md). It is written at the end also of a run that fails or is interrupted. Where
the engine itself is killed, the next run must find again what this one has made: new steps on machines and new objects
in Kubernetes are found again, as all of them look first. Anything else is refused here.
"""

from __future__ import annotations

from collections.abc import Iterator

from review.events import Change, Events
from review.model import Review
from review.understand import changing, effects_of

MANY = 1000
"""Resources from which on it is worth it: with fewer, the engine writes all states in some seconds."""
_FOUND_AGAIN = ("command:", "kubernetes:")


def variables(state_at_end: bool) -> dict[str, str]:
    """Return the variables that tell the engine so (``sdk/go/common/env/env.go``); none where it is not wanted."""
    return {"PULUMI_SKIP_CHECKPOINTS": "true"} if state_at_end else {}


def lost_if_killed(events: Events) -> list[str]:
    """Return what the next run would not find again if this one were killed, as lines of text; empty if nothing."""
    return [why for change in changing(events) for why in _lost(change)]


def _lost(change: Change) -> Iterator[str]:
    if change.operation == "create":
        if not change.type.startswith(_FOUND_AGAIN):
            yield f"{change.name} would be made a second time: it is a {change.type}"
    elif change.operation == "update":
        for effect in effects_of(change):
            yield f"{change.name} is for machines that are in use ({effect.value}): it is not done twice"
    else:
        yield f"{change.name} is taken back or replaced ({change.operation}), which is not done twice"


def worth_it(review: Review, events: Events) -> bool:
    """Return whether the state should be written at the end: many resources are new, and nothing can be lost."""
    return sum(review.counts.values()) >= MANY and not lost_if_killed(events)

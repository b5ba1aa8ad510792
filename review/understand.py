"""From the engine's events to what they mean for each node."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from operations.moments import command_that_runs
from plan.effects import EFFECTS, Effect
from plan.shells import step_and_script
from review.difference import difference
from review.events import STACK_TYPE, Change, Events, State
from review.model import KINDS, Fate, Node, Review, Step
from review.picture import described
from review.warn import alarms

_HOST = "casement:machine:Host"
_KINDS: Mapping[str, tuple[str, str]] = {
    "casement:cluster:ControlPlane": ("-control-plane", "control plane"),
    "casement:cluster:LinuxWorker": ("-node", "Linux"),
    "casement:cluster:WindowsNode": ("-node", "Windows"),
}
_COUNTED = ("create", "update", "replace", "delete", "import")
_DELETING = ("delete", "delete-replaced")
_DRAIN_SECONDS = re.compile(r"^drain_seconds=(\d+)$", re.MULTILINE)


def understand(environment: str, events: Events) -> Review:
    """Return what a preview of this environment has shown."""
    hosts = {each.name: each.operation for each in events.changes if each.type == _HOST}
    kinds = _kinds(events.changes)
    before, after = _summaries(events)
    by_place: dict[str, list[Change]] = {name: [] for name in hosts}
    for change, place in placed(events):
        by_place.setdefault(place, []).append(change)
    nodes = tuple(
        _node(name, kinds.get(name, ""), operation, by_place[name], _addresses(name, before, after))
        for name, operation in hosts.items()
    )
    counted = Counter(each.operation for changes in by_place.values() for each in changes)
    return Review(
        environment=environment,
        succeeded=events.succeeded,
        counts={operation: counted[operation] for operation in _COUNTED if counted[operation]},
        nodes=tuple(sorted(nodes, key=lambda node: (KINDS.index(node.kind), node.name))),
        shared=_steps(by_place.get("", [])),
        alarms=tuple(alarms(nodes, before, after)),
        warnings=_told(events, "warning"),
        errors=_told(events, "error"),
        policies=events.policies,
        before=described(before),
        after=described(after),
    )


def placed(events: Events) -> Iterator[tuple[Change, str]]:
    """Yield what changes with the node that it serves, or nothing for what serves the cluster."""
    hosts = {each.name for each in events.changes if each.type == _HOST}
    for change in changing(events):
        yield change, _place(change, hosts)


def changing(events: Events) -> Iterator[Change]:
    """Yield what changes; no mere groups."""
    for change in events.changes:
        if change.operation != "same" and not change.type.startswith(("casement:", "pulumi:")):
            yield change


def idle(change: Change) -> bool:
    """Return whether a step is only written into the state, or taken out of it, and nothing is run for it."""
    return _ran(change) is not None and change.operation in ("create", "delete") and not _line_that_runs(change)


def _told(events: Events, severity: str) -> tuple[str, ...]:
    return tuple(text for kind, text in events.diagnostics if kind == severity)


def _kinds(changes: Sequence[Change]) -> dict[str, str]:
    found = {}
    for change in changes:
        if change.type in _KINDS:
            suffix, kind = _KINDS[change.type]
            found[change.name.removesuffix(suffix)] = kind
    return found


def _summaries(events: Events) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return the stack's output ``cluster`` as it is and as it will be."""
    stacks = [each.old for each in events.changes if each.type == STACK_TYPE and each.old]
    before = stacks[0].outputs.get("cluster") if stacks else None
    return before or {}, events.outputs.get("cluster") or {}


def _addresses(name: str, *summaries: Mapping[str, Any]) -> tuple[str, ...]:
    known = (summary.get("nodes", {}).get(name, {}) for summary in summaries)
    return tuple(str(node.get("address", "")) for node in known)


def _place(change: Change, hosts: Collection[str]) -> str:
    """Return the node that a resource serves; nothing for what serves the whole cluster."""
    ran = _ran(change)
    if ran:
        name = change.name.removesuffix(f"-{ran[0]}")
        return name if name in hosts else ""
    own = [name for name in hosts if change.name == name or change.name.startswith(f"{name}-")]
    return max(own, key=len, default="")


def _node(name: str, kind: str, operation: str, changes: Sequence[Change], addresses: Sequence[str]) -> Node:
    fates: dict[str, Fate] = {"create": "new", "delete": "removed"}
    effects = {effect for change in changes for effect in effects_of(change)}
    seconds = [_seconds(change) for change in changes if Effect.DRAINS in effects_of(change)]
    return Node(
        name=name,
        kind=kind,
        fate=fates.get(operation, "changed" if changes else "unchanged"),
        steps=_steps(changes),
        effects=tuple(effect for effect in Effect if effect in effects),
        drain_seconds=max(seconds, default=0),
        address_before="" if operation == "create" else addresses[0],
        address_after="" if operation == "delete" else addresses[1],
    )


def effects_of(change: Change) -> Iterator[Effect]:
    """Yield what a change does to its node besides making its step true."""
    ran = step_and_script(_line_that_runs(change))
    if ran and ran[1] in EFFECTS:
        yield EFFECTS[ran[1]]


def _line_that_runs(change: Change) -> str:
    if change.operation in _DELETING and change.old and change.old.retained:
        return ""
    old, new = (state.inputs if state else {} for state in (change.old, change.new))
    return command_that_runs(change.operation, old, new)


def _line(state: State | None, name: str) -> str:
    return str((state.inputs.get(name) if state else None) or "")


def _ran(change: Change) -> tuple[str, str] | None:
    """Return step and script of a resource, whether anything of it will run or not."""
    for state in (change.new, change.old):
        for name in ("create", "update", "delete"):
            found = step_and_script(_line(state, name))
            if found:
                return found
    return None


def _seconds(change: Change) -> int:
    given = [str(state.inputs.get("stdin", "")) for state in (change.new, change.old) if state]
    found = [_DRAIN_SECONDS.search(text) for text in given]
    return next((int(each[1]) for each in found if each), 0)


def _steps(changes: Sequence[Change]) -> tuple[Step, ...]:
    """Return the steps in their order; before them, by name, what is no step, since there the order is chance."""
    counted = [change for change in changes if change.operation in _COUNTED]
    others = sorted((change for change in counted if not _ran(change)), key=lambda change: (change.type, change.name))
    return tuple(_step(change) for change in [*others, *(change for change in counted if _ran(change))])


def _step(change: Change) -> Step:
    ran = _ran(change)
    label = ran[0] if ran else f"{change.type.rsplit(':', 1)[-1]} {change.name}"
    return Step(label, change.operation, idle(change), difference(change))

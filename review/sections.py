"""The parts of an environment's section: verdict, table, steps, differences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from plan.effects import INTERRUPTIONS, Effect
from review.model import Node, Review, Step

_SIGNS = {"create": "+", "update": "~", "replace": "±", "delete": "-", "import": "="}
_COUNTED = ("create", "update", "replace", "delete")
_MOST_NAMES = 12


def verdict(review: Review) -> str:
    """Return one line: what is done, which nodes restart or are drained, and what is interrupted."""
    name = f"**`{review.environment}`**"
    if review.forbidden_by:
        return f"{name}: ❌ **forbidden by policy** {', '.join(review.forbidden_by)}"
    if not review.succeeded:
        return f"{name}: ❌ **the preview failed**"
    if not review.changes:
        return f"{name}: nothing changes"
    counts = ", ".join(_number(review.counts.get(operation, 0), operation) for operation in _COUNTED)
    if review.counts.get("import"):
        counts += f", {_number(review.counts['import'], 'import')}"
    parts = [
        counts,
        f"restart: {_names(review.having(Effect.RESTARTS))}",
        f"drained: {_names(review.having(Effect.DRAINS))}",
        f"interruption: {_interruption(review)}",
    ]
    sign = "🛑 " if review.alarms else ""
    return f"{name}: {sign}{' · '.join(parts)}"


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _names(nodes: Sequence[Node]) -> str:
    shown = [f"{node.name} (new)" if node.fate == "new" else node.name for node in nodes[:_MOST_NAMES]]
    if len(nodes) > _MOST_NAMES:
        shown.append(f"{len(nodes) - _MOST_NAMES} more")
    return ", ".join(shown) or "none"


def _interruption(review: Review) -> str:
    """Return what pods and people will notice; a new node has no pods yet, so it interrupts nobody."""
    told = []
    running = [node for node in review.nodes if node.fate != "new"]
    if any(Effect.API_AWAY in node.effects for node in running):
        told.append("the API for about a minute")
    drained = [node for node in running if Effect.DRAINS in node.effects]
    if drained:
        told.append(f"the pods of {_number(len(drained), 'node')}, once each")
    cut = [node for node in running if Effect.CUT in node.effects and Effect.DRAINS not in node.effects]
    if cut:
        told.append(f"the network of {_names(cut)} for 5 to 45 seconds")
    if any(node.kind == "control plane" and Effect.LEAVES in node.effects for node in running):
        return "**everything**"
    return "; ".join(told) or "none expected"


def table(review: Review, most_rows: int) -> str:
    """Return the table of nodes; those that nothing happens to are only counted."""
    touched = [node for node in review.nodes if node.fate != "unchanged"]
    rows = [
        f"| **{node.name}** | {node.kind} | {_fate(node)} | {_done(node.steps)} | {_noticed(node)} |"
        for node in touched
    ]
    if len(rows) > most_rows:
        rows = [*rows[:most_rows], f"| {len(touched) - most_rows} more nodes | | | | |"]
    if review.shared:
        rows.append(f"| _the cluster itself_ | | | {_done(review.shared)} | |")
    calm = len(review.nodes) - len(touched)
    after = f"\n\n{calm} other node{'s are' if calm > 1 else ' is'} not touched." if calm else ""
    return "\n".join(["| node | | | steps | what it notices |", "|---|---|---|---|---|", *rows]) + after


def _fate(node: Node) -> str:
    return {"new": "**new**", "removed": "**removed**"}.get(node.fate, node.fate)


def _done(steps: Sequence[Step]) -> str:
    counted = Counter(step.operation for step in steps)
    return ", ".join(_number(counted[operation], operation) for operation in _SIGNS if counted[operation])


def _noticed(node: Node) -> str:
    """Return what happens to the node; of a new one only what its machine notices."""
    effects = [effect for effect in node.effects if effect is not Effect.SERVICES or len(node.effects) == 1]
    if node.fate == "new":
        effects = [effect for effect in effects if effect is Effect.RESTARTS]
    told = [INTERRUPTIONS[effect] for effect in effects]
    if node.drain_seconds:
        told = [
            f"{text}, within {node.drain_seconds} s" if text == INTERRUPTIONS[Effect.DRAINS] else text for text in told
        ]
    return "; ".join(told)


def steps_by_node(review: Review) -> str:
    """Return the names of all steps, by node."""
    places = [(node.name, node.steps) for node in review.nodes] + [("the cluster itself", review.shared)]
    return "\n".join(f"- **{name}**: {_listed(steps)}" for name, steps in places if steps)


def _listed(steps: Sequence[Step]) -> str:
    """Return the steps with their signs; a run of the same operation shows its sign once."""
    runs: list[tuple[str, list[str]]] = []
    idle = [f"`{step.name}`" for step in steps if step.idle]
    for step in steps:
        if step.idle:
            continue
        if not runs or runs[-1][0] != step.operation:
            runs.append((step.operation, []))
        runs[-1][1].append(f"`{step.name}`")
    told = [f"{_SIGNS[operation]} {operation} {', '.join(names)}" for operation, names in runs]
    return "; ".join([*told, f"nothing is run for {', '.join(idle)}"] if idle else told)


def differences(review: Review, most_lines: int) -> str:
    """Return how what steps are given changes; steps and nodes with the same difference share one place."""
    shown, used, left = [], 0, 0
    for title, body in _blocks(review):
        room = most_lines - used
        if room <= 0:
            left += 1
            continue
        cut = [*body[:room], f"  … {len(body) - room} more lines"] if len(body) > room else list(body)
        used += len(cut)
        shown.append(f"{title}\n\n~~~~diff\n" + "\n".join(line.replace("~~~~", "~~~ ~") for line in cut) + "\n~~~~")
    if left:
        shown.append(f"and {left} more differences")
    return "\n\n".join(shown)


def _blocks(review: Review) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each difference with a title that says what it is of."""
    found: dict[tuple[str, ...], dict[str, list[str]]] = {}
    for name, steps in [*((node.name, node.steps) for node in review.nodes), ("", review.shared)]:
        for step in steps:
            if step.difference:
                found.setdefault(step.difference, {}).setdefault(step.name, []).append(name)
    for body, places in found.items():
        by_nodes: dict[tuple[str, ...], list[str]] = {}
        for step_name, names in places.items():
            by_nodes.setdefault(tuple(names), []).append(f"`{step_name}`")
        yield "; ".join(_title(steps, names) for names, steps in by_nodes.items()), body


def _title(steps: Sequence[str], names: Sequence[str]) -> str:
    of = f" of {', '.join(names[:_MOST_NAMES])}" if any(names) else ""
    return f"{', '.join(steps)}{of}{f' and {len(names) - _MOST_NAMES} more' if len(names) > _MOST_NAMES else ''}"

"""What of a change must not be overlooked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from plan.effects import Effect
from review.model import Node

HEAD = "control plane"


def alarms(nodes: Sequence[Node], before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Yield them, each a few sentences of Markdown. ``before`` and ``after`` are the stack's output ``cluster``."""
    heads = [node for node in nodes if node.kind == HEAD]
    ended = [node.name for node in heads if node.fate == "removed" or Effect.LEAVES in node.effects]
    made = [node.name for node in heads if node.fate != "removed"]
    stay = [node for node in nodes if node.kind != HEAD and node.fate in ("changed", "unchanged")]
    orphaned = ", and workers that stay in the file are not joined to it: take them out, and add them afterwards"
    for name in ended:
        then = f"A new, empty one is made on `{made[0]}`. " if made else ""
        yield (
            f"THE CONTROL PLANE `{name}` IS {'REPLACED' if made else 'REMOVED'}: "
            f"THE CLUSTER AND EVERYTHING IN IT ENDS. {then}"
            f"Nothing of its state is taken over{orphaned if stay else ''}."
        )
    if not ended:
        yield from _fixed(before.get("madeWith", {}), after.get("madeWith", {}))
    workers = [node for node in nodes if node.kind != HEAD and node.fate != "new"]
    if len(workers) > 1 and all(node.fate == "removed" for node in workers):
        yield "EVERY WORKER IS REMOVED: no node is left for pods."
    yield from _moved(before.get("nodes", {}), after.get("nodes", {}))


def _fixed(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    changed = [f"`{key}` from {was} to {after[key]}" for key, was in before.items() if after.get(key, was) != was]
    if changed:
        yield (
            f"A RUNNING CLUSTER KEEPS WHAT IT WAS MADE WITH: this changes {', '.join(changed)}, which kubeadm "
            "reads only when it makes the cluster. Flannel, kube-proxy and kubelet are told the new values, the "
            "control plane keeps the old ones, and pods lose each other. Make a new cluster instead."
        )


def _moved(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Tell of nodes that are somewhere else now; of a machine from another source the program itself refuses it."""
    for name in sorted(before.keys() & after.keys()):
        was, will_be = before[name], after[name]
        if was["address"] != will_be["address"]:
            yield f"`{name}` gets another address: from {was['address']} to {will_be['address']}."

"""The cluster before and after, as a diagram that GitHub, GitLab and Azure DevOps draw by themselves (mermaid)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from plan.effects import Effect
from review.model import KINDS, Node, Review

_CLASSES = {
    "new": "fill:#dafbe1,stroke:#1a7f37,color:#1f2328",
    "removed": "fill:#ffebe9,stroke:#cf222e,color:#1f2328,stroke-dasharray:4",
    "disturbed": "fill:#fff8c5,stroke:#9a6700,color:#1f2328",
    "calm": "fill:#f6f8fa,stroke:#59636e,color:#1f2328",
}


def described(summary: Mapping[str, Any]) -> str:
    """Return version and ranges from the stack's output ``cluster``; nothing if it has none."""
    if not summary:
        return ""
    made = summary.get("madeWith", {})
    return f"Kubernetes {summary.get('kubernetes')}, pods {made.get('podCidr')}, services {made.get('serviceCidr')}"


def picture(review: Review, most_nodes: int) -> str:
    """Return the diagram, without its fence. More nodes of a kind than ``most_nodes`` are drawn as one box."""
    before = [node for node in review.nodes if node.fate != "new"]
    after = [node for node in review.nodes if node.fate != "removed"]
    lines = ["flowchart LR"]
    if before:
        lines += _side("before", review.before, before, most_nodes, lambda node: node.address_before)
    lines += _side("after", review.after, after, most_nodes, lambda node: node.address_after)
    if before:
        lines.append("  before ==> after")
    lines += [f"  classDef {name} {style}" for name, style in _CLASSES.items()]
    return "\n".join(lines)


def _side(
    side: str, text: str, nodes: Sequence[Node], most_nodes: int, address: Callable[[Node], str]
) -> Iterator[str]:
    yield f'  subgraph {side}["{side}{": " + text if text else ""}"]'
    yield "    direction TB"
    heads = [node for node in nodes if node.kind == "control plane"]
    names = []
    for kind in KINDS:
        own = [node for node in nodes if node.kind == kind]
        if len(own) > most_nodes:
            box = f"{side}_all_{kind.replace(' ', '_')}"
            names.append((box, kind))
            yield f'    {box}["{len(own)} {kind} nodes"]:::{_worst(own, side)}'
            continue
        for node in own:
            box = f"{side}_{node.name.replace('-', '_')}"
            names.append((box, kind))
            detail = "<br/>".join(part for part in (node.kind, address(node), _what(node, side)) if part)
            yield f'    {box}["<b>{node.name}</b><br/>{detail}"]:::{_class(node, side)}'
    if heads and len(heads) <= most_nodes:
        head = f"{side}_{heads[0].name.replace('-', '_')}"
        yield from (f"    {head} --- {box}" for box, kind in names if box != head and kind != "control plane")
    yield "  end"


def _what(node: Node, side: str) -> str:
    if side == "before":
        return "<i>is removed</i>" if node.fate == "removed" else ""
    if node.fate == "new":
        return "<i>new</i>"
    words = {Effect.DRAINS: "drained", Effect.RESTARTS: "may restart", Effect.CUT: "off the network"}
    told = [word for effect, word in words.items() if effect in node.effects]
    return f"<i>{', '.join(told)}</i>" if told else ""


def _class(node: Node, side: str) -> str:
    if side == "before":
        return "removed" if node.fate == "removed" else "calm"
    if node.fate == "new":
        return "new"
    return "disturbed" if node.effects else "calm"


def _worst(nodes: Sequence[Node], side: str) -> str:
    found = {_class(node, side) for node in nodes}
    return next(name for name in ("removed", "disturbed", "new", "calm") if name in found)

"""The cluster as a picture: who is where, at which address, and what connects them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from config.settings import Settings

from plan import svg
from plan.overview import CONTROL_PLANE, LINUX, WINDOWS, Member

_MARGIN, _GAP, _PAD = 24, 12, 18
_CARD_WIDTH, _CARD_HEIGHT = 216, 112
_RAIL = 36
"""Between the margin and the places of machines, for the VXLAN on its way down."""
_HEAD, _TITLE, _SMALL = 20, 14, 12
"""Sizes of fonts in pixels; style sheet and estimates of widths share them."""
_FEWEST_COLUMNS, _ONE_ROW, _MOST_COLUMNS = 3, 5, 8
_OVER = 26
"""Between the control plane and the VXLAN."""
_LANES = 122
"""Height of the row with the control plane, and of the two lanes that lead to it."""
_CLASSES = {CONTROL_PLANE: "head", LINUX: "linux", WINDOWS: "windows"}

_STYLE = svg.style_sheet(
    f"""
text {{ font-family: {svg.SANS}; font-size: {_SMALL}px; fill: $ink }}
.page {{ fill: $page }}
.name {{ font-size: {_HEAD}px; font-weight: 600 }}
.title {{ font-size: {_TITLE}px; font-weight: 600 }}
.value {{ font-family: {svg.MONO}; font-size: {_SMALL}px }}
.soft {{ fill: $soft }}
.tag {{ font-weight: 600 }}
.place {{ fill: $panel; stroke: $edge }}
.card {{ fill: $page; stroke: $edge }}
.head .mark, .head .dot {{ fill: $head }}
.linux .mark, .linux .dot {{ fill: $linux }}
.windows .mark, .windows .dot {{ fill: $windows }}
.vxlan {{ fill: $vxlan }}
.overlay {{ fill: none; stroke: $vxlan; stroke-width: 6; stroke-linejoin: round }}
.way {{ fill: none; stroke: $soft; stroke-width: 1.5 }}
.dashed {{ stroke-dasharray: 5 4 }}
.tip {{ fill: $soft }}
.on {{ fill: #ffffff; font-weight: 600; font-size: {_TITLE}px }}
""",
    {
        **{"page": "#ffffff", "panel": "#f6f8fa", "edge": "#d0d7de", "ink": "#1f2328", "soft": "#59636e"},
        **{"head": "#8250df", "linux": "#9a6700", "windows": "#0969da", "vxlan": "#1a7f37"},
    },
    {
        **{"page": "#0d1117", "panel": "#161b22", "edge": "#3d444d", "ink": "#f0f6fc", "soft": "#9198a1"},
        **{"head": "#ab7df8", "linux": "#d29922", "windows": "#4493f8", "vxlan": "#238636"},
    },
)


@dataclass(frozen=True, slots=True)
class _Page:
    """Where things are across."""

    columns: int

    @property
    def left(self) -> float:
        return _MARGIN + _RAIL

    @property
    def inner(self) -> float:
        """Width of a place of machines."""
        return self.columns * (_CARD_WIDTH + _GAP) - _GAP + 2 * _PAD

    @property
    def width(self) -> int:
        return int(self.left + self.inner + _MARGIN)

    @property
    def across(self) -> float:
        """Width between the margins."""
        return self.width - 2 * _MARGIN


def diagram(settings: Settings, nodes: Sequence[Member]) -> str:
    """Return the picture as SVG; it holds no secret, and suits light and dark surroundings."""
    head, *workers = nodes
    page = _Page(_columns(workers))
    name = f"Cluster {settings.cluster_name}"
    count = Counter(node.kind for node in nodes)
    systems = ", ".join(f"{count[kind]} {kind}" for kind in _CLASSES if count[kind])
    root = svg.canvas(name, f"{len(nodes)} nodes ({systems}) and the network between them", _STYLE)
    svg.words(root, "name", (_MARGIN, _MARGIN + _HEAD), svg.fitted(name, page.across, _HEAD))
    subtitle = f"Kubernetes {settings.versions.kubernetes} · {systems}"
    svg.words(root, "soft", (_MARGIN, _MARGIN + 44), subtitle)
    bottom = _ranges(root, page, settings, _MARGIN + 60)
    bottom = _way_in(root, page, settings, head, bottom + 20)
    bottom = _vxlan(root, page, settings, bottom + _OVER)
    bottom = _places(root, page, workers, bottom)
    return svg.as_text(root, (page.width, bottom + _MARGIN), background="page")


def _columns(workers: Sequence[Member]) -> int:
    """Return how many nodes stand side by side: few in one row, many in a square that a screen is wide enough for."""
    most = max(Counter(node.place for node in workers).values(), default=0)
    return max(_FEWEST_COLUMNS, most if most <= _ONE_ROW else min(_MOST_COLUMNS, math.ceil(math.sqrt(most * 1.5))))


def _ranges(root: Element, page: _Page, settings: Settings, top: float) -> float:
    """Draw the ranges of addresses; return where they end."""
    shown = [
        ("Pods", f"{settings.pod_cidr}, a /{settings.node_prefix_length} for each node"),
        ("Services", str(settings.service_cidr)),
        ("DNS", f"{settings.dns_address}, {settings.cluster_domain}"),
        ("Nodes", ", ".join(map(str, settings.node_cidrs))),
    ]
    x: float = _MARGIN
    for label, whole in shown:
        value = svg.fitted(whole, page.across - 2 * _GAP, _SMALL, svg.MONO)
        width = svg.text_width(value, _SMALL, svg.MONO) + 2 * _GAP
        if x > _MARGIN and x + width > page.width - _MARGIN:
            x, top = _MARGIN, top + 56
        svg.box(root, "place", (x, top), (width, 46))
        svg.words(root, "soft", (x + _GAP, top + 18), label)
        svg.words(root, "value", (x + _GAP, top + 36), value)
        x += width + _GAP
    return top + 46


def _way_in(root: Element, page: _Page, settings: Settings, head: Member, top: float) -> float:
    """Draw where Pulumi runs, the control plane, and the lanes between them; return where they end."""
    width, right = 150, page.width - _MARGIN - _CARD_WIDTH
    svg.box(root, "place", (_MARGIN, top), (width, _LANES))
    svg.words(root, "title", (_MARGIN + width / 2, top + 58), "Pulumi, kubectl", "middle")
    svg.words(root, "soft", (_MARGIN + width / 2, top + 78), "where you are", "middle")
    begin, api, ssh = _MARGIN + width, top + 30, top + 90
    _arrow(root, "way", begin, right, api)
    endpoint = svg.fitted(f"API {settings.api_endpoint}", right - begin - 2 * _GAP, _SMALL, svg.MONO)
    svg.words(root, "value", ((begin + right) / 2, api - 9), endpoint, "middle")
    if head.way:
        middle, half = (begin + right) / 2, 78
        _arrow(root, "way dashed", begin, middle - half, ssh)
        _arrow(root, "way dashed", middle + half, right, ssh)
        bastion = svg.group(root, "bastion", f"bastion {head.way}")
        svg.box(bastion, "place", (middle - half, ssh - 27), (2 * half, 54))
        svg.words(bastion, "title", (middle, ssh - 5), "Bastion", "middle")
        svg.words(bastion, "value", (middle, ssh + 14), svg.fitted(head.way, 2 * half - 10, _SMALL, svg.MONO), "middle")
    else:
        _arrow(root, "way dashed", begin, right, ssh)
    svg.words(root, "soft", (begin + 30, ssh - 9), "SSH", "middle")
    _card(root, head, right, top + (_LANES - _CARD_HEIGHT) / 2)
    svg.words(root, "soft", (page.width - _MARGIN, top + _LANES + 14), head.place, "end")
    return top + _LANES


def _arrow(root: Element, kind: str, begin: float, end: float, y: float) -> None:
    svg.line(root, kind, (begin, y), (end - 7, y))
    svg.line(root, "tip", (end - 9, y - 5), (end - 1, y), (end - 9, y + 5))


def _vxlan(root: Element, page: _Page, settings: Settings, top: float) -> float:
    """Draw the VXLAN that all nodes are on, and the control plane's way onto it; return where it ends."""
    over = page.width - _MARGIN - _CARD_WIDTH / 2
    svg.line(root, "overlay", (over, top - _OVER - (_LANES - _CARD_HEIGHT) / 2), (over, top + 4))
    svg.box(root, "vxlan", (_MARGIN, top), (page.across, 38), radius=6)
    mtu = f" · MTU {settings.mtu - 50}" if settings.mtu else ""
    text = f"VXLAN {settings.network_name} · VNI {settings.vni} · UDP {settings.vxlan_port}{mtu}"
    svg.words(root, "on", (page.width / 2, top + 24), svg.fitted(text, page.across, _TITLE), "middle")
    return top + 38


def _places(root: Element, page: _Page, workers: Sequence[Member], top: float) -> float:
    """Draw the workers by the places of their machines; return where they end."""
    rail, bar = _MARGIN + 6, top
    for place in dict.fromkeys(node.place for node in workers):
        own = [node for node in workers if node.place == place]
        top += 20
        rows = math.ceil(len(own) / page.columns)
        height = 44 + rows * (_CARD_HEIGHT + _GAP) - _GAP + _PAD
        svg.line(root, "overlay", (rail, bar - 4), (rail, top + 22), (page.left, top + 22))
        svg.box(root, "place", (page.left, top), (page.inner, height))
        svg.words(root, "title", (page.left + _PAD, top + 28), place[:1].upper() + place[1:])
        ways = sorted({node.way for node in own})
        how = ", ".join(way or "directly" for way in ways)
        how = svg.fitted(f"SSH {'through ' if any(ways) else ''}{how}", page.inner / 2, _SMALL)
        svg.words(root, "soft", (page.left + page.inner - _PAD, top + 27), how, "end")
        for index, node in enumerate(own):
            row, column = divmod(index, page.columns)
            x = page.left + _PAD + column * (_CARD_WIDTH + _GAP)
            _card(root, node, x, top + 44 + row * (_CARD_HEIGHT + _GAP))
        top += height
    return top


def _card(root: Element, node: Member, x: float, y: float) -> None:
    """Draw one node."""
    card = svg.group(root, f"node {_CLASSES[node.kind]}", f"{node.name}: {node.kind}, {node.place}")
    svg.box(card, "card", (x, y), (_CARD_WIDTH, _CARD_HEIGHT))
    svg.box(card, "mark", (x + 8, y + 12), (4, _CARD_HEIGHT - 24), radius=2)
    left, right, room = x + 22, x + _CARD_WIDTH - 12, _CARD_WIDTH - 34
    svg.words(card, "dot tag", (right, y + 26), node.kind, "end")
    beside = svg.text_width(node.kind, _SMALL) + 6
    svg.words(card, "title", (left, y + 26), svg.fitted(node.name, room - beside, _TITLE))
    svg.words(card, "value", (left, y + 47), node.address)
    svg.words(card, "value", (left, y + 65), f"pods {node.pods or 'not known'}")
    svg.words(card, "soft", (left, y + 84), svg.fitted(node.system, room, _SMALL))
    more = " · ".join(part for part in (node.runtime, node.build.removesuffix("-amd64")) if part)
    svg.words(card, "soft", (left, y + 101), svg.fitted(more, room, _SMALL))

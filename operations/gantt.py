"""One run of ``pulumi up`` as a picture: a row for each step, grouped by node, coloured by what took the time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from xml.etree.ElementTree import Element

from operations.critical_path import CriticalPath
from operations.timeline import Kind, Stretch, Timeline, Work
from plan import svg

_MARGIN, _LABELS, _CHART = 24, 270, 900
_ROW, _BAR, _HEAD, _TITLE, _SMALL = 17, 11, 20, 13, 11
_LEFT = _MARGIN + _LABELS
_MOST_ROWS = 400
"""More rows than this nobody looks at one by one: nodes without a part in the chain have one row each then."""
_MOST_TICKS = 10
_TICKS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200)
"""Seconds between two lines of the time scale."""
_CLUSTER = "cluster"

_COLOURS = {
    Kind.WAITING: ("#d0d7de", "#3d444d"),
    Kind.ENGINE: ("#8c959f", "#9198a1"),
    Kind.CONNECTING: ("#d4a72c", "#d29922"),
    Kind.UPLOADING: ("#8250df", "#ab7df8"),
    Kind.REMOTE: ("#0969da", "#4493f8"),
    Kind.API: ("#1a7f37", "#238636"),
}


def _class(kind: Kind) -> str:
    return kind.replace(" ", "-").lower()


_STYLE = svg.style_sheet(
    "\n".join(
        [
            f"text {{ font-family: {svg.SANS}; font-size: {_SMALL}px; fill: $ink }}",
            ".page { fill: $page }",
            f".name {{ font-size: {_HEAD}px; font-weight: 600 }}",
            f".node {{ font-size: {_TITLE}px; font-weight: 600 }}",
            ".soft { fill: $soft }",
            ".chain text { font-weight: 600 }",
            ".tick { stroke: $edge }",
            ".way { fill: none; stroke: $path; stroke-width: 1.5 }",
            ".chain .frame { fill: none; stroke: $path; stroke-width: 1.5 }",
            ".failed .frame { fill: none; stroke: $bad; stroke-width: 2.5 }",
            *(f".{_class(kind)} {{ fill: ${_class(kind)} }}" for kind in Kind),
        ]
    ),
    {"page": "#ffffff", "edge": "#eaeef2", "ink": "#1f2328", "soft": "#59636e", "path": "#1f2328", "bad": "#cf222e"}
    | {_class(kind): light for kind, (light, _) in _COLOURS.items()},
    {"page": "#0d1117", "edge": "#21262d", "ink": "#f0f6fc", "soft": "#9198a1", "path": "#f0f6fc", "bad": "#f85149"}
    | {_class(kind): dark for kind, (_, dark) in _COLOURS.items()},
)


@dataclass(frozen=True, slots=True)
class _Row:
    """What stands in one row: one step, or all of a node."""

    label: str
    works: tuple[Work, ...]


@dataclass(frozen=True, slots=True)
class _Page:
    """What all rows have in common."""

    seconds: float
    chain: frozenset[str]
    waits: Mapping[str, Sequence[Stretch]]

    def x(self, at: float) -> float:
        return round(_LEFT + _CHART * at / (self.seconds or 1.0), 1)


def gantt(
    title: str, run: Timeline, path: CriticalPath, waits: Mapping[str, Sequence[Stretch]], summary: Sequence[str]
) -> str:
    """Return the picture as SVG; ``summary`` are lines of text that stand above it."""
    page = _Page(run.seconds, frozenset(link.work.urn for link in path.links), waits)
    root = svg.canvas(title, "Each step of a run of pulumi up, and what its time was spent on", _STYLE)
    svg.words(root, "name", (_MARGIN, _MARGIN + _HEAD), title)
    top = _MARGIN + _HEAD + 8.0
    for line in summary:
        top += _ROW
        svg.words(root, "soft", (_MARGIN, top), line)
    top = _legend(root, top + _ROW)
    groups = list(_groups(run, page.chain))
    bottom = top + _ROW + sum(_ROW * (len(rows) + 1) + 6 for _, rows in groups)
    _scale(root, page, top, bottom)
    places: dict[str, float] = {}
    top += _ROW
    for node, rows in groups:
        svg.words(root, "node", (_MARGIN, top + _BAR), svg.fitted(node, _LABELS, _TITLE))
        top += _ROW
        for row in rows:
            _row(root, page, row, top)
            places |= dict.fromkeys((work.urn for work in row.works), top)
            top += _ROW
        top += 6
    _way(root, page, path, places)
    return svg.as_text(root, (_LEFT + _CHART + _MARGIN, bottom + _MARGIN), background="page")


def _groups(run: Timeline, chain: frozenset[str]) -> Iterator[tuple[str, list[_Row]]]:
    shown = [work for work in run.works if not work.idle or work.urn in chain]
    first = {_place(work): index for index, work in reversed(list(enumerate(shown)))}
    shown.sort(key=lambda work: (first[_place(work)], work.begin))
    folded = len(shown) > _MOST_ROWS
    for place, own in groupby(shown, key=_place):
        works = tuple(own)
        if folded and not any(work.urn in chain for work in works):
            yield place, [_Row(f"{len(works)} steps", works)]
        else:
            yield place, [_Row(_label(work, place), (work,)) for work in works]


def _place(work: Work) -> str:
    return work.node or _CLUSTER


def _label(work: Work, place: str) -> str:
    name = work.name.removeprefix(f"{place}-")
    what = work.urn.split("::")[2].rpartition(":")[2]
    return f"{what} {name}" if any(each.kind is Kind.API for each in work.stretches) else name


def _legend(root: Element, top: float) -> float:
    x = float(_MARGIN)
    for kind in Kind:
        svg.box(root, _class(kind), (x, top - 9), (_BAR, _BAR), 2)
        svg.words(root, "soft", (x + _BAR + 5, top), kind)
        x += _BAR + 5 + svg.text_width(kind, _SMALL) + 18
    svg.words(root, "soft", (x, top), "framed: the longest chain")
    return top + _ROW


def _scale(root: Element, page: _Page, top: float, bottom: float) -> None:
    step = next((each for each in _TICKS if page.seconds / each <= _MOST_TICKS), _TICKS[-1])
    for tick in range(0, int(page.seconds) + 1, step):
        svg.line(root, "tick", (page.x(tick), top + 5), (page.x(tick), bottom))
        svg.words(root, "soft", (page.x(tick), top), clock(tick), "middle")


def clock(seconds: float) -> str:
    """Return a time as minutes and seconds."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def _row(root: Element, page: _Page, row: _Row, top: float) -> None:
    kinds = [
        *(["chain"] if any(work.urn in page.chain for work in row.works) else []),
        *(["failed"] if any(work.failed for work in row.works) else []),
    ]
    drawn = svg.group(root, " ".join(kinds) or "row", "; ".join(_told(work) for work in row.works[:40]))
    svg.words(drawn, "step", (_MARGIN + 12, top + _BAR - 1), svg.fitted(row.label, _LABELS - 20, _SMALL))
    for work in row.works:
        if len(row.works) == 1:
            for each in page.waits.get(work.urn, ()):
                _bar(drawn, page, each, top + _BAR / 2 - 1, 2)
        for each in work.stretches:
            _bar(drawn, page, each, top, _BAR)
        if kinds:
            width = max(page.x(work.end) - page.x(work.begin), 1.0)
            svg.box(drawn, "frame", (page.x(work.begin), top), (round(width, 1), _BAR), 1)


def _bar(parent: Element, page: _Page, stretch: Stretch, top: float, height: float) -> None:
    width = max(page.x(stretch.end) - page.x(stretch.begin), 0.5)
    svg.box(parent, _class(stretch.kind), (page.x(stretch.begin), top), (round(width, 1), height), 0)


def _told(work: Work) -> str:
    parts = ", ".join(f"{each.kind} {each.seconds:.1f} s" for each in work.stretches)
    return f"{work.name} ({work.operation}): {parts or '0 s'}"


def _way(root: Element, page: _Page, path: CriticalPath, places: Mapping[str, float]) -> None:
    """Draw how one link of the chain leads to the next."""
    for one, other in pairwise(path.links):
        x, y = page.x(one.work.end), places[one.work.urn] + _BAR / 2
        to_x, to_y = page.x(other.work.begin), places[other.work.urn] + _BAR / 2
        svg.line(root, "way", (x, y), (to_x, y), (to_x, to_y))

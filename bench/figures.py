"""Figures of a run of the benchmark: medians, spreads, and ratios to the better of the peers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from types import MappingProxyType

from bench.results import CONTESTANTS, OURS, PEERS, PHASES, Measurement, Results

BARS: Mapping[str, float] = MappingProxyType({"first": 0.8, "unchanged": 0.5})
"""What our time may be at most, as a part of the better peer's, by phase."""


@dataclass(frozen=True, slots=True)
class Figure:
    """The repetitions of one contestant in one phase."""

    median: float
    """Seconds, as are the other two."""
    least: float
    most: float
    repetitions: int
    connections: tuple[int, int]
    """The fewest and the most SSH connections."""


Figures = Mapping[str, Mapping[str, Figure]]
"""By phase, then by contestant; only what was measured is there."""


def figure(measurements: Sequence[Measurement]) -> Figure:
    """Return the figure of one contestant's repetitions of one phase; there must be one at least."""
    seconds = [each.seconds for each in measurements]
    made = [each.connections for each in measurements]
    return Figure(median(seconds), min(seconds), max(seconds), len(seconds), (min(made), max(made)))


def figures(results: Results) -> Figures:
    """Return every figure, phases and contestants in their order."""
    found: dict[str, dict[str, Figure]] = {}
    for phase in PHASES:
        for name in CONTESTANTS:
            mine = [each for each in results.measurements if (each.phase, each.contestant) == (phase, name)]
            if mine:
                found.setdefault(phase, {})[name] = figure(mine)
    return found


def better_peer(phase: Mapping[str, Figure]) -> str | None:
    """Return the peer with the smaller median, or None where none was measured."""
    return min((name for name in PEERS if name in phase), key=lambda name: phase[name].median, default=None)


def ratio(phase: Mapping[str, Figure], name: str) -> float | None:
    """Return a contestant's median as a part of the better peer's, or None where one of both was not measured."""
    peer = better_peer(phase)
    return phase[name].median / phase[peer].median if peer and name in phase else None


def ratios_by_repetition(measurements: Iterable[Measurement], phase: str) -> list[float]:
    """Return our time as a part of the better peer's in each repetition that has all of them."""
    times: dict[int, dict[str, float]] = {}
    for each in measurements:
        if each.phase == phase:
            times.setdefault(each.repetition, {})[each.contestant] = each.seconds
    return [
        found[OURS] / min(found[name] for name in PEERS)
        for _, found in sorted(times.items())
        if {OURS, *PEERS} <= found.keys()
    ]

"""The chain of resources, each waiting for the one before it, that a run of ``pulumi up`` was as long as."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from operations.timeline import Kind, Stretch, Timeline, Work

_WORK = (Kind.REMOTE, Kind.API)
"""What would take its time however good Pulumi and the connections were."""


@dataclass(frozen=True, slots=True)
class Link:
    """One resource of the chain."""

    work: Work
    before: float
    """Seconds of the engine: between the end of the one before, or the beginning of the run, and its own beginning."""

    @property
    def seconds(self) -> float:
        """What it adds to the chain."""
        return self.before + self.work.end - self.work.begin

    def spent(self) -> Iterator[tuple[Kind, float]]:
        """Yield what it adds, by what it is spent on."""
        yield Kind.ENGINE, self.before
        yield from ((each.kind, each.seconds) for each in self.work.stretches)


@dataclass(frozen=True, slots=True)
class CriticalPath:
    """The longest chain of a run; how long all that is not on it took makes no difference."""

    links: tuple[Link, ...]
    after: float
    """Seconds between the end of the last one and that of the run."""

    @property
    def spent(self) -> Mapping[Kind, float]:
        """Seconds of the whole run by what they were spent on along the chain."""
        found: dict[Kind, float] = defaultdict(float)
        for link in self.links:
            for kind, seconds in link.spent():
                found[kind] += seconds
        found[Kind.ENGINE] += self.after
        return {kind: found[kind] for kind in Kind if found[kind]}

    @property
    def remote(self) -> float:
        """Seconds of work on machines and in Kubernetes along the chain."""
        return sum(seconds for kind, seconds in self.spent.items() if kind in _WORK)

    @property
    def ratio(self) -> float | None:
        """How much longer the run was than the work on its chain; None if nothing was done."""
        return sum(self.spent.values()) / self.remote if self.remote else None

    def costliest(self, most: int) -> tuple[Link, ...]:
        """Return the links that add most, in that order."""
        return tuple(sorted(self.links, key=lambda link: -link.seconds)[:most])


def critical_path(run: Timeline, dependencies: Mapping[str, Sequence[str]]) -> CriticalPath:
    """Return the chain that ends last.

    ``dependencies`` says, by URN, which resources each one waits for. Each link's predecessor is the one of these that
    ended last. What has been taken back, and so is in the state no more, has none.
    """
    by_urn = {work.urn: work for work in run.works}
    last = max(run.works, key=lambda work: work.end, default=None)
    links: list[Link] = []
    at: Work | None = last
    while at:
        before = _predecessor(at, by_urn, dependencies)
        links.append(Link(at, at.begin - (before.end if before else 0.0)))
        at = before
    return CriticalPath(tuple(reversed(links)), run.seconds - (last.end if last else 0.0))


def waits(run: Timeline, dependencies: Mapping[str, Sequence[str]]) -> Mapping[str, tuple[Stretch, ...]]:
    """Return, by URN, what came before each resource: its wait for others, and then the engine's."""
    by_urn = {work.urn: work for work in run.works}
    found = {}
    for work in run.works:
        before = _predecessor(work, by_urn, dependencies)
        free = before.end if before else 0.0
        stretches = (Stretch(Kind.WAITING, 0.0, free), Stretch(Kind.ENGINE, free, work.begin))
        found[work.urn] = tuple(each for each in stretches if each.seconds > 0)
    return found


def _predecessor(work: Work, by_urn: Mapping[str, Work], dependencies: Mapping[str, Sequence[str]]) -> Work | None:
    # With times in whole seconds one may seem to end after the other has begun.
    known = (by_urn[urn] for urn in dependencies.get(work.urn, ()) if urn in by_urn and urn != work.urn)
    return max((each for each in known if each.begin <= work.begin), key=lambda each: each.end, default=None)

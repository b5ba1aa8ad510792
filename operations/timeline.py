"""What each resource of one ``pulumi up`` spent its time on, from the moments in which the engine spoke of it.

The engine tells when a resource begins and ends, and hands through what a step prints on its machine. So the time
until a step's first line is that of the connection, and the rest is work on the machine. A step that prints late or
nothing is given as long for its connection as the quickest one to the same node took; the engine's words about
connections that failed or were cut off begin it anew.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from operations.moments import Moment, What
from plan.shells import step_and_script

HOST = "casement:machine:Host"
_COMMAND, _COPY = "command:remote:Command", "command:remote:CopyToRemote"
_WORKSPACE = "-workspace"
_NOT_CONNECTED = re.compile(r"^Dial\b.* failed: retrying$")
_CUT = re.compile(r"^(\S+): the connection was cut\b.*trying again$")


class Kind(StrEnum):
    """What time is spent on."""

    WAITING = "waiting"
    """For what it depends on."""
    ENGINE = "engine"
    """Pulumi itself: the program, checks, a free place among those that run at once, the state."""
    CONNECTING = "connecting"
    """Until a program runs on the machine: dialling, SSH, starting a shell; a machine that restarts, too."""
    UPLOADING = "uploading"
    """The project's scripts, with the connection they need."""
    REMOTE = "remote work"
    """What a script does on its machine."""
    API = "API"
    """What Kubernetes or a cloud takes to do what it is asked for."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Time spent on one thing, in seconds since the run began."""

    kind: Kind
    begin: float
    end: float

    @property
    def seconds(self) -> float:
        """How long it lasted."""
        return self.end - self.begin


@dataclass(frozen=True, slots=True)
class Work:
    """What was done about one resource."""

    urn: str
    name: str
    node: str
    """The node that it serves; empty for what serves the whole cluster."""
    operation: str
    begin: float
    end: float
    stretches: tuple[Stretch, ...]
    failed: bool = False

    @property
    def idle(self) -> bool:
        """Whether the engine alone had to do with it, as with what does not change."""
        return all(each.kind is Kind.ENGINE for each in self.stretches)


@dataclass(frozen=True, slots=True)
class Timeline:
    """One run, its time counted from its beginning."""

    works: tuple[Work, ...]
    seconds: float
    """How long it took as a whole."""


@dataclass(slots=True)
class _Seen:
    """What was seen of one resource so far."""

    began: Moment
    end: float | None = None
    failed: bool = False
    lines: list[float] = field(default_factory=list)
    """When it printed something."""
    anew: list[tuple[float, bool]] = field(default_factory=list)
    """When it turned out that there was no connection, and whether there had been one that was cut."""


def timeline(seen: Iterable[Moment]) -> Timeline:
    """Return what was done, in the order in which it began. What never ended lasts until the run did."""
    every: list[Moment] = []
    for moment in seen:
        every.append(moment)
        if moment.what is What.PREVIEWED:
            every.clear()
    if not every:
        return Timeline((), 0.0)
    zero, over = every[0].at, every[-1].at
    by_urn = _collected(every)
    hosts = {each.began.name for each in by_urn.values() if each.began.type == HOST}
    custom = [each for each in by_urn.values() if not each.began.type.startswith(("casement:", "pulumi:"))]
    quickest = _quickest(custom, hosts, over)
    works = (_work(each, _node(each.began, hosts), quickest, zero, over) for each in custom)
    return Timeline(tuple(sorted(works, key=lambda work: work.begin)), over - zero)


def _collected(every: Iterable[Moment]) -> dict[str, _Seen]:
    found: dict[str, _Seen] = {}
    for moment in every:
        cut = _CUT.match(moment.text)
        if cut:
            for each in found.values():
                if each.began.name == cut[1] and each.end is None:
                    each.anew.append((moment.at, True))
        elif moment.what is What.BEGAN:
            # A replacement begins several times under one name; the first beginning and the last end count.
            found.setdefault(moment.urn, _Seen(moment))
        elif moment.urn in found:
            _note(found[moment.urn], moment)
    return found


def _note(seen: _Seen, moment: Moment) -> None:
    if moment.what in (What.ENDED, What.FAILED):
        seen.end, seen.failed = moment.at, moment.what is What.FAILED
    elif _NOT_CONNECTED.match(moment.text):
        seen.anew.append((moment.at, False))
    elif moment.what is What.SAID and moment.passing:
        seen.lines.append(moment.at)


def _node(began: Moment, hosts: Iterable[str]) -> str:
    """Return the node that a resource serves, which stands before the name of its step."""
    ran = step_and_script(began.command)
    if ran:
        return began.name.removesuffix(f"-{ran[0]}")
    own = [name for name in hosts if began.name == name or began.name.startswith(f"{name}-")]
    return max(own, key=len, default="")


def _quickest(custom: Sequence[_Seen], hosts: Iterable[str], over: float) -> dict[str, float]:
    """Return, by node, the shortest time in which anything was reached for it."""
    taken: dict[str, list[float]] = defaultdict(list)
    for each in custom:
        node, began = _node(each.began, hosts), each.began
        if began.command and began.name.endswith(_WORKSPACE):
            taken[node].append((over if each.end is None else each.end) - began.at)
        elif began.command and each.lines and not each.anew:
            taken[node].append(each.lines[0] - began.at)
    return {node: min(seconds) for node, seconds in taken.items()}


def _work(seen: _Seen, node: str, quickest: dict[str, float], zero: float, over: float) -> Work:
    began, end = seen.began, over if seen.end is None else seen.end
    stretches = tuple(
        Stretch(kind, start - zero, stop - zero)
        for kind, start, stop in _stretches(seen, quickest.get(node), end)
        if stop > start
    )
    return Work(began.urn, began.name, node, began.operation, began.at - zero, end - zero, stretches, seen.failed)


def _stretches(seen: _Seen, quickest: float | None, end: float) -> Iterator[tuple[Kind, float, float]]:
    began = seen.began
    if began.operation == "same":
        yield Kind.ENGINE, began.at, end
    elif began.type == _COPY:
        yield Kind.UPLOADING, began.at, end
    elif began.type != _COMMAND:
        yield Kind.API, began.at, end
    elif not began.command:
        yield Kind.ENGINE, began.at, end
    elif began.name.endswith(_WORKSPACE):
        yield Kind.CONNECTING, began.at, end
    else:
        yield from _tries(seen, quickest, end)


def _tries(seen: _Seen, quickest: float | None, end: float) -> Iterator[tuple[Kind, float, float]]:
    """Yield connection and work of each try of a step."""
    start = seen.began.at
    for stop, connected in [*seen.anew, (end, True)]:
        lines = [line for line in seen.lines if start <= line <= stop]
        known = [*lines[:1], *([] if quickest is None else [start + quickest])]
        reached = min(stop, *(known or [start])) if connected else stop
        yield Kind.CONNECTING, start, reached
        yield Kind.REMOTE, reached, stop
        start = stop

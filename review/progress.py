"""How far each node is, while ``pulumi up`` runs: from what its preview has announced, and what the engine says."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from operations.moments import Moment, What
from plan.phases import Phase, phase_of
from review.events import Events
from review.model import Node
from review.understand import idle, placed

CLUSTER = "cluster"
"""What everything is counted under that serves no node in particular."""
_DELETING = ("delete", "delete-replaced", "discard-replaced")
_LOGICAL = "replace"
"""Only announces the two operations that it consists of."""
_ABOUT = re.compile(r"^(\S+): (.+)")
"""How our own messages, which are of no resource for the engine, begin with the name of one."""


class State(StrEnum):
    """How far something is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(slots=True)
class Task:
    """One thing to be done about one resource."""

    name: str
    step: str
    """Its name without the node's."""
    phase: Phase
    state: State = State.WAITING
    began: float = 0
    """In seconds, of the clock of the moments."""
    said: str = ""
    """The last that it told."""


@dataclass(slots=True)
class Row:
    """One node."""

    name: str
    tasks: list[Task] = field(default_factory=list)
    began: float | None = None
    ended: float | None = None

    @property
    def done(self) -> int:
        """How many things are done."""
        return sum(task.state is State.DONE for task in self.tasks)

    @property
    def running(self) -> list[Task]:
        """What is being done."""
        return [task for task in self.tasks if task.state is State.RUNNING]

    @property
    def failed(self) -> list[Task]:
        """What could not be done."""
        return [task for task in self.tasks if task.state is State.FAILED]

    @property
    def state(self) -> State:
        """How far it is as a whole."""
        if self.failed:
            return State.FAILED
        if self.done == len(self.tasks):
            return State.DONE
        return State.RUNNING if self.running else State.WAITING

    def phases(self) -> list[Phase]:
        """Return the phases that it has something to do in, in their order."""
        return sorted({task.phase for task in self.tasks}, key=list(Phase).index)

    def left(self, phase: Phase) -> int:
        """Return how much of a phase is not done."""
        return sum(task.phase is phase and task.state is not State.DONE for task in self.tasks)

    def phase(self) -> Phase:
        """Return the first phase that is not over, or the last of all."""
        phases = self.phases()
        return next((phase for phase in phases if self.left(phase)), phases[-1])


@dataclass(frozen=True, slots=True)
class Reached:
    """That a node has come to the end of a phase."""

    row: Row
    phase: Phase


class Progress:
    """All nodes that something is to be done about, in the order of the review; the cluster itself comes last."""

    def __init__(self, events: Events, nodes: Iterable[Node]) -> None:
        """Take over what a preview has announced, and which nodes it is about."""
        nodes = tuple(nodes)
        self._heads = frozenset(node.name for node in nodes if node.kind == "control plane")
        self._order = {node.name: place for place, node in enumerate(nodes)}
        self._rows: dict[str, Row] = {}
        self._tasks: dict[tuple[str, str], tuple[Row, Task]] = {}
        self._named: dict[str, list[tuple[Row, Task]]] = {}
        """By URN, and by name."""
        self.began: float | None = None
        """When the run began."""
        for change, place in placed(events):
            if change.operation != _LOGICAL and not idle(change):
                name = place or CLUSTER
                step = change.name.removeprefix(f"{name}-")
                deleting = change.operation in _DELETING
                task = Task(change.name, step, Phase.TAKEN_BACK if deleting else phase_of(change.type, step))
                row = self._rows.setdefault(name, Row(name))
                row.tasks.append(task)
                self._tasks[(change.urn, change.operation)] = row, task
                for key in (change.urn, change.name):
                    self._named.setdefault(key, []).append((row, task))

    @property
    def rows(self) -> list[Row]:
        """The nodes, and the cluster."""
        return sorted(self._rows.values(), key=lambda row: self._order.get(row.name, len(self._order)))

    @property
    def tasks(self) -> list[Task]:
        """Everything that is to be done."""
        return [task for row in self._rows.values() for task in row.tasks]

    def take(self, moment: Moment) -> Reached | None:
        """Take note of what has happened; return which phase of which node has ended by it."""
        self.began = moment.at if self.began is None else self.began
        if moment.what is What.SAID:
            about = self.about(moment)
            if about:
                about[1].said = moment.text
            return None
        if (moment.urn, moment.operation) not in self._tasks:
            return None
        row, task = self._tasks[(moment.urn, moment.operation)]
        if moment.what is What.BEGAN:
            task.state, task.began = State.RUNNING, moment.at
            row.began = moment.at if row.began is None else row.began
            row.ended = None
            return None
        row.ended = moment.at if len(row.running) <= 1 else None
        if moment.what is What.FAILED:
            task.state = State.FAILED
        elif moment.what is What.ENDED and task.state is not State.DONE:
            task.state = State.DONE
            return None if row.left(task.phase) else Reached(row, task.phase)
        return None

    def about(self, moment: Moment) -> tuple[Row, Task] | None:
        """Return what a message is about, where that is known."""
        found = _ABOUT.match(moment.text)
        key = moment.urn or (found[1] if found else "")
        known = self._named.get(key, [])
        return next((each for each in known if each[1].state is State.RUNNING), known[0] if known else None)

    def waits_for(self, row: Row) -> str:
        """Return what a node that is not at work most likely waits for, in a few words."""
        heads = [each.name for each in self.rows if each.name in self._heads and each.state is not State.DONE]
        if heads and row.name not in heads:
            return f"waits for {', '.join(heads)}"
        if row.name == CLUSTER and row.phase() is Phase.PROVEN:
            return "waits for the nodes"
        shared = [task.name for each in self.rows if each.name == CLUSTER for task in each.running]
        return f"waits for {shared[0]}" if shared and row.name != CLUSTER else "waits for its turn"

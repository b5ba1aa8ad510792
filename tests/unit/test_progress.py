"""How far each node is, from streams of the engine's events; tests/engine/test_up.py has those of the real engine."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from rich.console import Console

from operations.moments import moments
from plan.phases import Phase
from review.events import Events, read_events
from review.progress import Progress, State
from review.progress_view import View, lasted, table
from review.understand import understand
from tests.unit.review_events import STEPS, at, command, ended, finished, host, planned, said, stream, told

BEGUN = 1_700_000_000
WINDOWS = ("preflight-passed", "containerd-running", "joined", "kube-proxy-running", "ready")
HEAD = "casement:cluster:ControlPlane"
Event = dict[str, Any]


def create(node: str, step: str) -> Event:
    return planned("create", STEPS, f"{node}-{step}", None, command("script.sh", step))


def preview(names: Sequence[str]) -> Events:
    """Return the preview of a control plane, of Windows nodes with these names, and of the proof at the end."""
    head = [planned("create", "casement:machine:Host", "cp1"), planned("create", HEAD, "cp1-control-plane")]
    nodes = [event for name in names for event in (*host(name, "create"), *(create(name, step) for step in WINDOWS))]
    steps = [create("cp1", "control-plane-initialised"), create("cluster", "cluster-verified")]
    return read_events(stream([*head, *nodes, *steps, ended()]))


def followed(names: Sequence[str] = ("win1", "win2")) -> Progress:
    events = preview(names)
    return Progress(events, understand("site", events).nodes)


def taken(progress: Progress, events: Iterable[Event]) -> None:
    for moment in moments(stream(events)):
        progress.take(moment)


def through(second: int, node: str, *steps: str) -> list[Event]:
    """Return the events of steps that take ten seconds each."""
    events: list[Event] = []
    for step in steps:
        events += [
            *at(BEGUN + second, create(node, step)),
            *at(BEGUN + second + 10, finished("create", STEPS, f"{node}-{step}")),
        ]
        second += 10
    return events


def drawn(progress: Progress, now: float, most_rows: int = 30) -> list[str]:
    console = Console(file=io.StringIO(), width=110)
    console.print(table(progress, BEGUN + now, most_rows))
    text = console.file.getvalue()  # type: ignore[attr-defined]  # it is the StringIO above
    return [line.rstrip() for line in text.splitlines()]


def printed(progress: Progress, events: Iterable[Event], **options: Any) -> list[str]:
    """Return what is shown where there is no terminal."""
    file = io.StringIO()
    with View(progress, Console(file=file, width=80), **options) as view:
        for moment in moments(stream(events)):
            view.take(moment)
    return file.getvalue().splitlines()


def test_each_node_is_counted_by_itself_and_the_cluster_comes_last() -> None:
    progress = followed()
    assert [(row.name, row.done, len(row.tasks)) for row in progress.rows] == [
        *(("cp1", 0, 1), ("win1", 0, 5), ("win2", 0, 5), ("cluster", 0, 1)),
    ]
    taken(progress, through(0, "win1", *WINDOWS[:2]))
    assert [(row.name, row.done, row.phase(), row.state) for row in progress.rows][:2] == [
        ("cp1", 0, Phase.JOINED, State.WAITING),
        ("win1", 2, Phase.JOINED, State.WAITING),
    ]


def test_the_table_says_what_runs_since_when_what_it_told_and_what_is_waited_for() -> None:
    progress = followed()
    taken(progress, [
        *at(BEGUN, create("cp1", "control-plane-initialised"), create("win1", "preflight-passed")),
        *at(BEGUN + 5, finished("create", STEPS, "win1-preflight-passed"), create("win1", "containerd-running")),
        *at(BEGUN + 65, told(STEPS, "win1-containerd-running", "waiting for the download, until 14:20")),
    ])  # fmt: skip
    head, *rows, whole = drawn(progress, 70)
    assert head.split() == ["node", "phase", "steps", "now", "time"]
    cp1, win1, win2, cluster = (" ".join(row.replace("━", "").split()) for row in rows)
    assert cp1 == "cp1 joined 0/1 control-plane-initialised 1:10 1:10"
    assert win1 == "win1 prepared 1/5 containerd-running 1:05 waiting for the download, until 14:20 1:10"
    assert win2 == "win2 preflight 0/5 waits for cp1"
    assert cluster == "cluster proven 0/1 waits for cp1"
    assert whole.split() == ["all", "1/12", "1:10"]


def test_a_table_that_would_not_fit_keeps_what_needs_attention_and_counts_the_rest() -> None:
    names = [f"win{number}" for number in range(100)]
    progress = followed(names)
    taken(progress, through(0, "win7", *WINDOWS))
    taken(progress, [*at(BEGUN + 50, create("win98", "preflight-passed"), create("win99", "preflight-passed"))])
    taken(progress, at(BEGUN + 60, finished("create", STEPS, "win99-preflight-passed", well=False)))
    _, *rows, whole = drawn(progress, 70, most_rows=4)
    assert [row.split()[0] for row in rows] == ["cp1", "win0", "win98", "win99"]
    assert "failed: preflight-passed" in rows[3]
    assert "and 97 waiting, 1 done" in whole
    assert "win7" not in "".join(rows)


def test_where_there_is_no_terminal_each_phase_of_each_node_is_a_line() -> None:
    events = [*through(0, "cp1", "control-plane-initialised"), *through(10, "win1", *WINDOWS), ended()]
    assert printed(followed(), events) == [
        "   0:10  cp1      joined      (1/1)",
        "   0:20  win1     preflight   (1/5)",
        "   0:30  win1     prepared    (2/5)",
        "   0:40  win1     joined      (3/5)",
        "   0:50  win1     networked   (4/5)",
        "   1:00  win1     ready       (5/5)",
    ]


def test_after_a_minute_without_news_it_is_told_what_runs() -> None:
    name = "win1-containerd-running"
    events = [
        *at(BEGUN, create("win1", "containerd-running")),
        *(
            event
            for second in (30, 70, 80, 140)
            for event in at(BEGUN + second, told(STEPS, name, f"{second} % fetched"))
        ),
    ]
    assert printed(followed(), events) == [
        "   1:10  win1     containerd-running 1:10  70 % fetched",
        "   2:20  win1     containerd-running 2:20  140 % fetched",
    ]


ERROR = """Process exited with status 1: running "step.sh":
12:00:01 looking
error: no space left on device
  Next: free some"""


@pytest.mark.parametrize("terminal", [True, False])
def test_an_error_is_shown_whole_and_at_once_and_so_is_a_warning(terminal: bool) -> None:
    file = io.StringIO()
    console = Console(file=file, width=60, height=30, force_terminal=terminal, color_system=None)
    events = [
        *at(BEGUN, create("win1", "joined"), told(STEPS, "win1-joined", "the clock is late", "warning")),
        *at(BEGUN + 1, told(STEPS, "win1-joined", ERROR, "error")),
    ]
    with View(followed(), console, clock=lambda: BEGUN + 2) as view:
        for moment in moments(stream(events)):
            view.take(moment)
        shown = file.getvalue().replace("\r", "")
        assert "warning: win1-joined: the clock is late" in shown
        assert f"error: win1-joined: {ERROR}\n" in shown


def test_a_secret_in_what_a_step_tells_is_not_shown() -> None:
    progress = followed()
    events = [
        *at(BEGUN, create("win1", "joined"), told(STEPS, "win1-joined", "password: hunter2hunter2")),
        *at(BEGUN + 1, told(STEPS, "win1-joined", "failed with token=abcdefabcdef", "error")),
    ]
    lines = printed(progress, events, every_line=True)
    assert len(lines) == 2
    assert not [line for line in lines if "hunter2" in line or "abcdefabcdef" in line]
    assert "hunter2" not in "".join(drawn(progress, 2))


def test_every_line_that_a_step_tells_can_be_shown_with_its_node() -> None:
    events = [*at(BEGUN, create("win1", "joined"), told(STEPS, "win1-joined", "12:00:01 asking the API server"))]
    assert printed(followed(), events, every_line=True) == ["win1     joined: 12:00:01 asking the API server"]
    assert printed(followed(), events) == []


def test_our_own_words_about_a_step_are_counted_as_its() -> None:
    progress = followed()
    cut = said("info", "win1-joined: the connection was cut, as a restart or a new network does; trying again")
    taken(progress, [*at(BEGUN, create("win1", "joined")), *at(BEGUN + 9, cut)])
    assert "the connection was cut" in "".join(drawn(progress, 10))


def test_a_step_that_failed_is_no_longer_failed_when_it_begins_anew() -> None:
    progress = followed()
    taken(
        progress,
        [*at(BEGUN, create("win1", "joined")), *at(BEGUN + 1, finished("create", STEPS, "win1-joined", well=False))],
    )
    states = [progress.rows[1].state]
    taken(progress, at(BEGUN + 2, create("win1", "joined")))
    assert [*states, progress.rows[1].state] == [State.FAILED, State.RUNNING]


def test_what_is_taken_back_is_a_phase_of_its_own_and_what_is_idle_is_not_counted() -> None:
    given = command(
        "confirm-node-ready.sh", "ready", delete="bash .casement/linux/step.sh drain-node.sh 0 ready 720 undo"
    )
    on_change = {"update": "bash .casement/linux/step.sh drain-for-upgrade.sh 0 drained 600"}
    events = read_events(stream([
        *host("win1", "delete"), planned("delete", STEPS, "win1-ready", given),
        *host("win2", "create"), create("win2", "ready"), planned("create", STEPS, "win2-drained", None, on_change),
        ended(),
    ]))  # fmt: skip
    progress = Progress(events, understand("site", events).nodes)
    assert {row.name: [(task.step, task.phase) for task in row.tasks] for row in progress.rows} == {
        "win1": [("ready", Phase.TAKEN_BACK)],
        "win2": [("ready", Phase.READY)],
    }


def test_a_replacement_is_two_things_to_do() -> None:
    given = command("script.sh", "joined")
    replaced = [
        planned(operation, STEPS, "win1-joined", given, given)
        for operation in ("create-replacement", "replace", "delete-replaced")
    ]
    events = read_events(stream([*host("win1"), *replaced, ended()]))
    progress = Progress(events, understand("site", events).nodes)
    taken(progress, at(BEGUN, finished("create-replacement", STEPS, "win1-joined")))
    (row,) = progress.rows
    assert (row.done, len(row.tasks), row.phase()) == (1, 2, Phase.TAKEN_BACK)


def test_a_forbidding_policy_is_an_error_of_the_run() -> None:
    policy = {
        "policyName": "ssh-open",
        "enforcementLevel": "mandatory",
        "message": "port 22 is open",
        "resourceUrn": "",
    }
    (line,) = printed(followed(), [*at(BEGUN, {"policyEvent": policy})])
    assert line == "error: policy ssh-open: port 22 is open"


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (67.9, "1:07"), (3600, "1:00:00"), (3725, "1:02:05")])
def test_times_are_short(seconds: float, text: str) -> None:
    assert lasted(seconds) == text

"""Where the time of a run goes, told from its events."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from operations.critical_path import CriticalPath, critical_path, waits
from operations.gantt import gantt
from operations.moments import What, moments
from operations.timeline import Kind, Timeline, timeline
from operations.trace import as_json, summary, table
from tests.unit.review_events import HIDDEN, STEPS, command, ended, host, planned, said, stream, urn

COPY = "casement:machine:Host$command:remote:CopyToRemote"
FIRST = "casement:machine:Host$command:remote:Command"
BINDING = "casement:cluster:WindowsNode$kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding"
Timed = tuple[float, dict[str, Any]]


def begins(types: str, name: str, inputs: dict[str, Any], operation: str = "create") -> dict[str, Any]:
    return planned(operation, types, name, new=inputs)


def ends(types: str, name: str, operation: str = "create", failed: bool = False) -> dict[str, Any]:
    metadata = {"op": operation, "urn": urn(types, name), "type": types.rsplit("$", 1)[-1]}
    return {"resOpFailedEvent" if failed else "resOutputsEvent": {"metadata": metadata}}


def prints(name: str, text: str = "a line") -> dict[str, Any]:
    return {"diagnosticEvent": {"urn": urn(STEPS, name), "severity": "info", "message": text, "ephemeral": True}}


def step(name: str, begin: float, line: float, end: float) -> list[Timed]:
    """Return the events of a step on Linux: it begins, prints, ends."""
    inputs = command("any.sh", name.partition("-")[2])
    return [(begin, begins(STEPS, name, inputs)), (line, prints(name)), (end, ends(STEPS, name))]


def run(*events: Timed) -> Timeline:
    """Return the timeline of these events, each at its second; a run begins at 100 and ends with the last of them."""
    ordered = sorted([(0.0, {"preludeEvent": {}}), *events], key=lambda each: each[0])
    ordered.append((ordered[-1][0], ended()))
    times = iter([100 + at for at, _ in ordered])
    return timeline(moments([json.dumps(event) for _, event in ordered], lambda: next(times)))


def kinds(line: Timeline, name: str) -> list[tuple[Kind, float]]:
    (work,) = (each for each in line.works if each.name == name)
    return [(each.kind, round(each.seconds, 3)) for each in work.stretches]


def test_the_time_of_a_step_is_its_connection_until_it_prints_and_then_its_work() -> None:
    line = run(*step("cp1-kernel-set", 1, 1.5, 4))
    assert kinds(line, "cp1-kernel-set") == [(Kind.CONNECTING, 0.5), (Kind.REMOTE, 2.5)]
    assert (line.works[0].begin, line.works[0].end, line.seconds) == (1, 4, 4)


def test_copies_and_kubernetes_objects_and_what_does_not_change_have_times_of_their_own() -> None:
    line = run(
        (0, begins(COPY, "win1-scripts", {})), (2, ends(COPY, "win1-scripts")),
        (2, begins(BINDING, "win1-networking", {})), (5, ends(BINDING, "win1-networking")),
        (5, begins(STEPS, "win1-upgrade-staged", {"connection": {}})), (6, ends(STEPS, "win1-upgrade-staged")),
        (6, begins(STEPS, "cp1-joined", command("join.sh", "joined"), "same")), (7, ends(STEPS, "cp1-joined")),
    )  # fmt: skip
    assert kinds(line, "win1-scripts") == [(Kind.UPLOADING, 2)]
    assert kinds(line, "win1-networking") == [(Kind.API, 3)]
    assert kinds(line, "win1-upgrade-staged") == [(Kind.ENGINE, 1)]
    assert [work.name for work in line.works if work.idle] == ["win1-upgrade-staged", "cp1-joined"]


def test_a_command_that_is_a_secret_runs_all_the_same() -> None:
    name = "cp1-kubeconfig-read"
    line = run((0, begins(STEPS, name, {"create": HIDDEN})), (1, prints(name)), (2, ends(STEPS, name)))
    assert kinds(line, name) == [(Kind.CONNECTING, 1), (Kind.REMOTE, 1)]


def test_a_step_that_prints_nothing_is_given_the_connection_of_the_quickest_to_its_node() -> None:
    line = run(
        (0, begins(FIRST, "win1-workspace", {"create": "mkdir"})), (0.7, ends(FIRST, "win1-workspace")),
        (1, begins(STEPS, "win1-firewall-open", {"create": "Invoke-Step.ps1 -Script A-B.ps1 -Step firewall-open"})),
        (9, ends(STEPS, "win1-firewall-open")),
        *((at, event) for event in host("win1", "create") for at in (0.0,)),
    )  # fmt: skip
    assert kinds(line, "win1-workspace") == [(Kind.CONNECTING, 0.7)]
    assert kinds(line, "win1-firewall-open") == [(Kind.CONNECTING, 0.7), (Kind.REMOTE, 7.3)]


def test_a_machine_that_does_not_answer_and_one_that_goes_away_are_time_for_connecting() -> None:
    name = "cp1-kernel-set"
    line = run(
        *step(name, 0, 13, 20),
        (10, prints(name, "Dial 1/60 failed: retrying")),
        (12, prints(name, "Dial 2/60 failed: retrying")),
        (15, said("info", f"{name}: the connection was cut, as a restart does; trying again")),
        (18, prints(name)),
    )
    assert kinds(line, name) == [
        (Kind.CONNECTING, 10), (Kind.CONNECTING, 2), (Kind.CONNECTING, 1), (Kind.REMOTE, 2),
        (Kind.CONNECTING, 3), (Kind.REMOTE, 2),
    ]  # fmt: skip


def test_a_step_that_failed_and_one_that_never_ended_are_told() -> None:
    name = "cp1-kernel-set"
    line = run(
        (0, begins(STEPS, name, command("any.sh", "kernel-set"))), (1, prints(name)),
        (3, ends(STEPS, name, failed=True)),
        (2, begins(STEPS, "lin1-kernel-set", command("any.sh", "kernel-set"))), (8, said("error", "it ended")),
    )  # fmt: skip
    assert [(work.name, work.failed, work.end) for work in line.works] == [
        (name, True, 3),
        ("lin1-kernel-set", False, 8),
    ]


def test_the_preview_before_a_run_and_the_time_until_it_was_agreed_to_are_not_part_of_it() -> None:
    events = [
        (0.0, {"preludeEvent": {}}), *step("cp1-kernel-set", 1, 2, 3), (4.0, {"summaryEvent": {"isPreview": True}}),
        (60.0, {"preludeEvent": {}}), *step("cp1-kernel-set", 61, 62, 65), (66.0, ended()),
    ]  # fmt: skip
    times = iter([at for at, _ in events])
    seen = list(moments(stream(event for _, event in events)[1:], lambda: next(times)))
    assert [moment.what for moment in seen if moment.what is What.PREVIEWED] == [What.PREVIEWED]
    line = timeline(seen)
    assert line.seconds == 6
    assert [(work.begin, work.end) for work in line.works] == [(1, 5)]


def test_a_file_has_whole_seconds() -> None:
    events = [{**event, "timestamp": int(1000 + at)} for at, event in step("cp1-kernel-set", 1.9, 2.1, 4.8)]
    line = timeline(moments(stream(events)))
    assert (line.works[0].begin, line.works[0].end) == (0, 3)


CHAIN = (
    *step("cp1-made", 1, 2, 10),
    *step("lin1-ready", 2, 2.5, 4),
    *step("win1-made", 10.5, 11, 31),
    (32.0, said("info", "the outputs")),
)
WAITS = {urn(STEPS, "win1-made"): (urn(STEPS, "cp1-made"), urn(STEPS, "lin1-ready"), "urn:of:a:provider")}


def chain(dependencies: Mapping[str, Sequence[str]] = WAITS) -> tuple[Timeline, CriticalPath]:
    line = run(*CHAIN)
    return line, critical_path(line, dependencies)


def test_the_longest_chain_goes_by_what_ended_last_of_what_each_step_waited_for() -> None:
    _, path = chain()
    assert [(link.work.name, link.before) for link in path.links] == [("cp1-made", 1), ("win1-made", 0.5)]
    assert path.after == 1
    assert path.spent == {Kind.ENGINE: 2.5, Kind.CONNECTING: 1.5, Kind.REMOTE: 28}
    assert sum(path.spent.values()) == 32
    assert path.ratio == pytest.approx(32 / 28)
    assert [link.work.name for link in path.costliest(1)] == ["win1-made"]


def test_without_knowing_what_waits_for_what_the_chain_is_its_last_step() -> None:
    _, path = chain({})
    assert [(link.work.name, link.before) for link in path.links] == [("win1-made", 10.5)]


def test_what_was_waited_for_is_told_from_what_the_engine_took() -> None:
    line, _ = chain()
    before = waits(line, WAITS)
    assert [(each.kind, each.seconds) for each in before[urn(STEPS, "win1-made")]] == [
        (Kind.WAITING, 10), (Kind.ENGINE, 0.5),
    ]  # fmt: skip


def test_the_summary_says_how_long_how_much_of_it_was_work_and_what_cost_most() -> None:
    line, path = chain()
    first, second, third = summary(line, path)
    assert first == "0:32 for 3 steps, at most 2 at once"
    assert second.startswith("its longest chain has 2 steps, 0:28 of it work on machines and in Kubernetes;")
    assert second.endswith("the run took 1.14 times that")
    assert third == "along the chain: engine 2.5 s, connecting 1.5 s, remote work 28.0 s"
    costliest = "21.0 win1-made engine 0.5, connecting 0.5, remote work 20.0"
    assert table(path)[1].split() == costliest.split()
    assert json.loads(json.dumps(as_json(line, path)))["remote"] == 28


def test_the_picture_shows_every_step_and_frames_the_chain() -> None:
    line, path = chain()
    picture = gantt("up", line, path, {}, ["a line"])
    assert picture.count("<svg") == 1
    rows = {row.split("</title>")[0].rsplit(">", 1)[-1].split(" ")[0]: row for row in picture.split("<g class=")[1:]}
    assert set(rows) == {"cp1-made", "win1-made", "lin1-ready"}
    assert {name for name, row in rows.items() if row.startswith('"chain"')} == {"cp1-made", "win1-made"}


def test_of_very_many_steps_those_of_nodes_off_the_chain_share_a_row() -> None:
    crowd = [event for index in range(60) for name in "abcdefgh" for event in step(f"n{index}-{name}", 0, 0.5, 1)]
    line = run(*CHAIN, *crowd)
    picture = gantt("up", line, critical_path(line, {}), {}, [])
    assert "8 steps" in picture
    assert picture.count("<g class=") < 100

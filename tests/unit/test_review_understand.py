"""What the engine plans, in terms of nodes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plan.effects import Effect
from review.events import SECRET, read_events
from review.markdown import comment
from review.model import Review
from review.understand import understand
from tests.unit.review_events import HIDDEN, STEPS, command, ended, host, planned, said, stream


def review(*events: Any) -> Review:
    return understand("site", read_events(stream([*events, ended()])))


DRAIN = command("confirm-node-ready.sh", "ready", delete="bash .casement/linux/step.sh drain-node.sh 0 ready 720 undo")
ON_CHANGE = {"update": "bash .casement/linux/step.sh drain-for-upgrade.sh 0 drained 600", "stdin": "drain_seconds=77\n"}


@pytest.mark.parametrize(
    ("event", "effects"),
    [
        (planned("delete", STEPS, "win1-ready", DRAIN), (Effect.DRAINS,)),
        (planned("delete", STEPS, "win1-ready", DRAIN, retained=True), ()),
        (planned("create", STEPS, "win1-ready", None, DRAIN), ()),
        (planned("update", STEPS, "win1-drained", ON_CHANGE, ON_CHANGE, diffs=["stdin"]), (Effect.DRAINS,)),
        (planned("create", STEPS, "win1-drained", None, ON_CHANGE), ()),
        (planned("delete", STEPS, "win1-drained", ON_CHANGE), ()),
        (planned("delete-replaced", STEPS, "win1-ready", DRAIN), (Effect.DRAINS,)),
        (planned("same", STEPS, "win1-ready", DRAIN, DRAIN), ()),
    ],
)
def test_a_node_notices_only_what_really_runs(event: Any, effects: tuple[Effect, ...]) -> None:
    (node,) = review(*host("win1"), event).nodes
    assert node.effects == effects


def test_a_step_that_runs_only_on_change_is_idle_for_a_new_node() -> None:
    created = [
        planned("create", STEPS, name, None, given) for name, given in (("w-ready", DRAIN), ("w-drained", ON_CHANGE))
    ]
    (node,) = review(*host("w", "create"), *created).nodes
    assert [(step.name, step.idle) for step in node.steps] == [("ready", False), ("drained", True)]
    assert "+ create `ready`; nothing is run for `drained`" in comment([review(*host("w", "create"), *created)])


def test_a_drain_tells_how_long_pods_may_take() -> None:
    (node,) = review(*host("win1"), planned("update", STEPS, "win1-drained", ON_CHANGE, ON_CHANGE)).nodes
    assert node.drain_seconds == 77


def test_nodes_whose_names_begin_alike_are_not_mixed_up() -> None:
    changed = [planned("update", STEPS, f"{name}-ready", DRAIN, DRAIN) for name in ("win", "win-ready")]
    other = planned("create", "kubernetes:rbac:ClusterRoleBinding", "win-ready-networking", None, {})
    found = review(*host("win"), *host("win-ready"), *changed, other)
    names = {node.name: [step.name for step in node.steps] for node in found.nodes}
    assert names == {"win": ["ready"], "win-ready": ["ClusterRoleBinding win-ready-networking", "ready"]}


def test_a_replacement_is_one_and_groups_are_not_counted() -> None:
    events = [planned(op, "kubernetes:core/v1:ConfigMap", "flannel") for op in _REPLACEMENT]
    found = review(*host("win1", "create"), *events)
    assert found.counts == {"replace": 1}
    assert [step.operation for step in found.shared] == ["replace"]


_REPLACEMENT = ("create-replacement", "replace", "delete-replaced")


def test_a_difference_shows_only_the_lines_that_differ() -> None:
    before, after = command("a.sh", "b", stdin="a=1\nb=2\n"), command("a.sh", "b", stdin="a=1\nb=3\nc=4\n")
    (node,) = review(*host("win1"), planned("update", STEPS, "win1-b", before, after, diffs=["stdin"])).nodes
    assert node.steps[0].difference == ("@@ stdin @@", "-b=2", "+b=3", "+c=4")


def test_of_a_long_line_the_part_that_differs_is_shown() -> None:
    before, after = (command("a.sh", "b", stdin=f"{'x' * 5000}{end}{'y' * 5000}") for end in "12")
    (node,) = review(*host("win1"), planned("update", STEPS, "win1-b", before, after, diffs=["stdin"])).nodes
    _, gone, come = node.steps[0].difference
    assert "x1y" in gone
    assert "x2y" in come
    assert max(len(gone), len(come)) < 220


def test_a_secret_is_hidden_and_debug_messages_are_dropped() -> None:
    before, after = command("a.sh", "b", stdin=HIDDEN), command("a.sh", "b", stdin=HIDDEN)
    leaks = said("debug", "props=fields { value: hunter2 }")
    url = said("warning", "cannot reach https://me:hunter2@example.com")
    found = review(*host("win1"), planned("update", STEPS, "win1-b", before, after, diffs=["stdin"]), leaks, url)
    assert found.nodes[0].steps[0].difference == ("@@ stdin @@", "  (another secret)")
    assert found.warnings == ("cannot reach https://[removed]@example.com",)
    assert "hunter2" not in str(found.as_json())
    assert SECRET not in str(found.as_json())


def test_policies_are_told_with_their_level() -> None:
    policy = {
        "policyName": "no-open-ssh",
        "enforcementLevel": "mandatory",
        "resourceUrn": "urn:pulumi:site::casement::a::win1-ssh",
        "message": "open to the world",
    }
    (found,) = review({"policyEvent": policy}).policies
    assert (found.name, found.level, found.of) == ("no-open-ssh", "mandatory", "win1-ssh")


def test_a_stream_that_breaks_off_is_no_success() -> None:
    events = read_events(stream(host("win1"))[:-1])
    assert not understand("site", events).succeeded


def test_every_worker_removed_is_shouted() -> None:
    found = review(*host("win1", "delete"), *host("lin1", "delete", "linux"))
    assert any("EVERY WORKER" in alarm for alarm in found.alarms)


DOCUMENT = {"Document": "", "Path": r"C:\new"}


def test_a_document_in_a_parameter_is_shown_by_its_lines() -> None:
    before, after = (
        command("a.sh", "b", stdin=json.dumps(DOCUMENT | {"Document": f'a: "1"\nb: {value}\n'})) for value in "23"
    )
    (node,) = review(*host("win1"), planned("update", STEPS, "win1-b", before, after, diffs=["stdin"])).nodes
    assert node.steps[0].difference == ("@@ stdin @@", "-b: 2", "+b: 3")

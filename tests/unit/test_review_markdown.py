"""The comment: whole where there is room, and always short enough."""

from __future__ import annotations

import re

import pytest

from plan.effects import Effect
from review.events import Policy, read_events
from review.markdown import LIMIT, MARKER, comment
from review.model import Node, Review, Step
from review.understand import understand
from tests.unit.review_events import STEPS, command, ended, host, planned, stream

CUT = "parts of this one were left out"


def many_steps(nodes: int, steps: int) -> Review:
    events = []
    for node in range(nodes):
        events += host(f"win{node}")
        for step in range(steps):
            before, after = (command("a.sh", f"step-{step}", stdin=f"v={node}-{step}{end}{'ä' * 300}") for end in "12")
            events.append(planned("update", STEPS, f"win{node}-step-{step}", before, after, diffs=["stdin"]))
    return understand("site", read_events(stream([*events, ended()])))


def test_two_thousand_steps_fit_and_what_was_cut_is_said() -> None:
    review = many_steps(nodes=50, steps=40)
    assert review.counts == {"update": 2000}
    text = comment([review])
    assert len(text.encode()) <= LIMIT
    assert CUT in text
    assert "2000 updates" in text
    assert all(f"**win{node}**" in text for node in range(50)), "every node has its row"


def test_as_much_is_told_as_there_is_room_for() -> None:
    review = many_steps(nodes=3, steps=3)
    assert CUT not in comment([review])
    assert "`step-2`" in comment([review])
    sizes = [len(comment([review], limit=limit).encode()) for limit in (20_000, 6_000, 3_000, 1_000)]
    assert sizes == sorted(sizes, reverse=True)
    assert all(size <= limit for size, limit in zip(sizes, (20_000, 6_000, 3_000, 1_000), strict=True))


def test_two_hundred_environments_fit_with_the_verdict_of_each_or_their_number() -> None:
    node = Node("cp1", "control plane", "changed", (Step("a", "update"),), (Effect.DRAINS,))
    review = Review("e" * 60, True, {"update": 1}, (node,), alarms=("A" * 2000,), errors=("e" * 9000,))
    for count in (20, 200, 2000):
        text = comment([review] * count)
        assert len(text.encode()) <= LIMIT
        assert CUT in text
    assert "more\n" in text


def test_nothing_changes_is_one_line() -> None:
    text = comment([Review("site", True)])
    assert text == f"{MARKER}\n## What this change does\n\n- **`site`**: nothing changes\n"


def test_no_environment_is_said_and_notes_are_kept() -> None:
    text = comment([], ["`new`: not looked at"])
    assert "No environment is touched." in text
    assert "- `new`: not looked at" in text


def test_a_new_node_interrupts_nobody_and_one_that_is_drained_does() -> None:
    new = Node("win3", "Windows", "new", (Step("a", "create"),), (Effect.RESTARTS, Effect.CUT))
    assert "restart: win3 (new) · drained: none · interruption: none expected" in comment(
        [Review("site", True, {"create": 1}, (new,))]
    )
    old = Node("win1", "Windows", "changed", (Step("a", "update"),), (Effect.DRAINS, Effect.CUT), drain_seconds=300)
    text = comment([Review("site", True, {"update": 1}, (old,))])
    assert "drained: win1 · interruption: the pods of 1 node, once each" in text
    assert "its pods are moved to other nodes, within 300 s; off the network" in text


@pytest.mark.parametrize("text", ["```\nfence", "</details>", "| cell |", "````"])
def test_what_others_say_does_not_break_out_of_its_place(text: str) -> None:
    policy = Policy("name", "mandatory", "win1", text)
    review = Review("site", False, {"update": 1}, errors=(text,), policies=(policy,))
    shown = comment([review])
    opened = re.search(r"^> (`{3,})text$", shown, re.MULTILINE)
    assert opened is not None
    assert opened[1] not in text
    (row,) = (line for line in shown.splitlines() if line.startswith("| mandatory"))
    assert row.replace("\\|", "").count("|") == 5
    assert "</details>" not in row


def test_a_policy_that_forbids_a_change_is_in_the_verdict() -> None:
    policies = (Policy("no-open-ssh", "mandatory", "win1", "open"), Policy("advice", "advisory", "win1", "better not"))
    text = comment([Review("site", False, {"create": 1}, errors=("preview failed",), policies=policies)])
    assert "- **`site`**: ❌ **forbidden by policy** no-open-ssh\n" in text
    assert "> **Forbidden by policy**" in text
    assert "| advisory | advice | `win1` | better not |" in text


def test_alarms_errors_and_failed_previews_are_shouted() -> None:
    text = comment([Review("site", False, alarms=("THE CONTROL PLANE IS REPLACED",))])
    assert "> [!CAUTION]\n> THE CONTROL PLANE IS REPLACED" in text
    assert "❌ **the preview failed**" in text
    assert "did not come to its end" in text

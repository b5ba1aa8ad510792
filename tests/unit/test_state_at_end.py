"""When the state may be written at the end of a run: only where everything could be found again."""

from __future__ import annotations

from typing import Any

import pytest

from review.events import read_events
from review.state_at_end import MANY, lost_if_killed, worth_it
from review.understand import understand
from tests.unit.review_events import HIDDEN, STEPS, command, ended, host, planned, stream

BINDING = "casement:cluster:WindowsNode$kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding"
NEW = [
    *host("win1", "create"),
    planned("create", STEPS, "win1-joined", None, command("join-node.sh", "joined")),
    planned("create", BINDING, "win1-networking", None, {}),
]
PROOF = planned(
    "update",
    "casement:cluster:Verification$command:remote:Command",
    "cluster-cluster-verified",
    command("verify-cluster.sh", "cluster-verified", stdin="node_names=(cp1)\n"),
    command("verify-cluster.sh", "cluster-verified", stdin="node_names=(cp1 win1)\n"),
    diffs=["stdin"],
)


def lost(*events: dict[str, Any]) -> list[str]:
    return lost_if_killed(read_events(stream([*NEW, *events, ended()])))


def test_new_steps_and_objects_are_found_again_and_the_cluster_may_be_proven_again() -> None:
    assert lost(PROOF) == []


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (
            planned("create", "azure-native:compute:VirtualMachine", "win2", None, {}),
            "win2 would be made a second time",
        ),
        (planned("create", "gcp:compute/instance:Instance", "win2", None, {}), "win2 would be made a second time"),
        (planned("delete", STEPS, "win2-joined", command("join-node.sh", "joined")), "win2-joined is taken back"),
        (planned("delete-replaced", STEPS, "a", command("join-node.sh", "a")), "a is taken back or replaced"),
        (planned("create-replacement", STEPS, "a", None, command("join-node.sh", "a")), "a is taken back or replaced"),
        (
            planned(
                "update",
                STEPS,
                "win2-drained",
                {"connection": HIDDEN, "update": "bash .casement/linux/step.sh drain-for-upgrade.sh 00 drained 9"},
                {"connection": HIDDEN, "update": "bash .casement/linux/step.sh drain-for-upgrade.sh 01 drained 9"},
                diffs=["update"],
            ),
            "win2-drained is for machines that are in use (drains)",
        ),
    ],
)
def test_what_would_be_lost_is_named(event: dict[str, Any], why: str) -> None:
    (told,) = lost(PROOF, event)
    assert told.startswith(why)


def test_it_is_worth_it_only_for_many_new_resources() -> None:
    def worth(steps: int, *events: dict[str, Any]) -> bool:
        many = [planned("create", STEPS, f"win1-{each}", None, command("a.sh", str(each))) for each in range(steps)]
        found = read_events(stream([*host("win1", "create"), *many, *events, ended()]))
        return worth_it(understand("site", found), found)

    assert worth(MANY)
    assert not worth(MANY - 1)
    assert not worth(MANY, planned("delete", STEPS, "win2-joined", command("join-node.sh", "joined")))

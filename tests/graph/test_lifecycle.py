"""Nodes that are taken over, and nodes whose machines are gone: what is asked for, and what waits for what."""

from __future__ import annotations

import itertools

from tests.graph.conftest import BASE, Deploy
from tests.graph.test_program import ancestors, commands

ONE, TWO = BASE["windowsNodes"]
ADOPTING = [ONE | {"adopt": True}, TWO | {"adopt": True, "formerName": "old-two"}]
GONE = [ONE | {"gone": True}, TWO]


def test_a_former_node_is_drained_before_anything_of_it_is_ended_and_then_prepared(deploy: Deploy) -> None:
    recorder = deploy(windowsNodes=ADOPTING)
    order = ["preflight-passed", "former-node-reported", "former-node-drained", "former-node-stopped"]
    order += ["former-node-deleted", "former-node-put-away", "containers-feature-installed"]
    for earlier, later in itertools.pairwise(order):
        assert f"win1-{earlier}" in ancestors(recorder, f"win1-{later}")


def test_former_nodes_are_taken_over_one_after_the_other(deploy: Deploy) -> None:
    recorder = deploy(windowsNodes=ADOPTING)
    assert "win1-ready" in ancestors(recorder, "win2-former-node-drained")
    assert "win1-ready" not in ancestors(recorder, "win2-former-node-reported"), "looking need not wait"
    assert "win1-ready" not in ancestors(deploy(), "win2-ready"), "others are made at once"


def test_a_former_node_is_drained_by_the_control_plane_under_its_former_name_if_there_is_one(deploy: Deploy) -> None:
    found = commands(deploy(windowsNodes=ADOPTING))
    for step in ("former-node-drained", "former-node-deleted"):
        asked = found[f"win2-{step}"].inputs
        assert asked["connection"]["value"]["host"] == "10.77.0.11"
        assert "node=old-two\n" in asked["stdin"]
        assert "former=true\n" in asked["stdin"]


def test_without_the_mark_only_the_look_at_the_machine_is_another(deploy: Deploy) -> None:
    with_mark, without = commands(deploy(windowsNodes=ADOPTING)), commands(deploy())
    assert {name for name in set(with_mark) - set(without) if "-former-node-" not in name} == set()
    changed = {name for name in without if without[name].inputs != with_mark[name].inputs}
    # Who had another name is looked for under its own now.
    assert changed == {"win1-preflight-passed", "win2-preflight-passed", "win2-underlay-proven"}


def test_of_a_machine_that_is_gone_nothing_is_asked_now_or_later(deploy: Deploy) -> None:
    found = commands(deploy(windowsNodes=GONE))
    left = [each for name, each in found.items() if name.startswith("win1-") and name != "win1-forgotten"]
    assert len(left) > 10
    for each in left:
        assert not {"create", "update", "delete"} & set(each.inputs)
        assert each.retained
        assert {"connection", "create", "update", "delete", "stdin"} <= each.ignored
    assert not any(each.retained for name, each in found.items() if name.startswith("win2-"))


def test_the_cluster_lets_go_of_a_node_that_is_gone_and_is_proven_without_it(deploy: Deploy) -> None:
    recorder = deploy(windowsNodes=GONE)
    found = commands(recorder)
    assert found["win1-forgotten"].inputs["connection"]["value"]["host"] == "10.77.0.11"
    assert "win1-forgotten" in ancestors(recorder, "cluster-cluster-verified")
    assert "node_names=(cp1 lin1 win2)\n" in found["cluster-cluster-verified"].inputs["stdin"]
    assert "win1-scripts" not in {each.name for each in recorder.resources.values()}

"""The graph of the whole program: what it asks for, what waits for what, and what is a secret."""

from __future__ import annotations

import itertools
from typing import Any

import pulumi
import pytest

from tests.graph.conftest import BASE, Deploy
from tests.graph.engine import Recorder, is_secret

COMMAND = "command:remote:Command"


def commands(recorder: Recorder) -> dict[str, Any]:
    return {each.name: each for each in recorder.resources.values() if each.type == COMMAND}


def ancestors(recorder: Recorder, name: str) -> set[str]:
    """Return every resource that must be there before this one, by name."""
    by_name: dict[str, set[str]] = {}
    for each in recorder.resources.values():
        by_name.setdefault(each.name, set()).update(each.waits_for)
    found: set[str] = set()
    open_names = set(by_name[name])
    while open_names:
        one = open_names.pop()
        if one not in found:
            found.add(one)
            open_names |= by_name.get(one, set())
    return found


def test_a_linux_worker_takes_its_steps_in_order(deploy: Deploy) -> None:
    recorder = deploy()
    order = [
        "lin1-workspace",
        "lin1-scripts",
        "lin1-preflight-passed",
        "lin1-underlay-proven",
        "lin1-host-packages-present",
        "lin1-kernel-set",
        "lin1-swap-off",
        "lin1-containerd-running",
        "lin1-node-binaries-verified",
        "lin1-images-present",
        "lin1-credential-requested",
        "lin1-credential-issued",
        "lin1-joined",
        "lin1-registered",
        "lin1-ready",
    ]
    for earlier, later in itertools.pairwise(order):
        assert earlier in ancestors(recorder, later), f"{later} does not wait for {earlier}"


def test_steps_are_children_of_the_component_that_they_serve(deploy: Deploy) -> None:
    recorder = deploy()
    components = {each.name for each in recorder.resources.values() if each.type.startswith("casement:")}
    parents = {name: each.parent for name, each in commands(recorder).items()}
    assert parents["win1-workspace"] == "win1"
    assert parents["win1-underlay-proven"] == "win1-preflight"
    assert parents["win1-joined"] == parents["win1-credential-issued"] == "win1-membership"
    assert parents["win1-kube-proxy-running"] == parents["win1-ready"] == "win1-node"
    assert set(parents.values()) <= components


def test_a_windows_node_takes_its_steps_in_order(deploy: Deploy) -> None:
    recorder = deploy()
    order = [
        "win1-workspace",
        "win1-scripts",
        "win1-preflight-passed",
        "win1-underlay-answering",
        "win1-underlay-proven",
        "win1-underlay-released",
        "win1-containers-feature-installed",
        "win1-restarted",
        "win1-restart-proven",
        "win1-containerd-running",
        "win1-node-binaries-verified",
        "win1-images-present",
        "win1-firewall-open",
        "win1-kubelet-service-registered",
        "win1-credential-requested",
        "win1-credential-issued",
        "win1-joined",
        "win1-registered",
        "win1-flannel-installed",
        "win1-flannel-started",
        "win1-flannel-announced",
        "win1-kube-proxy-running",
        "win1-ready",
    ]
    for earlier, later in itertools.pairwise(order):
        assert earlier in ancestors(recorder, later), f"{later} does not wait for {earlier}"


def test_machines_are_prepared_without_waiting_for_each_other_and_only_the_join_waits(deploy: Deploy) -> None:
    recorder = deploy()
    prepared = ancestors(recorder, "win1-kubelet-service-registered")
    assert {name for name in prepared if not name.startswith("win1-")} == {"cp1-workspace", "cp1-scripts"}
    assert "cp1-kubeconfig-read" in ancestors(recorder, "win1-joined")
    assert "win2-joined" not in ancestors(recorder, "win1-ready")


def test_a_node_is_ready_only_after_flannel_is_rolled_out(deploy: Deploy) -> None:
    recorder = deploy()
    (daemon_set,) = (each for each in recorder.resources.values() if each.type == "kubernetes:apps/v1:DaemonSet")
    for name in ("lin1-ready", "win1-ready"):
        assert daemon_set.name in ancestors(recorder, name)


def test_the_verification_is_last(deploy: Deploy) -> None:
    recorder = deploy()
    before = ancestors(recorder, "cluster-cluster-verified")
    assert set(commands(recorder)) - before == {"cluster-cluster-verified"}


def test_what_changes_the_cluster_runs_on_the_control_plane_and_nothing_else_does(deploy: Deploy) -> None:
    hosts = {name: each.inputs["connection"]["value"]["host"] for name, each in commands(deploy()).items()}
    for step in ("underlay-proven", "credential-issued", "registered", "ready", "flannel-announced"):
        assert hosts[f"win1-{step}"] == "10.77.0.11"
    for step in (
        "underlay-answering",
        "credential-requested",
        "joined",
        "flannel-started",
        "kube-proxy-running",
        "containerd-running",
    ):
        assert hosts[f"win1-{step}"] == "10.77.0.21"


def test_every_connection_checks_the_host_key_and_is_a_secret(deploy: Deploy) -> None:
    for each in commands(deploy()).values():
        assert is_secret(each.inputs["connection"])
        assert each.inputs["connection"]["value"]["hostKey"].startswith("ssh-ed25519 ")


def test_what_a_node_asks_for_and_gets_goes_from_step_to_step(deploy: Deploy) -> None:
    found = commands(deploy())
    for name in ("lin1", "win1"):
        assert f"request of {name}" in found[f"{name}-credential-issued"].inputs["stdin"]
        assert "the certificate" in found[f"{name}-joined"].inputs["stdin"]
        assert "the authority" in found[f"{name}-joined"].inputs["stdin"]


def test_what_prints_a_secret_is_a_secret_itself(deploy: Deploy) -> None:
    """The plugin takes the output of a secret command for a secret, and keeps it out of the engine's verbose log."""
    found = commands(deploy())
    secret = {name for name, each in found.items() if is_secret(each.inputs.get("create") or each.inputs["update"])}
    assert secret == {"cp1-kubeconfig-read"}


def test_no_step_prints_its_standard_output(deploy: Deploy) -> None:
    assert {each.inputs["logging"] for each in commands(deploy()).values()} <= {"stderr", "none"}


def test_parameters_that_are_no_secret_show_in_a_preview(deploy: Deploy) -> None:
    stdin = commands(deploy())["win1-containerd-running"].inputs["stdin"]
    assert isinstance(stdin, str)
    assert "containerd-2.3.4-windows-amd64.tar.gz" in stdin


def test_names_do_not_depend_on_the_place_in_the_file(deploy: Deploy) -> None:
    both = commands(deploy())
    only_second = commands(deploy(windowsNodes=BASE["windowsNodes"][1:]))
    assert set(both) - set(only_second) == {name for name in both if name.startswith("win1-")}
    changed = {name for name in only_second if only_second[name].inputs != both[name].inputs}
    assert changed == {"cluster-cluster-verified"}


def test_a_changed_setting_of_one_windows_node_touches_only_that_node(deploy: Deploy) -> None:
    first, second = BASE["windowsNodes"]
    before = commands(deploy())
    after = commands(deploy(windowsNodes=[first, second | {"logFolder": r"D:\logs"}]))
    changed = {name for name in after if after[name].inputs != before[name].inputs}
    assert "win2-kubelet-service-registered" in changed
    assert {name.split("-")[0] for name in changed} == {"win2", "cluster"}


def test_an_existing_cluster_is_joined_and_not_made(deploy: Deploy) -> None:
    recorder = deploy(
        controlPlane={"name": "cp1", "address": "10.77.0.11", "existing": True},
        existingFlannel=[{"namespace": "kube-system", "name": "kube-flannel-ds-amd64"}],
    )
    own = {name for name in commands(recorder) if name.startswith("cp1-")}
    assert own == {"cp1-workspace", "cp1-kubeconfig-read"}
    patches = {each.name for each in recorder.resources.values() if each.type.endswith(":DaemonSetPatch")}
    assert patches == {"kube-flannel-ds-amd64", "kube-proxy"}
    assert not [each for each in recorder.resources.values() if each.type == "kubernetes:apps/v1:DaemonSet"]


def test_each_windows_node_may_see_what_its_network_needs_as_itself_only(deploy: Deploy) -> None:
    recorder = deploy()
    binding = recorder.resources["kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding::win1-networking"]
    assert [subject["name"] for subject in binding.inputs["subjects"]] == ["system:node:win1"]
    assert binding.inputs["roleRef"]["name"] == "system:node-proxier"


def test_flannel_is_kept_on_linux_and_so_is_kube_proxy(deploy: Deploy) -> None:
    recorder = deploy()
    found = {each.name: each for each in recorder.resources.values() if "DaemonSet" in each.type}
    for name in ("flannel", "kube-proxy"):
        assert found[name].inputs["spec"]["template"]["spec"]["nodeSelector"] == {"kubernetes.io/os": "linux"}


def test_the_outputs_show_what_was_proven(deploy: Deploy) -> None:
    outputs = deploy().outputs
    assert outputs["nodes"] == {"win1": "windows at 10.77.0.21"}


def test_the_outputs_show_the_cluster_that_is_asked_for(deploy: Deploy) -> None:
    cluster = deploy().outputs["cluster"]
    assert cluster["madeWith"]["podCidr"] == "10.244.0.0/16"
    assert cluster["nodes"]["win1"] == {"system": "windows", "address": "10.77.0.21", "source": "onPremises"}
    assert set(cluster["nodes"]) == {"cp1", "lin1", "win1", "win2"}


def test_the_outputs_show_what_was_found_before_anything_was_changed(deploy: Deploy) -> None:
    outputs = deploy().outputs
    assert set(outputs["preflight"]) == {"cp1", "lin1", "win1", "win2"}
    assert outputs["preflight"]["win1"]["underlay"]["clockOffsetMs"] == -1500
    assert "underlay" not in outputs["preflight"]["cp1"]
    assert "win1: the computer is named WIN-7" in outputs["preflightTable"].splitlines()


def test_the_outputs_show_the_cluster_as_tables_and_as_a_picture(deploy: Deploy) -> None:
    outputs = deploy().outputs
    (line,) = (each for each in outputs["nodesTable"].splitlines() if each.startswith("win1 "))
    for part in ("Windows", "10.77.0.21", "10.244.3.0/24", "Windows Server 2022", "20348.2340", "containerd"):
        assert f" {part} " in f"{line} "
    assert "pod-range" in outputs["checksTable"]
    assert "10.244.3.0/24" in outputs["diagram"]


def test_what_is_too_long_for_the_list_of_outputs_is_folded_and_nothing_else(deploy: Deploy) -> None:
    recorder = deploy()
    assert recorder.folded == {"checks", "diagram", "kubeconfig", "machines", "preflight"}
    for name in ("nodesTable", "checksTable", "preflightTable"):
        assert max(map(len, recorder.outputs[name].splitlines())) < 200, name


def test_what_people_are_shown_holds_no_secret(deploy: Deploy) -> None:
    outputs = deploy().outputs
    secrets = [line for line in outputs["kubeconfig"].splitlines() if line]
    assert secrets
    for name in ("nodesTable", "checksTable", "preflightTable", "diagram"):
        assert not [line for line in (*secrets, "PRIVATE KEY", "hostKey") if line in outputs[name]]


def test_a_preview_before_anything_exists_names_the_same_resources(deploy: Deploy) -> None:
    assert set(deploy(preview=True).resources) == set(deploy().resources)


def test_a_repair_changes_the_input_of_its_step_and_of_the_proof_only(deploy: Deploy) -> None:
    before = {name: each.inputs for name, each in commands(deploy()).items()}
    after = commands(deploy(repairs={"win1-firewall-open": "2026-11-24 firewall casement-vxlan"}))
    changed = {name for name, each in after.items() if each.inputs != before[name]}
    assert changed == {"win1-firewall-open", "cluster-cluster-verified"}
    stdin = after["win1-firewall-open"].inputs["stdin"]
    assert '"repair": "2026-11-24 firewall casement-vxlan"' in stdin
    assert (
        stdin.replace(',\n "repair": "2026-11-24 firewall casement-vxlan"', "") == before["win1-firewall-open"]["stdin"]
    )


def test_a_repair_of_no_step_ends_the_program_before_anything_is_registered(deploy: Deploy) -> None:
    with pytest.raises(pulumi.RunError, match=r"repairs\.win9-firewall-open"):
        deploy(repairs={"win9-firewall-open": "gone"})


UPGRADE = ("upgrade-staged", "drained", "upgrade-activated", "in-service")


def test_the_steps_of_an_upgrade_run_only_when_they_are_given_something_else(deploy: Deploy) -> None:
    found = commands(deploy())
    of_upgrades = {name for name, each in found.items() if "create" not in each.inputs}
    assert of_upgrades == {f"{node}-{step}" for node in ("cp1", "lin1", "win1", "win2") for step in UPGRADE} | {
        "cp1-control-plane-upgraded"
    }
    for name in of_upgrades:
        assert found[name].inputs["update"]
        assert "delete" not in found[name].inputs


def test_the_control_plane_is_upgraded_first_and_then_one_worker_after_the_other(deploy: Deploy) -> None:
    recorder = deploy()
    order = [
        "cp1-upgrade-staged",
        "cp1-control-plane-upgraded",
        "cp1-drained",
        "cp1-upgrade-activated",
        "cp1-in-service",
        *(f"{node}-{step}" for node in ("lin1", "win1", "win2") for step in UPGRADE[1:]),
        "cluster-cluster-verified",
    ]
    for earlier, later in itertools.pairwise(order):
        assert earlier in ancestors(recorder, later), f"{later} does not wait for {earlier}"
    for node in ("lin1", "win1", "win2"):
        # New programs are fetched everywhere at once, and a new node joins a control plane that is upgraded.
        assert {name for name in ancestors(recorder, f"{node}-upgrade-staged") if name.endswith("in-service")} == {
            "cp1-in-service"
        }
        assert "cp1-in-service" in ancestors(recorder, f"{node}-joined")
        assert f"{node}-ready" in ancestors(recorder, f"{node}-upgrade-staged")


def test_as_many_workers_are_upgraded_at_once_as_may_be_unavailable(deploy: Deploy) -> None:
    recorder = deploy(upgrade={"maxUnavailable": 2})
    before = {
        node: {name.split("-")[0] for name in ancestors(recorder, f"{node}-drained") if name.endswith("-in-service")}
        for node in ("lin1", "win1", "win2")
    }
    assert before == {"lin1": {"cp1"}, "win1": {"cp1"}, "win2": {"cp1", "lin1"}}


def test_pods_are_sent_away_from_the_control_plane_and_programs_exchanged_on_the_node(deploy: Deploy) -> None:
    hosts = {name: each.inputs["connection"]["value"]["host"] for name, each in commands(deploy()).items()}
    on = {step: hosts[f"win1-{step}"] for step in UPGRADE}
    assert on == {
        "upgrade-staged": "10.77.0.21",
        "drained": "10.77.0.11",
        "upgrade-activated": "10.77.0.21",
        "in-service": "10.77.0.11",
    }


def test_flannel_on_linux_is_changed_only_when_the_api_is_there_again(deploy: Deploy) -> None:
    recorder = deploy()
    (daemon_set,) = (each for each in recorder.resources.values() if each.type == "kubernetes:apps/v1:DaemonSet")
    assert "cp1-in-service" in ancestors(recorder, daemon_set.name)


def test_the_control_plane_of_an_existing_cluster_is_not_upgraded(deploy: Deploy) -> None:
    recorder = deploy(controlPlane={"name": "cp1", "address": "10.77.0.11", "existing": True})
    assert {name for name in commands(recorder) if name.endswith(("-in-service", "-upgraded"))} == {
        f"{node}-in-service" for node in ("lin1", "win1", "win2")
    }


def test_each_windows_build_has_a_runtime_class_where_there_are_windows_nodes(deploy: Deploy) -> None:
    def classes(recorder: Recorder) -> dict[str, Any]:
        kind = "kubernetes:node.k8s.io/v1:RuntimeClass"
        return {each.name: each.inputs for each in recorder.resources.values() if each.type == kind}

    found = classes(deploy())
    selectors = {name: each["scheduling"]["nodeSelector"] for name, each in found.items()}
    assert {name: each["node.kubernetes.io/windows-build"] for name, each in selectors.items()} == {
        "windows-2022": "10.0.20348",
        "windows-2025": "10.0.26100",
    }
    for each in found.values():
        assert each["handler"] == "runhcs-wcow-process"
        assert each["scheduling"]["tolerations"] == [
            {"key": "os", "operator": "Equal", "value": "windows", "effect": "NoSchedule"}
        ]
    assert not classes(deploy(windowsNodes=[]))

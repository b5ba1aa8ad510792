"""The order in which nodes get other versions, and what their steps are given."""

from __future__ import annotations

import pytest
import yaml

from config.settings import Settings
from plan.upgrade import NodeUpgrade, control_plane_upgrade, predecessors, worker_upgrades
from tests.unit.example_site import Site
from tests.windows import sample

NAMES = ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize("width", [1, 2, 3, 9])
def test_never_more_nodes_are_under_way_than_the_width(width: int) -> None:
    before = predecessors(NAMES, width)
    done: set[str] = set()
    finished: list[str] = []
    while len(done) < len(NAMES):
        under_way = [name for name in NAMES if name not in done and before[name] in done | {None}]
        assert 1 <= len(under_way) <= width
        # Any of them may be the next to finish: the last one is the worst case.
        done.add(under_way[-1])
        finished.append(under_way[-1])
    assert sorted(finished) == NAMES


def upgrades(site: Site, **changes: object) -> tuple[Settings, list[NodeUpgrade]]:
    configuration = site.parse(**changes)
    settings, downloads = configuration.settings, configuration.downloads
    return settings, [control_plane_upgrade(settings, downloads), *worker_upgrades(settings, downloads)]


def test_linux_workers_come_before_windows_nodes(site: Site) -> None:
    _, found = upgrades(site)
    assert [(each.name, each.after) for each in found] == [
        ("cp1", None), ("lin1", None), ("win1", "lin1"), ("win2", "win1"),
    ]  # fmt: skip


def test_every_step_runs_only_on_a_change(site: Site) -> None:
    _, found = upgrades(site)
    for each in found:
        steps = (*each.staging, *each.cluster, *each.draining, *each.activating, *each.returning)
        assert len(steps) == (5 if each.name == "cp1" else 4)
        assert all(step.only_on_change and not step.undo and not step.secret_output for step in steps)


def test_a_drain_may_take_as_long_as_pods_may(site: Site) -> None:
    _, (head, *_) = upgrades(site, upgrade={"drainSeconds": 1200})
    (drained,) = head.draining
    assert drained.parameters["drain_seconds"] == 1200
    assert drained.time_limit > 1200


def test_kubeadm_is_told_the_version_and_what_to_pass_over(site: Site) -> None:
    _, (head, *_) = upgrades(site, ignorePreflightErrors=["NumCPU"])
    document = yaml.safe_load(str(head.cluster[0].parameters["configuration"]))
    assert document["kind"] == "UpgradeConfiguration"
    assert document["apply"] == {"kubernetesVersion": "v1.36.4", "ignorePreflightErrors": ["NumCPU"]}
    assert document["plan"] == document["node"] == {"ignorePreflightErrors": ["NumCPU"]}


def test_kubeadm_keeps_our_patches_of_kubelet_on_windows() -> None:
    step = sample.steps(sample.settings())["upgrade-activated"]
    assert yaml.safe_load(str(step.parameters["Configuration"]))["node"]["patches"] == {"directory": r"C:\k\patches"}


def test_the_runtime_of_a_node_decides_which_programs_are_exchanged() -> None:
    def names(settings: Settings) -> set[str]:
        lines = sample.steps(settings)["upgrade-staged"].parameters["Programs"]
        assert isinstance(lines, tuple)
        return {line.split("|")[0] for line in lines}

    both = {"crictl", "cni-plugins", "kubelet", "kubeadm", "kubectl", "kube-proxy", "kube-log-runner", "flanneld"}
    both |= {"flannel-cni"}
    assert names(sample.settings()) == both | {"containerd"}
    assert names(sample.docker()) == both | {"docker", "cri-dockerd"}


def test_another_digest_of_the_same_version_is_an_upgrade_for_every_step_of_it(site: Site) -> None:
    _, before = upgrades(site)
    pins = site.folder / "downloads.yaml"
    text = pins.read_text()
    pins.write_text("".join(
        line.replace("0" * 64, "1" * 64) if "kubelet.exe" in line else line for line in text.splitlines(keepends=True)
    ))  # fmt: skip
    _, after = upgrades(site)
    changed = {
        old.name
        for old, new in zip(before, after, strict=True)
        for kind in ("staging", "draining", "activating", "returning")
        if getattr(old, kind) != getattr(new, kind)
    }
    assert changed == {"win1", "win2"}
    assert all(getattr(before[2], kind) != getattr(after[2], kind) for kind in ("draining", "returning"))

"""What is found to have drifted in the cluster, by its objects."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from operations.cluster_drift import cluster_findings, stray_daemon_sets
from operations.drift import standing_steps
from operations.findings import Finding
from operations.kube import Api
from plan.cluster import plan_cluster
from plan.repairs import named_steps
from tests.unit.example_site import Site


class FakeApi(Api):
    """A cluster that is as the program makes it, and can be changed."""

    def __init__(self, site: Site) -> None:
        self.settings = site.parse().settings
        self.network = plan_cluster(site.parse()).network
        self.nodes = {node.name: self._node(node.name, node.os, str(node.address)) for node in self.settings.nodes}
        flannel = self.network.flannel
        assert flannel is not None
        self.sets = {
            "kube-flannel/kube-flannel-ds": json.loads(json.dumps(flannel.spec)),
            "kube-system/kube-proxy": {"template": {"spec": {"nodeSelector": {"kubernetes.io/os": "linux"}}}},
        }
        self.data = dict(flannel.config_data)
        self.bindings = [f"casement-networking-{node.name}" for node in self.settings.windows_nodes]

    def _node(self, name: str, system: str, address: str) -> dict[str, Any]:
        announced = {
            "backend-type": "vxlan",
            "backend-data": json.dumps({"VNI": self.settings.vni, "VtepMAC": "0e:2a:0a:f4:01:00"}),
            "public-ip": address,
        }
        taints = [{"key": "os", "value": "windows", "effect": "NoSchedule"}] if system == "windows" else []
        return {
            "metadata": {
                "name": name,
                "labels": {"kubernetes.io/os": system},
                "annotations": {f"flannel.alpha.coreos.com/{key}": value for key, value in announced.items()},
            },
            "spec": {"taints": taints},
            "status": {"addresses": [{"type": "InternalIP", "address": address}]},
        }

    def items(self, path: str) -> list[dict[str, Any]]:
        if path.endswith("/nodes"):
            return list(self.nodes.values())
        if path.endswith("/daemonsets"):
            return [
                {"metadata": dict(zip(("namespace", "name"), name.split("/"), strict=True)), "spec": spec}
                for name, spec in self.sets.items()
            ]
        if path.endswith("/configmaps"):
            return [{"metadata": {"name": "kube-flannel-cfg"}, "data": self.data}]
        return [{"metadata": {"name": name}} for name in self.bindings]

    def found(self) -> list[Finding]:
        return list(cluster_findings(self, self.settings, self.network))


def test_a_cluster_that_is_as_it_was_made_has_not_drifted(site: Site) -> None:
    assert FakeApi(site).found() == []


def test_what_is_changed_in_the_cluster_is_found(site: Site) -> None:
    api = FakeApi(site)
    annotations = api.nodes["win1"]["metadata"]["annotations"]
    annotations["flannel.alpha.coreos.com/backend-data"] = '{"VNI":1,"VtepMAC":"0e:2a:0a:f4:01:00"}'
    api.nodes["lin1"]["metadata"]["annotations"]["flannel.alpha.coreos.com/public-ip"] = "10.0.0.9"
    api.nodes["cp1"]["metadata"]["annotations"].pop("flannel.alpha.coreos.com/backend-type")
    api.nodes["win2"]["spec"]["taints"] = []
    api.nodes["win1"]["metadata"]["labels"] = {}
    api.data["net-conf.json"] = api.data["net-conf.json"].replace("4096", "4100")
    api.sets["kube-flannel/kube-flannel-ds"]["template"]["spec"]["containers"][0]["args"] = ["--ip-masq"]
    api.sets["kube-system/kube-proxy"]["template"]["spec"]["nodeSelector"] = {}
    api.bindings.remove("casement-networking-win2")
    found = {(each.place, each.kind, each.name.split(" ")[-1]): each for each in api.found()}
    assert {key: each.repair for key, each in found.items()} == {
        ("cp1", "annotation", "flannel.alpha.coreos.com/backend-type"): None,
        ("lin1", "annotation", "flannel.alpha.coreos.com/public-ip"): "lin1-ready",
        ("win1", "annotation", "flannel.alpha.coreos.com/backend-data"): "win1-flannel-started",
        ("win1", "label", "kubernetes.io/os"): "win1-ready",
        ("win2", "taint", "os"): "win2-ready",
        ("cluster", "configmap", "net-conf.json"): None,
        ("cluster", "daemonset", "spec.template.spec.containers[0].args"): None,
        ("cluster", "daemonset", "nodeSelector"): None,
        ("cluster", "clusterrolebinding", "casement-networking-win2"): None,
    }
    assert all(each.repair or each.remedy for each in found.values())
    assert {each.repair for each in found.values() if each.repair} <= set(named_steps(plan_cluster(site.parse())))


def test_a_node_that_is_gone_is_found(site: Site) -> None:
    api = FakeApi(site)
    del api.nodes["win1"]
    assert [(each.kind, each.name, each.found) for each in api.found()] == [("node", "win1", "absent")]


def daemon_set(name: str, **pod: object) -> dict[str, Any]:
    return {"metadata": {"namespace": "monitoring", "name": name}, "spec": {"template": {"spec": pod}}}


def strays(*sets: dict[str, Any]) -> Sequence[str]:
    return [each.name for each in stray_daemon_sets(sets)]


def test_nothing_is_missed_of_a_node_whose_machine_is_gone_for_the_stack_file_too(site: Site) -> None:
    nodes = site.values()["windowsNodes"]
    gone = site.parse(windowsNodes=[nodes[0], nodes[1] | {"gone": True}])
    api = FakeApi(site)
    del api.nodes["win2"]
    assert list(cluster_findings(api, gone.settings, api.network)) == []
    steps = standing_steps(plan_cluster(gone), gone.settings)
    assert "win1-joined" in steps
    assert not [name for name in steps if name.startswith("win2-")]


def test_a_daemon_set_that_would_run_on_windows_nodes_is_found_with_its_patch() -> None:
    everywhere = [{"operator": "Exists"}]
    on_linux = {"matchExpressions": [{"key": "kubernetes.io/os", "operator": "In", "values": ["linux"]}]}
    affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [on_linux]}}}
    assert strays(
        daemon_set("exporter", tolerations=everywhere),
        daemon_set("for-windows", tolerations=[{"key": "os", "operator": "Equal", "value": "windows"}]),
        daemon_set("no-toleration"),
        daemon_set("other-taint", tolerations=[{"key": "gpu", "operator": "Exists"}]),
        daemon_set("other-effect", tolerations=[{"operator": "Exists", "effect": "NoExecute"}]),
        daemon_set("selector", tolerations=everywhere, nodeSelector={"kubernetes.io/os": "linux"}),
        daemon_set("field", tolerations=everywhere, os={"name": "linux"}),
        daemon_set("affinity", tolerations=everywhere, affinity=affinity),
    ) == ["monitoring/exporter", "monitoring/for-windows"]
    (found,) = stray_daemon_sets([daemon_set("exporter", tolerations=everywhere)])
    assert found.remedy == (
        "kubectl -n monitoring patch daemonset exporter -p "
        '\'{"spec": {"template": {"spec": {"nodeSelector": {"kubernetes.io/os": "linux"}}}}}\''
    )

"""The stand-in for the kubernetes provider against a real API server, called over gRPC."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from lab.providers.kubernetes import KubernetesProvider
from lab.providers.values import UNKNOWN, Secret, plain
from tests.engine.kube_cluster import Cluster
from tests.engine.stand_in import CallError, StandIn, stand_in

CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
DAEMON_SET = "kubernetes:apps/v1:DaemonSet"


@pytest.fixture
def provider(kube: Cluster) -> Iterator[StandIn]:
    with stand_in(KubernetesProvider(), CONFIG_MAP) as running:
        running.configure({"kubeconfig": Secret(kube.kubeconfig), "enableConfigMapMutable": "true"})
        yield running


def config_map(name: str, **data: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": "default"},
        "data": data,
    }


def daemon_set(name: str, **annotations: str) -> dict[str, Any]:
    labels = {"app": name}
    containers = [{"name": "main", "image": "x", "resources": {"requests": {"cpu": "0.5", "memory": "1024Mi"}}}]
    return {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": name, "namespace": "default", "annotations": annotations},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": containers, "hostNetwork": False, "nodeSelector": {"kubernetes.io/os": "linux"}},
            },
        },
    }


def managers(kube: Cluster, path: str) -> set[tuple[str, str]]:
    entries = kube.get(path)["metadata"]["managedFields"]
    return {(entry["manager"].rsplit("-", 1)[0], entry["operation"]) for entry in entries}


def test_the_plugin_has_the_version_of_the_sdk(provider: StandIn) -> None:
    assert provider.version() == "4.34.2"


def test_an_object_is_created_under_one_manager_and_updated_under_another(provider: StandIn, kube: Cluster) -> None:
    path, first = "/api/v1/namespaces/default/configmaps/life", config_map("life", a="1", b="1")
    created, state = provider.create(first)
    assert created == "default/life"
    assert state["__inputs"] == first
    assert managers(kube, path) == {("pulumi", "Update")}
    second = config_map("life", a="2")
    changed = provider.diff(first, second, state)
    assert (sorted(changed.diffs), list(changed.replaces)) == (["data.a", "data.b"], [])
    state = provider.update(state, second, created)
    assert kube.get(path)["data"] == {"a": "2"}
    assert managers(kube, path) == {("pulumi-kubernetes", "Apply")}
    assert not provider.diff(second, second, state).diffs
    found, again = provider.read(created, state)
    assert (found, again["data"]) == (created, {"a": "2"})
    provider.delete(state, created)
    assert kube.get(path) == {}
    assert provider.read(created, state)[0] == ""


def test_an_object_that_is_there_already_is_only_taken_over_when_asked(provider: StandIn, kube: Cluster) -> None:
    provider.create(config_map("taken", a="1"))
    with pytest.raises(CallError, match=r'default/taken was not successfully created.*"taken" already exists'):
        provider.create(config_map("taken", a="2"))
    with stand_in(KubernetesProvider(), CONFIG_MAP) as other:
        other.configure({"kubeconfig": kube.kubeconfig, "upsertExistingObjects": "true", "enablePatchForce": "true"})
        assert other.create(config_map("taken", a="2"))[1]["data"] == {"a": "2"}


def test_a_name_is_made_where_there_is_none_and_kept(provider: StandIn) -> None:
    given = {"data": {"a": "1"}}
    first = provider.check(given)[0]
    assert first["metadata"]["name"].startswith("thing-")
    assert first["metadata"]["namespace"] == "default"
    assert provider.check(given, first)[0] == first
    replaced = provider.diff({}, first, {**first, "metadata": {"name": "old"}, "__inputs": first})
    assert (list(replaced.replaces), replaced.deleteBeforeReplace) == (["metadata.name"], False)


def test_cluster_scoped_objects_get_no_namespace(provider: StandIn) -> None:
    binding = provider.of("kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding")
    given = {"metadata": {"name": "n"}, "roleRef": {"name": "a"}}
    assert binding.check(given)[0]["metadata"] == {"name": "n"}
    old = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", **given}
    changed = binding.diff(old, {**old, "roleRef": {"name": "b"}}, {**old, "__inputs": old})
    assert (list(changed.replaces), changed.deleteBeforeReplace) == (["roleRef.name"], True)


def test_a_secret_is_secret_throughout(provider: StandIn) -> None:
    secret = provider.of("kubernetes:core/v1:Secret")
    inputs = secret.check({"metadata": {"name": "s"}, "stringData": {"a": "b"}})[0]
    assert isinstance(inputs["stringData"], Secret)
    created, state = secret.create(inputs)
    assert isinstance(state["data"], Secret)
    assert isinstance(state["__inputs"]["stringData"], Secret)
    assert plain(state["data"]) == {"a": "Yg=="}
    assert not secret.diff(inputs, inputs, state).diffs
    secret.delete(state, created)


def test_a_daemon_set_is_waited_for_and_shows_no_change_of_its_own(provider: StandIn, kube: Cluster) -> None:
    sets = provider.of(DAEMON_SET)
    labels = {"kubernetes.io/os": "linux"}
    kube.call(
        "POST", "/api/v1/nodes", {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "one", "labels": labels}}
    )
    inputs = daemon_set("flannel")
    with ThreadPoolExecutor(1) as pool:
        creating = pool.submit(sets.create, inputs)
        pods: list[dict[str, Any]] = []
        while not pods:
            time.sleep(0.1)
            pods = kube.get("/api/v1/namespaces/default/pods?labelSelector=app=flannel")["items"]
        time.sleep(0.6)
        assert not creating.done()
        ready = {"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}}
        path = f"/api/v1/namespaces/default/pods/{pods[0]['metadata']['name']}/status"
        kube.call("PATCH", path, ready, "application/merge-patch+json")
        created, state = creating.result(20)
    assert state["status"]["numberAvailable"] == 1
    assert not sets.diff(inputs, inputs, state).diffs
    moved = {**inputs, "spec": {**inputs["spec"], "selector": {"matchLabels": {"app": "other"}}}}
    assert list(sets.diff(inputs, moved, state).replaces) == ["spec.selector.matchLabels.app"]
    kube.call("DELETE", "/api/v1/nodes/one")
    sets.delete(state, created)
    assert kube.get("/apis/apps/v1/namespaces/default/daemonsets/flannel") == {}


def test_an_object_that_does_not_become_ready_stays_in_the_state(provider: StandIn) -> None:
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "never", "namespace": "default", "annotations": {"pulumi.com/timeoutSeconds": "1"}},
        "spec": {"containers": [{"name": "main", "image": "x"}]},
    }
    pods = provider.of("kubernetes:core/v1:Pod")
    with pytest.raises(CallError, match="'never' timed out waiting to be Ready") as failed:
        pods.create(pod)
    assert failed.value.partial
    with pytest.raises(CallError, match="'never' timed out waiting to be Ready"):
        provider.of("kubernetes:core/v1:PodPatch").create(pod, timeout=0.2)
    pod["metadata"] = {"name": "skipped", "namespace": "default", "annotations": {"pulumi.com/skipAwait": "true"}}
    assert pods.create(pod)[0] == "default/skipped"


def test_wait_for_a_condition_that_the_annotation_names(provider: StandIn, kube: Cluster) -> None:
    item = config_map("waits")
    item["metadata"]["annotations"] = {"pulumi.com/waitFor": "jsonpath={.data.done}=yes"}
    with ThreadPoolExecutor(1) as pool:
        creating = pool.submit(provider.create, item)
        time.sleep(0.8)
        assert not creating.done()
        path = "/api/v1/namespaces/default/configmaps/waits"
        kube.call("PATCH", path, {"data": {"done": "yes"}}, "application/merge-patch+json")
        assert creating.result(10)[1]["data"] == {"done": "yes"}


def test_a_missing_namespace_is_waited_for_a_little(provider: StandIn) -> None:
    item = config_map("early", a="1")
    item["metadata"]["namespace"] = "soon"
    namespaces = provider.of("kubernetes:core/v1:Namespace")
    # Of some kinds, and this is one, the annotation also keeps the deletion from being waited for.
    metadata = {"name": "soon", "annotations": {"pulumi.com/skipAwait": "true"}}
    with ThreadPoolExecutor(1) as pool:
        creating = pool.submit(provider.create, item)
        time.sleep(0.3)
        created, state = namespaces.create({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
        assert creating.result(10)[0] == "soon/early"
    namespaces.delete(state, created)
    assert namespaces.read(created, state)[1]["status"]["phase"] == "Terminating"


def test_a_preview_shows_what_the_server_would_make_of_it(provider: StandIn, kube: Cluster) -> None:
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "dry", "namespace": "default"},
        "spec": {"ports": [{"port": 80}]},
    }
    services = provider.of("kubernetes:core/v1:Service")
    created, outputs = services.create(service, preview=True)
    assert (created, outputs["spec"]["sessionAffinity"]) == ("", "None")
    assert kube.get("/api/v1/namespaces/default/services/dry") == {}
    open_name = {**service, "metadata": {"name": UNKNOWN}}
    assert services.create(open_name, preview=True) == ("", open_name)

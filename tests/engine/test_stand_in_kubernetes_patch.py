"""Patch resources, the provider's own configuration and an unreachable cluster, as the real plugin treats them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lab.providers.kubernetes import KubernetesProvider
from lab.providers.values import UNKNOWN
from tests.engine.kube_cluster import Cluster
from tests.engine.stand_in import CallError, StandIn, stand_in
from tests.engine.test_stand_in_kubernetes import CONFIG_MAP, config_map, daemon_set

NODE_PATCH, DAEMON_SET_PATCH = "kubernetes:core/v1:NodePatch", "kubernetes:apps/v1:DaemonSetPatch"
DEAD = "https://127.0.0.1:1"


@pytest.fixture
def provider(kube: Cluster) -> Iterator[StandIn]:
    with stand_in(KubernetesProvider(), NODE_PATCH) as running:
        running.configure({"kubeconfig": kube.kubeconfig})
        yield running


def node_patch(name: str, **labels: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}}


def test_a_patch_adds_its_fields_and_takes_them_back(provider: StandIn, kube: Cluster) -> None:
    kube.call("POST", "/api/v1/nodes", node_patch("patched", theirs="1"))
    created, state = provider.create(node_patch("patched", ours="1"))
    assert created == "patched"
    assert kube.get("/api/v1/nodes/patched")["metadata"]["labels"] == {"theirs": "1", "ours": "1"}
    state = provider.update(state, node_patch("patched", other="2"), created)
    assert kube.get("/api/v1/nodes/patched")["metadata"]["labels"] == {"theirs": "1", "other": "2"}
    provider.delete(state, created)
    assert kube.get("/api/v1/nodes/patched")["metadata"]["labels"] == {"theirs": "1"}


def test_a_patch_of_what_is_not_there_creates_it_and_its_delete_does_so_again(provider: StandIn, kube: Cluster) -> None:
    created, state = provider.create(node_patch("phantom", a="1"))
    kube.call("DELETE", "/api/v1/nodes/phantom")
    provider.delete(state, created)
    assert kube.get("/api/v1/nodes/phantom")["metadata"]["name"] == "phantom"


def test_a_patch_needs_a_name(provider: StandIn) -> None:
    with pytest.raises(CallError, match=r"patch resources require the resource `\.metadata\.name` to be set"):
        provider.check({"metadata": {"labels": {}}})


def test_a_patch_is_never_previewed(provider: StandIn) -> None:
    patch = node_patch("unseen", a="1")
    assert provider.create(patch, preview=True) == ("", patch)


def test_a_conflict_is_only_won_with_the_annotation(provider: StandIn, kube: Cluster) -> None:
    path = "/apis/apps/v1/namespaces/default/daemonsets/contested?fieldManager=kubeadm&force=true"
    item = daemon_set("contested", **{"pulumi.com/skipAwait": "true"})
    kube.call("PATCH", path, item, "application/apply-patch+yaml")
    sets = provider.of(DAEMON_SET_PATCH)
    # The map is atomic: with the value that kubeadm gave it there is no conflict, with one more key there is.
    template = {"spec": {"nodeSelector": {"kubernetes.io/os": "linux"}}}
    patch: dict[str, Any] = {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": "contested", "namespace": "default"},
        "spec": {"template": template},
    }
    created, state = sets.create(patch)
    sets.delete(state, created)
    template["spec"]["nodeSelector"]["mine"] = "1"
    with pytest.raises(CallError, match=r'field conflict detected(.|\n)*conflict with "kubeadm"'):
        sets.create(patch)
    patch["metadata"]["annotations"] = {"pulumi.com/patchForce": "true", "pulumi.com/skipAwait": "true"}
    created, state = sets.create(patch)
    assert state["spec"]["template"]["spec"]["nodeSelector"] == {"kubernetes.io/os": "linux", "mine": "1"}


def kubeconfig(server: str) -> str:
    return (
        f"clusters: [{{name: c, cluster: {{server: '{server}'}}}}]\n"
        "contexts: [{name: x, context: {cluster: c, user: u}}]\ncurrent-context: x\n"
    )


def test_another_cluster_replaces_the_provider_and_other_credentials_do_not() -> None:
    with stand_in(KubernetesProvider(), "pulumi:providers:kubernetes") as provider:
        one = {"kubeconfig": kubeconfig("https://one")}
        assert list(provider.diff_config(one, {"kubeconfig": kubeconfig("https://two")}).replaces) == ["kubeconfig"]
        credentials = kubeconfig("https://one") + "users: [{name: u, user: {token: t}}]\n"
        changed = provider.diff_config(one, {"kubeconfig": credentials})
        assert (list(changed.diffs), list(changed.replaces)) == (["kubeconfig"], [])
        assert list(provider.diff_config(one, {"kubeconfig": UNKNOWN}).replaces) == ["kubeconfig"]


def test_with_a_cluster_identifier_only_that_replaces_the_provider() -> None:
    with stand_in(KubernetesProvider(), "pulumi:providers:kubernetes") as provider:
        one = {"kubeconfig": kubeconfig("https://one"), "clusterIdentifier": "a"}
        for other in (UNKNOWN, kubeconfig("https://two")):
            assert not provider.diff_config(one, {**one, "kubeconfig": other}).replaces
        assert list(provider.diff_config(one, {**one, "clusterIdentifier": "b"}).replaces) == ["clusterIdentifier"]
        assert not provider.diff_config({"kubeconfig": one["kubeconfig"]}, one).replaces


def test_a_cluster_that_does_not_answer_at_first_stays_unreachable(kube: Cluster) -> None:
    with stand_in(KubernetesProvider(), CONFIG_MAP) as provider:
        provider.configure({"kubeconfig": kube.kubeconfig.replace(kube.url, DEAD)})
        item = config_map("lost", a="1")
        with pytest.raises(CallError, match="configured Kubernetes cluster is unreachable: unable to load schema"):
            provider.create(item)
        assert provider.create(item, preview=True) == ("", item)
        with pytest.raises(CallError, match="PULUMI_K8S_DELETE_UNREACHABLE"):
            provider.delete(item, "default/lost")
        with pytest.raises(CallError, match="failed to read resource state due to unreachable cluster"):
            provider.read("default/lost")


def test_delete_unreachable_forgets_what_cannot_be_reached(kube: Cluster) -> None:
    with stand_in(KubernetesProvider(), CONFIG_MAP) as provider:
        provider.configure({"kubeconfig": kube.kubeconfig.replace(kube.url, DEAD), "deleteUnreachable": "true"})
        provider.delete(config_map("lost"), "default/lost")
        assert provider.read("default/lost")[0] == ""

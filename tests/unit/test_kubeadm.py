"""kubeadm's documents carry the settings, and what a site adds wins."""

import tomllib
from typing import Any

import pytest
import yaml

from config.settings import LinuxNode, Settings
from plan.containerd import linux_configuration
from plan.downloads import no_proxy
from plan.kubeadm import init_documents, join_documents, request_documents

BASE = {"node_cidrs": ["10.77.0.0/24"], "control_plane": {"name": "cp1", "address": "10.77.0.11"}}


def documents(text: str) -> dict[str, Any]:
    return {document["kind"]: document for document in yaml.safe_load_all(text)}


def settings(**changes: object) -> Settings:
    return Settings.model_validate({**BASE, **changes})


def test_init_makes_the_cluster_that_the_settings_describe() -> None:
    found = documents(init_documents(settings(pod_cidr="10.0.0.0/14", node_prefix_length=23)))
    cluster = found["ClusterConfiguration"]
    assert cluster["networking"] == {
        "podSubnet": "10.0.0.0/14",
        "serviceSubnet": "10.96.0.0/12",
        "dnsDomain": "cluster.local",
    }
    assert cluster["controllerManager"]["extraArgs"] == [{"name": "node-cidr-mask-size-ipv4", "value": "23"}]
    assert found["InitConfiguration"]["localAPIEndpoint"] == {"advertiseAddress": "10.77.0.11", "bindPort": 6443}
    assert found["KubeletConfiguration"]["clusterDNS"] == ["10.96.0.10"]


def test_what_a_site_adds_is_laid_over_ours_and_leaves_the_rest() -> None:
    found = documents(
        init_documents(
            settings(
                kubelet_configuration={"cgroupDriver": "cgroupfs"},
                kube_proxy_configuration={"conntrack": {"maxPerCore": 0}},
                kubeadm_configuration={"networking": {"dnsDomain": "k8s.example"}},
                ignore_preflight_errors=["Swap"],
            )
        )
    )
    assert found["KubeletConfiguration"]["cgroupDriver"] == "cgroupfs"
    assert found["KubeletConfiguration"]["maxPods"] == 110
    assert found["KubeProxyConfiguration"]["conntrack"] == {"maxPerCore": 0}
    assert found["ClusterConfiguration"]["networking"]["dnsDomain"] == "k8s.example"
    assert found["ClusterConfiguration"]["networking"]["podSubnet"] == "10.244.0.0/16"
    assert found["InitConfiguration"]["nodeRegistration"]["ignorePreflightErrors"] == ["Swap"]


def test_a_node_asks_for_a_certificate_in_its_own_name_at_the_endpoint_and_joins_with_it() -> None:
    with_endpoint = settings(control_plane={"name": "cp1", "address": "10.77.0.11", "endpoint": "api.example:8443"})
    node = LinuxNode.model_validate({"name": "lin1", "address": "10.77.0.12"})
    join = documents(join_documents(with_endpoint, node))["JoinConfiguration"]
    assert join["discovery"] == {"file": {"kubeConfigPath": "@CREDENTIAL@"}}
    asked = documents(request_documents(with_endpoint, node))
    assert asked["InitConfiguration"]["nodeRegistration"]["name"] == "lin1"
    assert asked["ClusterConfiguration"]["controlPlaneEndpoint"] == "api.example:8443"
    assert join["nodeRegistration"]["kubeletExtraArgs"] == [{"name": "node-ip", "value": "10.77.0.12"}]


def test_containerd_uses_the_pause_image_of_the_settings_and_what_a_site_adds() -> None:
    added = {"plugins": {"io.containerd.cri.v1.runtime": {"restrict_oom_score_adj": True}}}
    found = tomllib.loads(linux_configuration(settings(containerd_configuration=added)))
    plugins = found["plugins"]
    assert found["version"] == 3
    assert plugins["io.containerd.cri.v1.images"]["pinned_images"]["sandbox"] == "registry.k8s.io/pause:3.10.2"
    runtime = plugins["io.containerd.cri.v1.runtime"]
    assert runtime["restrict_oom_score_adj"] is True
    assert runtime["containerd"]["runtimes"]["runc"]["options"]["SystemdCgroup"] is True


def test_nothing_of_the_cluster_goes_through_the_proxy() -> None:
    names = no_proxy(settings(proxy={"http": "http://proxy.example:3128", "no_proxy": ["intra.example"]})).split(",")
    for name in ("10.244.0.0/16", "10.96.0.0/12", "10.77.0.0/24", "10.77.0.11", ".svc", ".cluster.local", "localhost"):
        assert name in names
    assert "intra.example" in names


def test_an_argument_that_a_site_adds_leaves_ours_in_place() -> None:
    added = {"controllerManager": {"extraArgs": [{"name": "v", "value": "4"}]}}
    cluster = documents(init_documents(settings(kubeadm_configuration=added)))["ClusterConfiguration"]
    assert cluster["controllerManager"]["extraArgs"] == [
        {"name": "node-cidr-mask-size-ipv4", "value": "24"},
        {"name": "v", "value": "4"},
    ]


@pytest.mark.parametrize(("seconds", "all_pods", "critical"), [(60, "60s", "20s"), (3, "3s", "1s"), (-1, "0s", "0s")])
def test_pods_get_time_to_end_when_their_node_does(seconds: int, all_pods: str, critical: str) -> None:
    kubelet = documents(init_documents(settings(shutdown_grace_period=seconds)))["KubeletConfiguration"]
    assert (kubelet["shutdownGracePeriod"], kubelet["shutdownGracePeriodCriticalPods"]) == (all_pods, critical)

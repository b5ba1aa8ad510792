"""flannel's documents say what Windows needs, and the same to both operating systems."""

import json
from ipaddress import IPv4Network
from typing import Any

import pytest

from config.settings import Settings
from plan import flannel
from plan.network import daemon_sets, plan_network


def settings(**changes: object) -> Settings:
    control_plane = {"name": "cp1", "address": "10.77.0.11", "existing": "existing_flannel" in changes}
    return Settings.model_validate({"node_cidrs": ["10.77.0.0/24"], "control_plane": control_plane, **changes})


def test_net_conf_is_the_one_the_guide_gives_with_the_network_named_for_windows() -> None:
    assert flannel.net_conf(settings()) == {
        "Network": "10.244.0.0/16",
        "EnableNFTables": False,
        "Backend": {"Type": "vxlan", "VNI": 4096, "Port": 4789, "Name": "vxlan0"},
    }


def test_net_conf_follows_the_settings() -> None:
    conf = flannel.net_conf(settings(pod_cidr=IPv4Network("10.0.0.0/14"), vni=5000, network_name="pods", mtu=1400))
    assert conf["Network"] == "10.0.0.0/14"
    assert conf["Backend"] == {"Type": "vxlan", "VNI": 5000, "Port": 4789, "Name": "pods", "MTU": 1400}


def test_the_cni_network_has_the_name_of_the_hns_network() -> None:
    data = flannel.config_data(settings(network_name="pods"))
    assert json.loads(data["cni-conf.json"])["name"] == "pods"
    assert json.loads(data["net-conf.json"])["Backend"]["Name"] == "pods"


def test_the_daemon_set_keeps_to_linux_nodes() -> None:
    spec = flannel.daemon_set_spec(settings())["template"]["spec"]
    assert spec["nodeSelector"] == {"kubernetes.io/os": "linux"}


@pytest.mark.parametrize(
    ("endpoint", "host", "port"), [("", "10.77.0.11", "6443"), ("api.example.com:443", "api.example.com", "443")]
)
def test_flanneld_asks_the_api_server_where_it_is_and_not_by_kube_proxy(endpoint: str, host: str, port: str) -> None:
    control_plane = {"name": "cp1", "address": "10.77.0.11", **({"endpoint": endpoint} if endpoint else {})}
    spec = flannel.daemon_set_spec(settings(control_plane=control_plane))["template"]["spec"]
    (flanneld,) = spec["containers"]
    values = {each["name"]: each.get("value") for each in flanneld["env"]}
    assert (values["KUBERNETES_SERVICE_HOST"], values["KUBERNETES_SERVICE_PORT"]) == (host, port)


def test_every_mount_of_the_daemon_set_has_its_volume() -> None:
    spec = flannel.daemon_set_spec(settings())["template"]["spec"]
    volumes = {volume["name"] for volume in spec["volumes"]}
    containers = [*spec["initContainers"], *spec["containers"]]
    assert {mount["name"] for each in containers for mount in each["volumeMounts"]} == volumes


def test_a_flannel_that_others_installed_is_patched_and_ours_is_not_applied() -> None:
    plan = plan_network(settings(existing_flannel=[{"namespace": "kube-system", "name": "kube-flannel-ds-amd64"}]))
    assert plan.flannel is None
    assert daemon_sets(plan) == ("kube-system/kube-flannel-ds-amd64", "kube-system/kube-proxy")


def test_kube_proxy_is_patched_always_and_taken_from_nobody() -> None:
    (mark,) = plan_network(settings()).marks
    assert (mark.namespace, mark.name, mark.force) == ("kube-system", "kube-proxy", False)


def test_an_old_daemon_set_for_one_architecture_keeps_to_it() -> None:
    names = [{"namespace": "kube-system", "name": f"kube-flannel-ds-{arch}"} for arch in ("amd64", "arm64")]
    amd64, arm64, _ = plan_network(settings(existing_flannel=names)).marks
    assert amd64.node_selector == {"kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}
    assert arm64.node_selector == {"kubernetes.io/os": "linux", "kubernetes.io/arch": "arm64"}
    assert amd64.force


def test_a_changed_configuration_rolls_the_daemon_set() -> None:
    def annotations(**changes: object) -> Any:
        return flannel.daemon_set_spec(settings(**changes))["template"]["metadata"]["annotations"]

    assert annotations() == annotations()
    assert annotations() != annotations(vni=5000)

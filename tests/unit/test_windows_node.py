"""What is done on a Windows node, in which order, and what its programs read."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

import pytest
import yaml

from config.settings import Settings
from plan.flannel import net_conf
from plan.step import Step
from tests.windows.sample import settings, steps

REMOVED_FLAGS = {"pod-infra-container-image", "network-plugin", "cni-bin-dir", "cni-conf-dir", "log-dir", "logtostderr"}
PROXY = {"http": "http://proxy:3128", "https": "http://proxy:3129", "noProxy": [".example.org"]}


def text(step: Step, parameter: str) -> str:
    """Return a parameter that is one text."""
    value = step.parameters[parameter]
    assert isinstance(value, str)
    return value


def document(step: Step, parameter: str) -> dict[str, Any]:
    """Return a parameter that is a YAML or JSON document."""
    content = yaml.safe_load(text(step, parameter))
    assert isinstance(content, dict)
    return content


def node(**changes: object) -> Settings:
    """Return settings whose Windows node has some values of its own."""
    return settings(windowsNodes=[{"name": "win1", "managementIp": "10.77.0.21", **changes}])


def test_the_steps_come_in_the_order_of_what_they_need() -> None:
    assert list(steps(settings())) == [
        "preflight-passed",
        "underlay-answering",
        "underlay-released",
        "containers-feature-installed",
        "restarted",
        "restart-proven",
        "port-range-set",
        "checksum-offload-off",
        "containerd-running",
        "node-binaries-verified",
        "images-present",
        "firewall-open",
        "kubelet-service-registered",
        "credential-requested",
        "joined",
        "flannel-installed",
        "flannel-started",
        "kube-proxy-running",
        "upgrade-staged",
        "upgrade-activated",
    ]


def test_windows_update_is_left_alone_unless_the_site_asks() -> None:
    assert "updates-manual" not in steps(settings())
    asked = list(steps(settings(windowsUpdate="manual")))
    assert asked.index("preflight-passed") < asked.index("updates-manual") < asked.index("restarted")


def test_whatever_changes_the_host_can_be_undone() -> None:
    lasting = {"underlay-released", "restarted", "restart-proven", "images-present", "credential-requested"}
    # The programs that an upgrade brings go with those that it replaces.
    lasting |= {"upgrade-staged", "upgrade-activated"}
    assert {step.name for step in steps(settings()).values() if step.undo is None} == lasting


def test_the_node_joins_with_the_credential_that_it_has_asked_for() -> None:
    made = steps(settings())
    first, second = yaml.safe_load_all(text(made["credential-requested"], "Configuration"))
    assert first["nodeRegistration"] == {"name": "win1"}
    assert second["controlPlaneEndpoint"] == "10.77.0.11:6443"
    found = document(made["joined"], "JoinConfiguration")["discovery"]
    assert found == {"file": {"kubeConfigPath": "/k/casement/credential/discovery.conf"}}
    assert made["joined"].late_parameters == ("Certificate", "Authority")


def test_a_join_that_runs_again_has_a_key_again() -> None:
    def revision(chosen: Settings) -> object:
        return steps(chosen)["credential-requested"].parameters["JoiningRevision"]

    assert revision(settings()) == revision(settings())
    assert revision(settings()) != revision(settings(windowsIgnorePreflightErrors=["Port-10250"]))


def test_the_node_keeps_linux_pods_off_from_its_first_moment() -> None:
    made = steps(settings())
    taint = {"key": "os", "value": "windows", "effect": "NoSchedule"}
    assert document(made["joined"], "JoinConfiguration")["nodeRegistration"]["taints"] == [taint]
    assert document(made["kubelet-service-registered"], "KubeletPatch")["registerWithTaints"] == [taint]


def test_kubeadm_accepts_the_preflight_errors_that_the_site_accepts() -> None:
    joined = steps(settings(windowsIgnorePreflightErrors=["Port-10250"]))["joined"]
    assert document(joined, "JoinConfiguration")["nodeRegistration"]["ignorePreflightErrors"] == ["Port-10250"]


def test_the_kubelet_patch_takes_back_what_only_linux_can_do() -> None:
    patch = document(steps(settings())["kubelet-service-registered"], "KubeletPatch")
    assert patch["cgroupsPerQOS"] is False
    assert patch["enforceNodeAllocatable"] == ["none"]
    assert patch["resolvConf"] == ""
    assert patch["singleProcessOOMKill"] is None
    assert patch["maxPods"] == 110


def test_pods_on_windows_get_time_to_end_too() -> None:
    patch = document(steps(settings(shutdownGracePeriod=90))["kubelet-service-registered"], "KubeletPatch")
    assert patch["shutdownGracePeriod"] == "90s"
    assert patch["shutdownGracePeriodCriticalPods"] == "30s"


def test_the_site_has_the_last_word_on_kubelet() -> None:
    chosen = settings(windowsKubeletConfiguration={"maxPods": 60, "systemReserved": {"memory": "1Gi"}})
    patch = document(steps(chosen)["kubelet-service-registered"], "KubeletPatch")
    assert patch["maxPods"] == 60
    assert patch["systemReserved"] == {"cpu": "500m", "memory": "1Gi"}


@pytest.mark.parametrize("name", ["kubelet-service-registered", "kube-proxy-running"])
def test_a_service_command_line_needs_no_quotes_and_has_no_removed_flag(name: str) -> None:
    line = text(steps(settings())[name], "CommandLine")
    assert '"' not in line
    assert not re.search(r"=(\s|$)", line)
    assert not REMOVED_FLAGS & set(re.findall(r"--([a-z-]+)", line))
    assert "--feature-gates" not in line
    assert "--windows-service" in line


def test_kubelet_is_told_its_name_address_and_runtime() -> None:
    chosen = node(criEndpoint="npipe:////./pipe/other", logFolder=r"D:\log")
    line = text(steps(chosen)["kubelet-service-registered"], "CommandLine")
    assert line.startswith(r"C:\k\kube-log-runner.exe -log-file=D:\log\kubelet.log ")
    for flag in ("hostname-override=win1", "node-ip=10.77.0.21", "container-runtime-endpoint=npipe:////./pipe/other"):
        assert f" --{flag} " in f"{line} "


def test_all_three_names_of_the_network_are_one() -> None:
    made = steps(settings(networkName="overlay0"))
    assert document(made["flannel-installed"], "NetConf")["Backend"]["Name"] == "overlay0"
    assert document(made["flannel-installed"], "ConfList")["name"] == "overlay0"
    assert document(made["kube-proxy-running"], "Configuration")["winkernel"]["networkName"] == "overlay0"
    assert made["kube-proxy-running"].parameters["NetworkName"] == "overlay0"


def test_windows_flannel_reads_what_linux_flannel_reads() -> None:
    chosen = settings(vni=5000, mtu=1400)
    assert json.loads(text(steps(chosen)["flannel-installed"], "NetConf")) == net_conf(chosen)


def test_pods_reach_services_encapsulated_and_pods_and_services_without_nat() -> None:
    plugin = document(steps(settings())["flannel-installed"], "ConfList")["plugins"][0]
    policies = {each["Value"]["Type"]: each["Value"]["Settings"] for each in plugin["delegate"]["Policies"]}
    assert plugin["delegate"]["apiVersion"] == 2
    assert policies["OutBoundNAT"] == {"Exceptions": ["10.244.0.0/16", "10.96.0.0/12"]}
    assert policies["SDNRoute"] == {"DestinationPrefix": "10.96.0.0/12", "NeedEncap": True}
    assert policies["ProviderAddress"] == {"ProviderAddress": "10.77.0.21"}


def test_kube_proxy_uses_the_nodes_own_credential_and_names_no_feature_gate() -> None:
    configuration = document(steps(settings())["kube-proxy-running"], "Configuration")
    assert configuration["clientConnection"] == {"kubeconfig": r"C:\etc\kubernetes\kubelet.conf"}
    assert configuration["hostnameOverride"] == "win1"
    assert configuration["winkernel"]["sourceVip"] == "@SOURCE_VIP@"
    assert "featureGates" not in configuration


def test_containerd_reads_the_folders_that_the_plug_ins_are_in() -> None:
    made = steps(settings(windowsContainerdConfiguration={"debug": {"level": "debug"}}))
    configuration = tomllib.loads(text(made["containerd-running"], "Configuration"))
    plugins = configuration["plugins"]
    assert configuration["version"] == 3
    assert plugins["io.containerd.cri.v1.runtime"]["cni"]["bin_dirs"] == [r"C:\opt\cni\bin"]
    assert plugins["io.containerd.cri.v1.images"]["pinned_images"] == {"sandbox": "registry.k8s.io/pause:3.10.2"}
    assert configuration["debug"] == {"level": "debug"}


def test_every_program_comes_with_its_address_and_digest() -> None:
    programs = steps(settings())["node-binaries-verified"].parameters["Programs"]
    assert isinstance(programs, tuple)
    assert {line.split("|")[4] for line in programs} == {
        "kubelet.exe",
        "kubeadm.exe",
        "kubectl.exe",
        "kube-proxy.exe",
        "kube-log-runner.exe",
        "flanneld.exe",
        "flannel.exe",
        "win-overlay.exe,host-local.exe",
    }
    assert all(re.fullmatch(r"[a-z-]+\|https://\S+\|[0-9a-f]{64}\|C:\\\S+\|\S+", line) for line in programs)


def test_downloads_and_containerd_go_through_the_proxy_and_the_cluster_does_not() -> None:
    made = steps(settings(proxy=PROXY))
    for name in ("containerd-running", "node-binaries-verified", "images-present"):
        assert made[name].parameters["HttpsProxy"] == "http://proxy:3129"
        around = text(made[name], "NoProxy").split(",")
        assert {"10.244.0.0/16", "10.96.0.0/12", "10.77.0.0/24", "10.77.0.11", ".example.org"} <= set(around)


def test_only_nodes_reach_kubelet_and_vxlan() -> None:
    opened = steps(settings(nodeCidrs=["10.77.0.0/24", "10.78.0.0/24"]))["firewall-open"]
    assert opened.parameters == {"NodeCidrs": ("10.77.0.0/24", "10.78.0.0/24"), "VxlanPort": 4789}


def test_image_archives_for_windows_are_imported_with_their_digests() -> None:
    archives = [{"os": "linux", "url": "https://x.example/l.tar"}, {"os": "windows", "url": "https://x.example/w.tar"}]
    parameters = steps(settings(imageArchives=archives))["images-present"].parameters
    assert parameters["ArchiveUrls"] == ("https://x.example/w.tar",)
    assert parameters["ArchiveDigests"] == ("0" * 64,)

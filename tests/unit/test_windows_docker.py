"""A Windows node with Docker Engine: what differs from one with containerd."""

from __future__ import annotations

import json
import re

from tests.windows.sample import docker, settings, steps

PROXY = {"http": "http://proxy:3128", "https": "http://proxy:3129", "noProxy": [".example.org"]}
NEW = {"docker-running", "cri-dockerd-running"}


def test_docker_and_cri_dockerd_take_the_place_of_containerd() -> None:
    made = list(steps(docker()))
    assert set(made) - set(steps(settings())) == NEW
    assert set(steps(settings())) - set(made) == {"containerd-running"}
    # cri-dockerd writes its log through a program of the node, and images come in by what kubelet will ask.
    assert made.index("docker-running") < made.index("node-binaries-verified") < made.index("cri-dockerd-running")
    assert made.index("cri-dockerd-running") < made.index("images-present")
    assert all(steps(docker())[name].undo for name in NEW)


def test_everything_asks_cri_dockerd() -> None:
    made = steps(docker())
    pipe = "npipe:////./pipe/cri-dockerd"
    for step in made.values():
        assert step.parameters.get("CriEndpoint", pipe) == pipe
    assert f"--container-runtime-endpoint={pipe}" in str(made["cri-dockerd-running"].parameters["Arguments"])
    assert f"criSocket: {pipe}" in str(made["joined"].parameters["JoinConfiguration"])
    assert f"--container-runtime-endpoint={pipe} " in str(made["kubelet-service-registered"].parameters["CommandLine"])


def test_kubelet_starts_after_its_runtime() -> None:
    registered = "kubelet-service-registered"
    assert steps(docker())[registered].parameters["RuntimeService"] == "docker"
    assert steps(settings())[registered].parameters["RuntimeService"] == "containerd"


def test_archives_are_loaded_by_the_runtime_in_use() -> None:
    assert steps(docker())["images-present"].parameters["Runtime"] == "docker"
    assert steps(settings())["images-present"].parameters["Runtime"] == "containerd"


def test_cri_dockerd_finds_the_plug_ins_and_the_pause_image() -> None:
    flags = dict(
        word.removeprefix("--").split("=", 1)
        for word in str(steps(docker())["cri-dockerd-running"].parameters["Arguments"]).split()
    )
    assert flags["network-plugin"] == "cni"
    assert flags["cni-bin-dir"] == r"C:\opt\cni\bin"
    assert flags["cni-conf-dir"] == r"C:\etc\cni\net.d"
    assert flags["pod-infra-container-image"] == "registry.k8s.io/pause:3.10.2"


def test_docker_makes_no_network_and_keeps_logs_that_end() -> None:
    configuration = json.loads(str(steps(docker())["docker-running"].parameters["Configuration"]))
    assert configuration["bridge"] == "none"
    assert configuration["log-driver"] == "json-file"
    assert configuration["log-opts"] == {"max-size": "50m", "max-file": "5"}
    assert "proxies" not in configuration


def test_docker_itself_goes_through_the_proxy_and_the_cluster_does_not() -> None:
    configuration = json.loads(str(steps(docker(proxy=PROXY))["docker-running"].parameters["Configuration"]))
    proxies = configuration["proxies"]
    assert (proxies["http-proxy"], proxies["https-proxy"]) == ("http://proxy:3128", "http://proxy:3129")
    around = set(proxies["no-proxy"].split(","))
    assert {"10.244.0.0/16", "10.96.0.0/12", "10.77.0.0/24", ".svc", ".example.org"} <= around


def test_the_site_has_the_last_word_on_docker() -> None:
    chosen = docker(windowsDockerConfiguration={"debug": True, "log-opts": {"max-file": "9"}})
    configuration = json.loads(str(steps(chosen)["docker-running"].parameters["Configuration"]))
    assert configuration["debug"] is True
    assert configuration["log-opts"] == {"max-size": "50m", "max-file": "9"}


def test_endpoints_are_attached_to_containers_as_docker_needs_it() -> None:
    network = json.loads(str(steps(docker())["flannel-installed"].parameters["ConfList"]))
    delegate = network["plugins"][0]["delegate"]
    assert "apiVersion" not in delegate
    policies = {each["Value"]["Type"]: each["Value"] for each in delegate["Policies"]}
    assert policies["OutBoundNAT"]["ExceptionList"] == ["10.244.0.0/16", "10.96.0.0/12"]
    assert policies["ROUTE"] == {"Type": "ROUTE", "DestinationPrefix": "10.96.0.0/12", "NeedEncap": True}
    assert policies["PA"]["PA"] == "10.77.0.21"


def test_no_argument_of_cri_dockerd_needs_quotes() -> None:
    arguments = str(steps(docker())["cri-dockerd-running"].parameters["Arguments"])
    assert re.fullmatch(r"(--[a-z-]+=[^\s\"]+ ?)+", arguments)

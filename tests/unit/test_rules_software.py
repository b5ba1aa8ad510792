"""Rules about versions, and about configuration handed on to kubeadm, kubelet, kube-proxy and containerd."""

from __future__ import annotations

import pytest

from tests.unit.example_site import Site


@pytest.mark.parametrize("version", ["1.34.2", "1.38.0", "2.36.0"])
def test_a_kubernetes_version_that_is_not_supported_is_refused(site: Site, version: str) -> None:
    problem = site.problem_about(version, versions={"kubernetes": version})
    assert problem.key == "versions.kubernetes"
    assert "1.35, 1.36, 1.37" in problem.rule
    assert "write 1.36.4" in problem.remedy


@pytest.mark.parametrize("version", ["1.35.0", "1.36.9", "1.37.1"])
def test_a_supported_kubernetes_version_lacks_nothing_but_its_digests(site: Site, version: str) -> None:
    problems = site.listed(versions={"kubernetes": version})
    assert problems
    assert all(f"/v{version}/" in problem.value for problem in problems)


@pytest.mark.parametrize("version", ["1.7.30", "2.1.9"])
def test_a_containerd_that_is_too_old_is_refused(site: Site, version: str) -> None:
    problem = site.problem_about(version, versions={"containerd": version})
    assert problem.key == "versions.containerd"
    assert "write 2.3.4" in problem.remedy


def test_a_flannel_that_is_too_old_is_refused(site: Site) -> None:
    problem = site.problem_about("0.27.4", versions={"flannel": "0.27.4"})
    assert problem.key == "versions.flannel"
    assert "write 0.28.9" in problem.remedy


def test_a_pause_image_without_windows_server_2025_is_refused_with_windows_nodes_only(site: Site) -> None:
    problem = site.only_problem(versions={"pause": "3.10.1"})
    assert problem.key == "versions.pause"
    assert "write 3.10.2" in problem.remedy
    assert site.problems(versions={"pause": "3.10.1"}, windowsNodes=[]) == {}


def test_a_version_with_v_in_front_is_told_to_leave_it_out(site: Site) -> None:
    problem = site.problem_about("v1.36.0", versions={"crictl": "v1.36.0"})
    assert (problem.key, problem.remedy) == ("versions.crictl", "write 1.36.0")


@pytest.mark.parametrize("key", ["kubeletConfiguration", "windowsKubeletConfiguration", "kubeProxyConfiguration"])
@pytest.mark.parametrize("gate", ["WinOverlay", "WinDSR"])
def test_a_locked_feature_gate_is_refused(site: Site, key: str, gate: str) -> None:
    problem = site.only_problem(**{key: {"featureGates": {gate: True}}})
    assert problem.key == f"{key}.featureGates.{gate}"
    assert "leave it out" in problem.remedy


def test_a_locked_feature_gate_among_extra_arguments_is_refused(site: Site) -> None:
    arguments = {"controllerManager": {"extraArgs": [{"name": "feature-gates", "value": "A=true,WinDSR=true"}]}}
    problem = site.only_problem(kubeadmConfiguration=arguments)
    assert problem.key == "kubeadmConfiguration.controllerManager.extraArgs[0]"


@pytest.mark.parametrize("flag", ["network-plugin", "pod-infra-container-image", "--log-dir"])
def test_a_flag_that_kubelet_no_longer_has_is_refused(site: Site, flag: str) -> None:
    problem = site.only_problem(windowsKubeletConfiguration={flag: "x"})
    assert problem.key == f"windowsKubeletConfiguration.{flag}"
    assert problem.remedy


def test_what_a_setting_decides_cannot_be_decided_again(site: Site) -> None:
    problem = site.only_problem(kubeadmConfiguration={"networking": {"podSubnet": "10.1.0.0/16"}})
    assert problem.key == "kubeadmConfiguration.networking.podSubnet"
    assert "set podCidr" in problem.remedy


def test_a_section_of_containerd_1_is_refused(site: Site) -> None:
    old = {"plugins": {"io.containerd.grpc.v1.cri": {"sandbox_image": "x"}}}
    assert "io.containerd.cri.v1.runtime" in site.only_problem(containerdConfiguration=old).remedy


def test_bin_dir_is_refused_from_containerd_2_4_on(site: Site) -> None:
    document = {"plugins": {"io.containerd.cri.v1.runtime": {"cni": {"bin_dir": "/opt/cni/bin"}}}}
    assert site.problems(containerdConfiguration=document) == {}
    problems = site.problems(containerdConfiguration=document, versions={"containerd": "2.4.0"})
    key = "containerdConfiguration.plugins.io.containerd.cri.v1.runtime.cni.bin_dir"
    assert "bin_dirs" in problems[key].remedy


DOCKER = "download.docker.com/win/static/stable/x86_64/docker-29.8.0.zip"


def test_docker_is_downloaded_only_for_nodes_that_run_it_and_only_pinned(site: Site) -> None:
    assert site.problems() == {}
    problems = site.listed(windowsNodes=site.windows(runtime="docker"))
    assert [problem.key for problem in problems] == ["versions.docker", "versions.criDockerd"]
    assert problems[0].value == f"https://{DOCKER}"
    assert all("python -m config.pin" in problem.remedy for problem in problems)


@pytest.mark.parametrize(
    ("key", "version", "wanted"), [("docker", "20.10.27", "29.8.0"), ("criDockerd", "0.3.16", "0.4.4")]
)
def test_a_docker_that_does_not_fit_is_refused(site: Site, key: str, version: str, wanted: str) -> None:
    problem = site.problem_about(version, windowsNodes=site.windows(runtime="docker"), versions={key: version})
    assert problem.key == f"versions.{key}"
    assert f"write {wanted}" in problem.remedy
    assert not [each for each in site.listed(versions={key: version}) if each.value == version]


def test_a_docker_configuration_without_a_docker_is_refused(site: Site) -> None:
    problem = site.only_problem(windowsDockerConfiguration={"debug": True})
    assert "set runtime of a node" in problem.remedy


def test_a_log_driver_that_kubelet_cannot_read_is_refused(site: Site) -> None:
    nodes, configuration = site.windows(runtime="docker"), {"log-driver": "etwlogs"}
    problem = site.problems(windowsNodes=nodes, windowsDockerConfiguration=configuration)[
        "windowsDockerConfiguration.log-driver"
    ]
    assert "leave it out" in problem.remedy


def test_docker_must_keep_the_pipe_that_cri_dockerd_asks(site: Site) -> None:
    nodes, configuration = site.windows(runtime="docker"), {"hosts": ["tcp://127.0.0.1:2376"]}
    problem = site.problems(windowsNodes=nodes, windowsDockerConfiguration=configuration)[
        "windowsDockerConfiguration.hosts"
    ]
    assert "npipe:////./pipe/docker_engine" in problem.remedy

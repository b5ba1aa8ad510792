"""Rules about machines: names, what Windows asks for, and the control plane."""

from __future__ import annotations

import pytest

from tests.unit.example_site import Site


def test_a_windows_name_over_15_characters_is_refused(site: Site) -> None:
    problem = site.only_problem(windowsNodes=site.windows(name="windows-worker-1"))
    assert problem.key == "windowsNodes[0].name"
    assert "16 characters" in problem.rule
    assert "shorten" in problem.remedy


def test_a_linux_name_may_have_63_characters_and_no_more(site: Site) -> None:
    assert site.problems(linuxWorkers=[{"name": "l" * 63, "address": "10.77.0.12"}]) == {}
    problem = site.only_problem(linuxWorkers=[{"name": "l" * 64, "address": "10.77.0.12"}])
    assert problem.key == "linuxWorkers[0].name"


@pytest.mark.parametrize(("name", "proposal"), [("WIN1", "win1"), ("win_1", "win-1"), ("win1-", "win1")])
def test_a_name_that_is_not_lower_case_rfc_1123_is_refused_with_one_that_is(
    site: Site, name: str, proposal: str
) -> None:
    problem = site.only_problem(windowsNodes=site.windows(name=name))
    assert problem.key == "windowsNodes[0].name"
    assert f"write {proposal};" in problem.remedy


def test_a_windows_name_of_digits_only_is_refused(site: Site) -> None:
    assert "write win42" in site.only_problem(windowsNodes=site.windows(name="42")).remedy


def test_two_nodes_of_one_name_are_refused(site: Site) -> None:
    problem = site.only_problem(windowsNodes=site.windows(name="lin1"))
    assert problem.key == "windowsNodes[0].name"
    assert "linuxWorkers[0].name" in problem.rule
    assert "its own name" in problem.remedy


def test_two_nodes_of_one_address_are_refused(site: Site) -> None:
    problem = site.only_problem(windowsNodes=site.windows(managementIp="10.77.0.11"))
    assert problem.key == "windowsNodes[0].managementIp"
    assert "controlPlane.address" in problem.rule
    assert "its own address" in problem.remedy


def test_l2bridge_is_refused_and_told_what_works_instead(site: Site) -> None:
    problem = site.only_problem(windowsNodes=site.windows(networkMode="l2bridge"))
    assert problem.key == "windowsNodes[0].networkMode"
    assert "host-gw" in problem.rule
    assert "write overlay" in problem.remedy


def test_the_virtual_adapter_is_refused_as_interface_name(site: Site) -> None:
    problem = site.only_problem(windowsNodes=site.windows(interfaceName="vEthernet (Ethernet)"))
    assert "Get-NetAdapter" in problem.remedy


@pytest.mark.parametrize("folder", ["logs", "/var/log", r"\\server\logs", "C:logs", ""])
def test_a_log_folder_that_is_no_absolute_windows_path_is_refused(site: Site, folder: str) -> None:
    problem = site.only_problem(windowsNodes=site.windows(logFolder=folder))
    assert problem.key == "windowsNodes[0].logFolder"
    assert r"C:\k" in problem.remedy


@pytest.mark.parametrize("endpoint", ["unix:///run/containerd.sock", "tcp://127.0.0.1", "tcp://127.0.0.1:70000"])
def test_a_container_runtime_that_kubelet_cannot_dial_is_refused(site: Site, endpoint: str) -> None:
    problem = site.only_problem(windowsNodes=site.windows(criEndpoint=endpoint))
    assert "npipe:////./pipe/containerd-containerd" in problem.remedy


def test_a_container_runtime_over_tcp_is_allowed(site: Site) -> None:
    assert site.problems(windowsNodes=site.windows(criEndpoint="tcp://127.0.0.1:3735")) == {}


def test_the_pipe_of_the_other_runtime_is_refused(site: Site) -> None:
    nodes = site.windows(criEndpoint="npipe:////./pipe/cri-dockerd")
    problem = site.only_problem(windowsNodes=nodes)
    assert problem.key == "windowsNodes[0].criEndpoint"
    assert "set runtime to docker" in problem.remedy


def test_a_runtime_that_is_neither_of_the_two_is_refused(site: Site) -> None:
    problem = site.only_problem(windowsNodes=site.windows(runtime="podman"))
    assert problem.key == "windowsNodes[0].runtime"
    assert "containerd" in problem.rule + problem.remedy


@pytest.mark.parametrize("seconds", [1, 2, 3601, -2])
def test_a_grace_period_that_kubelet_cannot_split_or_that_never_ends_is_refused(site: Site, seconds: int) -> None:
    problem = site.only_problem(shutdownGracePeriod=seconds)
    assert (problem.key, problem.remedy) == ("shutdownGracePeriod", "write 60")


@pytest.mark.parametrize("seconds", [-1, 3, 3600])
def test_a_grace_period_may_be_none_or_long(site: Site, seconds: int) -> None:
    assert site.problems(shutdownGracePeriod=seconds) == {}


def test_an_api_endpoint_that_is_a_url_is_refused(site: Site) -> None:
    control_plane = {**site.values()["controlPlane"], "endpoint": "https://api.example.com:6443"}
    assert "api.example.com:6443" in site.only_problem(controlPlane=control_plane).remedy


def test_a_foreign_flannel_in_a_new_cluster_is_refused(site: Site) -> None:
    problem = site.only_problem(existingFlannel=[{"name": "kube-flannel-ds", "namespace": "kube-flannel"}])
    assert problem.key == "existingFlannel"
    assert "controlPlane.existing" in problem.remedy


@pytest.mark.parametrize("target", ["https://registry.example.com", "registry.example.com", "1.1.1.1:99999", " "])
def test_an_outbound_target_that_is_no_host_and_port_is_refused(site: Site, target: str) -> None:
    problem = site.only_problem(outboundTarget=target)
    assert problem.key == "outboundTarget"
    assert "registry.example.com:443" in problem.remedy


def test_an_outbound_target_is_a_host_and_a_port(site: Site) -> None:
    assert site.problems(outboundTarget="registry.example.com:443") == {}


def test_a_former_name_is_the_name_of_a_node_that_is_taken_over(site: Site) -> None:
    assert site.problems(windowsNodes=site.windows(adopt=True, formerName="win1.example.org")) == {}
    problem = site.only_problem(windowsNodes=site.windows(adopt=True, formerName="WIN1"))
    assert problem.key == "windowsNodes[0].formerName"
    assert "kubectl get nodes" in problem.remedy
    assert "set adopt to true" in site.only_problem(windowsNodes=site.windows(formerName="old")).remedy


def test_a_machine_that_is_gone_is_not_taken_over(site: Site) -> None:
    problem = site.only_problem(windowsNodes=site.windows(adopt=True, gone=True))
    assert problem.key == "windowsNodes[0].adopt"
    assert "leave adopt out" in problem.remedy


def test_the_control_plane_cannot_be_gone(site: Site) -> None:
    problem = site.only_problem(controlPlane={"name": "cp1", "address": "10.77.0.11", "gone": True})
    assert problem.key == "controlPlane.gone"
    assert "restore the machine" in problem.remedy


@pytest.mark.parametrize("seconds", [0, -1, 86401])
def test_a_drain_has_a_limit(site: Site, seconds: int) -> None:
    problem = site.only_problem(removal={"drainSeconds": seconds})
    assert problem.key == "removal.drainSeconds"
    assert "300" in problem.remedy


def test_a_control_plane_does_not_replace_itself(site: Site) -> None:
    head = {"name": "cp1", "address": "10.77.0.11"}
    problem = site.only_problem(controlPlane={**head, "replaces": "cp1"})
    assert problem.key == "controlPlane.replaces"
    assert problem.remedy.startswith("leave it out")
    assert site.problems(controlPlane={**head, "replaces": "cp0"}) == {}

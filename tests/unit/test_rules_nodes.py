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


def test_an_api_endpoint_that_is_a_url_is_refused(site: Site) -> None:
    control_plane = {**site.values()["controlPlane"], "endpoint": "https://api.example.com:6443"}
    assert "api.example.com:6443" in site.only_problem(controlPlane=control_plane).remedy


def test_a_foreign_flannel_in_a_new_cluster_is_refused(site: Site) -> None:
    problem = site.only_problem(existingFlannel=[{"name": "kube-flannel-ds", "namespace": "kube-flannel"}])
    assert problem.key == "existingFlannel"
    assert "controlPlane.existing" in problem.remedy

"""Rules about ranges and addresses: what is refused, under which key, and what the person is told to do."""

from __future__ import annotations

import pytest

from tests.unit.example_site import Site


def test_a_pod_range_that_overlaps_the_service_range_is_refused(site: Site) -> None:
    problem = site.only_problem(podCidr="10.96.0.0/16", dnsAddress="10.97.0.10")
    assert (problem.key, problem.value) == ("serviceCidr", "10.96.0.0/12")
    assert "podCidr 10.96.0.0/16" in problem.rule
    assert "separate range" in problem.remedy


def test_a_node_range_that_overlaps_the_pod_range_is_refused(site: Site) -> None:
    problem = site.problems(nodeCidrs=["10.77.0.0/24", "10.244.7.0/24"])["nodeCidrs[1]"]
    assert "separate range" in problem.remedy


def test_no_node_range_at_all_is_refused(site: Site) -> None:
    assert "10.77.0.0/24" in site.problems(nodeCidrs=[])["nodeCidrs"].remedy


def test_too_few_addresses_for_the_pods_are_refused_with_the_guides_sum(site: Site) -> None:
    assert site.problems(podCidr="10.244.0.0/24", nodePrefixLength=26, podsPerNode=60) == {}
    problem = site.problems(podCidr="10.244.0.0/24", nodePrefixLength=25, podsPerNode=110)["podCidr"]
    assert "4 + 4 x 110 = 444" in problem.rule
    assert "prefix length 23 or less" in problem.remedy


def test_too_few_subnets_for_the_nodes_are_refused(site: Site) -> None:
    problem = site.only_problem(podCidr="10.244.0.0/23")
    assert problem.key == "nodePrefixLength"
    assert "2 subnets" in problem.rule
    assert "write 25 or more" in problem.remedy


def test_a_node_subnet_larger_than_the_pod_range_is_refused(site: Site) -> None:
    problem = site.only_problem(nodePrefixLength=15)
    assert problem.key == "nodePrefixLength"
    assert "longer prefix" in problem.remedy


def test_more_subnets_than_the_controller_manager_keeps_are_refused(site: Site) -> None:
    problem = site.problems(podCidr="10.128.0.0/9", nodePrefixLength=26, podsPerNode=50)["nodePrefixLength"]
    assert "write 25 or less" in problem.remedy


@pytest.mark.parametrize(("pods", "refused"), [(252, False), (253, True), (0, True)])
def test_as_many_pods_as_a_node_subnet_has_room_for_are_allowed(site: Site, pods: int, refused: bool) -> None:
    problems = site.problems(podsPerNode=pods)
    assert set(problems) == ({"podsPerNode"} if refused else set())


def test_pods_that_do_not_fit_into_a_node_subnet_are_told_what_takes_the_room(site: Site) -> None:
    problem = site.only_problem(podsPerNode=253)
    assert "source VIP" in problem.rule
    assert "nodePrefixLength" in problem.remedy


def test_a_dns_address_outside_the_service_range_is_refused(site: Site) -> None:
    problem = site.only_problem(dnsAddress="10.200.0.10")
    assert problem.key == "dnsAddress"
    assert "10.96.0.10" in problem.remedy


def test_the_apis_own_address_is_refused_for_dns(site: Site) -> None:
    problem = site.only_problem(dnsAddress="10.96.0.1")
    assert "API" in problem.rule
    assert "10.96.0.10" in problem.remedy


@pytest.mark.parametrize("cidr", ["10.96.0.0/11", "10.96.0.0/29"])
def test_a_service_range_that_kubernetes_does_not_take_is_refused(site: Site, cidr: str) -> None:
    assert "10.96.0.0/12" in site.problems(serviceCidr=cidr)["serviceCidr"].remedy


@pytest.mark.parametrize("vni", [1, 4095, 65536])
def test_a_vni_that_windows_does_not_take_is_refused(site: Site, vni: int) -> None:
    problem = site.only_problem(vni=vni)
    assert (problem.key, problem.value) == ("vni", str(vni))
    assert "4096" in problem.remedy


@pytest.mark.parametrize("vni", [4096, 65535])
def test_both_ends_of_the_vni_span_are_allowed(site: Site, vni: int) -> None:
    assert site.problems(vni=vni) == {}


def test_another_vxlan_port_is_refused(site: Site) -> None:
    problem = site.only_problem(vxlanPort=8472)
    assert problem.key == "vxlanPort"
    assert "write 4789" in problem.remedy


@pytest.mark.parametrize("name", ["", "vxlan 0", "nat", "-x"])
def test_a_network_name_that_hns_or_cni_would_refuse_is_refused(site: Site, name: str) -> None:
    problem = site.only_problem(networkName=name)
    assert problem.key == "networkName"
    assert "vxlan0" in problem.remedy


@pytest.mark.parametrize("mtu", [576, 65000])
def test_an_mtu_that_no_network_has_is_refused(site: Site, mtu: int) -> None:
    assert "adapters" in site.only_problem(mtu=mtu).remedy


def test_a_node_outside_the_node_ranges_is_refused(site: Site) -> None:
    problem = site.problems(windowsNodes=site.windows(managementIp="10.78.0.21"))["windowsNodes[0].managementIp"]
    assert "nodeCidrs" in problem.remedy


def test_a_node_inside_the_pod_range_is_refused(site: Site) -> None:
    problem = site.problems(linuxWorkers=[{"name": "lin1", "address": "10.244.0.5"}])["linuxWorkers[0].address"]
    assert "podCidr 10.244.0.0/16" in problem.rule
    assert "move the node" in problem.remedy

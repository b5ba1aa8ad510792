"""The model of the Host Networking Service: what it takes, what it refuses, what it does to the wire."""

import json
from pathlib import Path
from typing import Any

import pytest

from lab.windows import hns_log
from lab.windows import hns_objects as objects
from lab.windows.balancing import ruleset
from lab.windows.compute_systems import SYSTEM_NOT_FOUND, ComputeSystems
from lab.windows.hns import HnsModel
from lab.windows.hns_v1 import hns_call
from lab.windows.loopback import Answer

NETWORK = {
    "Name": "vxlan0",
    "Type": "Overlay",
    "Flags": objects.NON_PERSISTENT,
    "Policies": [{"Type": "NetAdapterName", "Settings": {"NetworkAdapterName": "eth0"}}],
    "Ipams": [
        {
            "Type": "Static",
            "Subnets": [
                {
                    "IpAddressPrefix": "10.244.1.0/24",
                    "Policies": [{"Type": "VSID", "Settings": {"IsolationId": 4096}}],
                    "Routes": [{"NextHop": "10.244.1.1", "DestinationPrefix": "0.0.0.0/0"}],
                }
            ],
        }
    ],
}
ROUTE = {
    "DestinationPrefix": "10.244.0.0/24",
    "IsolationId": 4096,
    "ProviderAddress": "10.77.0.11",
    "DistributedRouterMacAddress": "aa:bb:cc:dd:ee:ff",
}


class FakeWire:
    def __init__(self) -> None:
        self.done: list[str] = []
        self.fails = False

    def adapters(self) -> dict[str, str]:
        return {"Ethernet": "10.77.0.21", "eth0": "10.77.0.21"}

    def network_added(self, network: dict[str, Any]) -> None:
        if self.fails:
            raise RuntimeError("ip link add failed")
        self.done.append(f"network {network['Name']} added")

    def network_removed(self, network: dict[str, Any]) -> None:
        self.done.append(f"network {network['Name']} removed")

    def remote_subnet(self, network: dict[str, Any], policy: dict[str, Any], present: bool) -> None:
        self.done.append(f"{policy['DestinationPrefix']} {'reachable' if present else 'gone'}")

    def endpoint_attached(self, network: dict[str, Any], endpoint: dict[str, Any], namespace: str) -> None:
        self.done.append(f"{endpoint['IpConfigurations'][0]['IpAddress']} attached to {namespace}")

    def endpoint_removed(self, endpoint: dict[str, Any]) -> None:
        self.done.append(f"{endpoint['IpConfigurations'][0]['IpAddress']} removed")

    def namespace_removed(self, namespace: str) -> None:
        self.done.append(f"namespace {namespace} removed")

    def load_balancers(self, balancers: list[dict[str, Any]], endpoints: dict[str, dict[str, Any]]) -> None:
        self.done.append(f"{len(balancers)} load balancers")


class Service:
    """The model with a wire that only remembers."""

    def __init__(self) -> None:
        self.wire = FakeWire()
        self.state: dict[str, Any] = {}
        numbers = iter(range(1, 100))
        self.model = HnsModel(self.state, self.wire, lambda: f"00000000-0000-0000-0000-{next(numbers):012d}")

    def ask(self, function: str, value: object = None, guid: str = "") -> Answer:
        return self.model.call(function, guid, "" if value is None else json.dumps(value))

    def made(self, function: str, value: object, guid: str = "") -> str:
        answer = self.ask(function, value, guid)
        assert answer.result == 0, answer.text
        return answer.guid

    def found(self, kind: str, **filters: str) -> list[str]:
        query = {"SchemaVersion": {"Major": 2, "Minor": 0}, "Filter": json.dumps(filters)}
        ids: list[str] = json.loads(self.ask(f"HcnEnumerate{kind}s", query).text)
        return ids


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def network(service: Service) -> str:
    return service.made("HcnCreateNetwork", NETWORK)


def endpoint(address: str, remote: bool = False) -> dict[str, Any]:
    return {"IpConfigurations": [{"IpAddress": address}], "MacAddress": "0E-2A-0A-F4-01-03", "Flags": int(remote)}


def test_a_network_gets_the_management_address_and_a_router_mac_as_flanneld_waits_for(
    service: Service, network: str
) -> None:
    shown = json.loads(service.ask("HcnQueryNetworkProperties", {}, network).text)
    assert objects.policies(shown, "ProviderAddress") == [{"ProviderAddress": "10.77.0.21"}]
    assert objects.policies(shown, "DrMacAddress") == [{"Address": "00-15-0A-4D-00-15"}]
    assert service.found("Network", Name="VXLAN0") == [network]
    assert service.found("Network", Name="cbr0") == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Type": "L2Bridge"}, objects.INVALID_NETWORK_TYPE),
        ({"Ipams": []}, objects.INVALID_NETWORK),
        (
            {"Policies": [{"Type": "NetAdapterName", "Settings": {"NetworkAdapterName": "Wi-Fi"}}]},
            objects.ADAPTER_NOT_FOUND,
        ),
    ],
)
def test_a_network_that_windows_could_not_make_is_refused(
    service: Service, change: dict[str, object], code: int
) -> None:
    assert service.ask("HcnCreateNetwork", NETWORK | change).result == code
    assert service.wire.done == []


def test_a_second_network_of_the_same_name_is_refused(service: Service, network: str) -> None:
    assert service.ask("HcnCreateNetwork", NETWORK).result == objects.NETWORK_ALREADY_EXISTS
    assert service.found("Network") == [network]


def test_what_fails_on_the_wire_is_not_kept(service: Service) -> None:
    service.wire.fails = True
    assert service.ask("HcnCreateNetwork", NETWORK).result != 0
    assert service.found("Network") == []


def test_a_remote_subnet_comes_and_goes_with_its_policy(service: Service, network: str) -> None:
    policy = {"Policies": [{"Type": "RemoteSubnetRoute", "Settings": ROUTE}]}
    for verb in ("Add", "Remove"):
        service.made("HcnModifyNetwork", {"ResourceType": "Policy", "RequestType": verb, "Settings": policy}, network)
    assert service.wire.done[1:] == ["10.244.0.0/24 reachable", "10.244.0.0/24 gone"]
    again = {"ResourceType": "Policy", "RequestType": "Remove", "Settings": policy}
    assert service.ask("HcnModifyNetwork", again, network).result == objects.POLICY_NOT_FOUND


def test_a_pod_is_attached_once_and_its_address_is_given_once(service: Service, network: str) -> None:
    pod = service.made("HcnCreateEndpoint", endpoint("10.244.1.3"), network)
    assert service.ask("HcnCreateEndpoint", endpoint("10.244.1.3"), network).result == objects.ADDRESS_RESERVED
    namespace = service.made("HcnCreateNamespace", {})
    attach = {"ResourceType": "Endpoint", "RequestType": "Add", "Settings": {"EndpointId": pod}}
    service.made("HcnModifyNamespace", attach, namespace)
    assert f"10.244.1.3 attached to {namespace}" in service.wire.done
    assert service.ask("HcnModifyNamespace", attach, namespace).result == objects.ALREADY_ATTACHED


def test_an_endpoint_behind_a_load_balancer_cannot_go_before_it(service: Service, network: str) -> None:
    remote = service.made("HcnCreateEndpoint", endpoint("10.244.0.2", remote=True), network)
    balancer = {
        "HostComputeEndpoints": [remote],
        "FrontendVIPs": ["10.96.0.10"],
        "PortMappings": [{"Protocol": 17, "InternalPort": 53, "ExternalPort": 53}],
    }
    made = service.made("HcnCreateLoadBalancer", balancer)
    assert service.ask("HcnCreateLoadBalancer", balancer).result == objects.PORT_ALREADY_EXISTS
    assert service.ask("HcnDeleteEndpoint", guid=remote).result == objects.HAS_REFERENCES
    service.made("HcnDeleteLoadBalancer", None, made)
    service.made("HcnDeleteEndpoint", None, remote)
    assert service.found("Endpoint") == []


def test_a_restart_takes_a_non_persistent_network_and_all_that_hangs_on_it(service: Service, network: str) -> None:
    service.made("HcnCreateEndpoint", endpoint("10.244.1.3"), network)
    service.model.forget_at_boot()
    assert service.found("Network") == []
    assert service.found("Endpoint") == []


BALANCER = {
    "FrontendVIPs": ["10.96.0.10"],
    "PortMappings": [{"Protocol": 17, "InternalPort": 53, "ExternalPort": 53}],
    "SourceVIP": "10.244.1.2",
}


def test_an_end_of_the_service_takes_the_load_balancers_and_leaves_the_network(service: Service, network: str) -> None:
    service.made("HcnCreateLoadBalancer", BALANCER)
    service.model.forget_load_balancers()
    assert service.found("LoadBalancer") == []
    assert service.found("Network") == [network]
    assert service.wire.done[-1] == "0 load balancers"


def test_the_log_tells_what_was_asked_for_by_name_and_what_came_of_it(
    service: Service, network: str, tmp_path: Path
) -> None:
    balancer = service.made("HcnCreateLoadBalancer", BALANCER)
    for function, guid, text in (
        ("HcnCreateNetwork", "", json.dumps(NETWORK)),
        ("HcnDeleteLoadBalancer", balancer, ""),
        ("HNSCall", "", f"DELETE /networks/{network.upper()}\n"),
        ("HNSCall", "", "GET /policylists/\n"),
        (hns_log.SERVICE_ENDED, "", ""),
    ):
        hns_log.write(tmp_path, hns_log.note(function, guid, text, service.state))
    said = [f"{each.verb} {each.kind} {each.name}".strip() for each in hns_log.read(tmp_path)]
    assert said == [
        "Create Network vxlan0",
        "Delete LoadBalancer 10.96.0.10:53",
        "Delete Network vxlan0",
        "Enumerate LoadBalancer",
        "",
    ]
    assert hns_log.read(tmp_path / "nowhere") == []


def test_the_older_call_shows_the_same_network_and_takes_it_away(service: Service, network: str) -> None:
    (shown,) = json.loads(hns_call(service.model, "20348", "GET /networks/\n"))["Output"]
    assert (shown["Name"], shown["Type"], shown["ManagementIP"]) == ("vxlan0", "Overlay", "10.77.0.21")
    assert shown["Subnets"][0]["AddressPrefix"] == "10.244.1.0/24"
    assert json.loads(hns_call(service.model, "20348", f"DELETE /networks/{shown['ID']}\n"))["Success"]
    assert service.wire.done[-1] == "network vxlan0 removed"
    assert not json.loads(hns_call(service.model, "20348", f"DELETE /networks/{network}\n"))["Success"]


def test_an_endpoint_is_put_into_a_container_by_its_name_as_docker_needs_it(service: Service, network: str) -> None:
    policies = [{"Type": "OutBoundNAT", "ExceptionList": ["10.244.0.0/16"]}, {"Type": "PA", "PA": "10.77.0.21"}]
    wanted = {
        "Name": "pod_vxlan0",
        "VirtualNetwork": network.upper(),
        "IPAddress": "10.244.1.3",
        "GatewayAddress": "10.244.1.1",
        "DNSServerList": "10.96.0.10",
        "Policies": policies,
    }
    made = json.loads(hns_call(service.model, "20348", f"POST /endpoints/\n{json.dumps(wanted)}"))["Output"]
    assert (made["IPAddress"], made["GatewayAddress"], made["SharedContainers"]) == ("10.244.1.3", "10.244.1.1", [])
    systems = ComputeSystems(service.model)
    assert systems.call("ComputeSystemOpen", "pod\n").result == SYSTEM_NOT_FOUND
    namespace = service.made("HcnCreateNamespace", {})
    systems.call("ComputeSystemCreate", json.dumps({"id": "pod", "namespace": namespace}))
    attach = {"ResourceType": "Network", "RequestType": "Add", "Settings": made["ID"]}
    assert systems.call("ComputeSystemModify", f"pod\n{json.dumps(attach)}").result == 0
    assert service.wire.done[-2] == f"10.244.1.3 attached to {namespace}"
    shown = json.loads(hns_call(service.model, "20348", f"GET /endpoints/{made['ID']}\n"))["Output"]
    assert shown["SharedContainers"] == ["pod"]


def test_a_policy_of_version_2_is_refused_by_the_older_call(service: Service, network: str) -> None:
    policy = {"Type": "SDNRoute", "Settings": {}}
    wanted = {"VirtualNetwork": network, "IPAddress": "10.244.1.3", "Policies": [policy]}
    assert not json.loads(hns_call(service.model, "20348", f"POST /endpoints/\n{json.dumps(wanted)}"))["Success"]
    assert service.found("Endpoint") == []


def test_a_function_that_is_not_modelled_says_so(service: Service) -> None:
    answer = service.ask("HcnReserveGuestNetworkServicePort", {})
    assert answer.result == 0x80004001
    assert "not modelled" in answer.text


def test_a_service_address_leads_to_its_pods_and_outbound_traffic_is_translated() -> None:
    pods = {
        "a": endpoint("10.244.0.2", remote=True),
        "b": endpoint("10.244.1.3")
        | {
            "HostComputeNamespace": "n",
            "Policies": [{"Type": "OutBoundNAT", "Settings": {"Exceptions": ["10.244.0.0/16", "10.96.0.0/12"]}}],
        },
    }
    balancer = {
        "HostComputeEndpoints": ["a", "b"],
        "SourceVIP": "10.244.1.2",
        "FrontendVIPs": ["10.96.0.10"],
        "PortMappings": [{"Protocol": 6, "InternalPort": 8080, "ExternalPort": 80}],
    }
    text = ruleset("hns.4096", "hns0", "10.244.1.0/24", [balancer], pods)
    choices = "{ 0 : 10.244.0.2 . 8080, 1 : 10.244.1.3 . 8080 }"
    assert f"ip daddr 10.96.0.10 tcp dport 80 dnat ip addr . port to numgen random mod 2 map {choices}" in text
    assert 'oifname "hns.4096" ip saddr != 10.244.1.0/24 ct status dnat snat to 10.244.1.2' in text
    assert "ip saddr 10.244.1.3 ip daddr != { 10.244.0.0/16, 10.96.0.0/12 }" in text

"""The older face of the HNS model: ``HNSCall`` with a method and a path, as PowerShell scripts use it."""

from __future__ import annotations

import json
from ipaddress import IPv4Network

from lab.windows.hns import HnsModel
from lab.windows.hns_objects import KINDS, REMOTE, HnsError, Object, policies, subnet, vsid
from lab.windows.loopback import NO_GUID

VERSION = {"20348": {"Major": 13, "Minor": 3}, "26100": {"Major": 15, "Minor": 2}}
"""Windows build to the version of its HNS."""
PLACES = {"networks": "Network", "endpoints": "Endpoint", "policylists": "LoadBalancer"}
"""First part of a path to the kind of object."""
_NOT_FOUND = 0x80070490
_INVALID_ARGUMENT = 0x80070057


def hns_call(model: HnsModel, build: str, text: str) -> str:
    """Do ``METHOD PATH`` (first line of the text, the rest is a body) and return the service's JSON answer."""
    line, _, body = text.partition("\n")
    method, _, path = line.partition(" ")
    try:
        output = _do(model, build, method, [part for part in path.split("/") if part], body)
    except HnsError as error:
        return json.dumps({"Success": False, "Error": str(error), "ErrorCode": error.code})
    return json.dumps({"Success": True, "Output": output})


def _do(model: HnsModel, build: str, method: str, path: list[str], body: str) -> object:
    if method == "GET" and path in (["globals", "version"], ["globals"]):
        return VERSION[build]
    if method == "POST" and path == ["endpoints"]:
        return _create_endpoint(model, json.loads(body))
    kind = PLACES.get(path[0]) if path else None
    if kind is None or len(path) > 2 or method not in ("GET", "DELETE"):
        raise HnsError(_NOT_FOUND, f"{method} /{'/'.join(path)} is not modelled")
    if method == "DELETE":
        model.delete(kind, path[1].lower())
        return {}
    show = {"Network": _network, "Endpoint": _endpoint, "LoadBalancer": _policy_list}[kind]
    if len(path) == 2:
        return show(model, model.get(kind, path[1]))
    return [show(model, value) for value in model.state[KINDS[kind][0]].values()]


def _create_endpoint(model: HnsModel, given: Object) -> Object:
    """Make an endpoint that is described the older way, as win-overlay does for Docker's containers."""
    wanted = {
        "Name": given.get("Name", ""),
        "HostComputeNetwork": given["VirtualNetwork"].lower(),
        "MacAddress": given.get("MacAddress", ""),
        "IpConfigurations": [{"IpAddress": given["IPAddress"]}],
        "Routes": [{"NextHop": given.get("GatewayAddress", ""), "DestinationPrefix": "0.0.0.0/0"}],
        "Dns": {"ServerList": _words(given, "DNSServerList"), "Search": _words(given, "DNSSuffix")},
        "Policies": [_policy(policy) for policy in given.get("Policies") or []],
    }
    answer = model.call("HcnCreateEndpoint", NO_GUID, json.dumps(wanted))
    if answer.result:
        raise HnsError(answer.result, str(json.loads(answer.text)["Error"]))
    return _endpoint(model, model.get("Endpoint", answer.guid))


def _words(given: Object, key: str) -> list[str]:
    return [word for word in given.get(key, "").split(",") if word]


def _policy(policy: Object) -> Object:
    """Return a policy as version 2 names it. Raises HnsError for one that is not modelled."""
    kind = policy.get("Type")
    if kind == "OutBoundNAT":
        return {"Type": kind, "Settings": {"Exceptions": policy.get("ExceptionList") or []}}
    if kind == "ROUTE":
        settings = {key: policy.get(key) for key in ("DestinationPrefix", "NeedEncap")}
        return {"Type": "SDNRoute", "Settings": settings}
    if kind == "PA":
        return {"Type": "ProviderAddress", "Settings": {"ProviderAddress": policy["PA"]}}
    raise HnsError(_INVALID_ARGUMENT, f"an endpoint has no policy of type {kind}")


def _network(_model: HnsModel, network: Object) -> Object:
    prefix = IPv4Network(subnet(network)["IpAddressPrefix"])
    return {
        "ID": network["ID"].upper(),
        "Name": network["Name"],
        "Type": network["Type"],
        "ManagementIP": policies(network, "ProviderAddress")[0]["ProviderAddress"],
        "Policies": [{"Type": "DrMacAddress", **one} for one in policies(network, "DrMacAddress")],
        "Subnets": [
            {
                "AddressPrefix": str(prefix),
                "GatewayAddress": str(prefix[1]),
                "Policies": [{"Type": "VSID", "VSID": vsid(network)}],
            }
        ],
        "State": 1,
    }


def _endpoint(model: HnsModel, endpoint: Object) -> Object:
    network = model.get("Network", endpoint["HostComputeNetwork"])
    address = (endpoint.get("IpConfigurations") or [{}])[0]
    route, dns = (endpoint.get("Routes") or [{}])[0], endpoint.get("Dns") or {}
    return {
        "ID": endpoint["ID"].upper(),
        "Name": endpoint.get("Name", ""),
        "VirtualNetwork": network["ID"].upper(),
        "VirtualNetworkName": network["Name"],
        "IPAddress": address.get("IpAddress", ""),
        "MacAddress": endpoint.get("MacAddress", ""),
        "GatewayAddress": route.get("NextHop", ""),
        "DNSServerList": ",".join(dns.get("ServerList") or []),
        "DNSSuffix": ",".join(dns.get("Search") or []),
        "SharedContainers": endpoint.get("SharedContainers") or [],
        "IsRemoteEndpoint": bool(endpoint.get("Flags", 0) & REMOTE),
        "State": 2 if endpoint.get("HostComputeNamespace") else 1,
    }


def _policy_list(_model: HnsModel, balancer: Object) -> Object:
    vips = {"VIPs": balancer.get("FrontendVIPs") or [], "SourceVIP": balancer.get("SourceVIP", "")}
    return {
        "ID": balancer["ID"].upper(),
        "References": [f"/endpoints/{reference}" for reference in balancer.get("HostComputeEndpoints") or []],
        "Policies": [{"Type": "ELB", **mapping, **vips} for mapping in balancer.get("PortMappings") or []],
    }

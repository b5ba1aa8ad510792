"""A model of Windows' Host Networking Service, version 2 API: objects as JSON, and what they do to the wire.

Programs reach it through ``vmcompute.dll`` and ``computenetwork.dll`` (``c/hns.c``). It checks what the real service
checks before it takes a request, as far as the programs of a Kubernetes node come near it, and adds what the real one
adds: the management address, the distributed router's MAC address. What a network, an endpoint or a load balancer
does to packets is done by a ``Wire``.
"""

from __future__ import annotations

import copy
import json
import uuid
from collections.abc import Callable

from lab.windows import hns_objects as objects
from lab.windows.hns_objects import KINDS, HnsError, Object, Wire, frontends, matches, policies, subnet, vsid
from lab.windows.loopback import NO_GUID, NOT_IMPLEMENTED, UNEXPECTED, Answer


class HnsModel:
    """The service: its objects are in ``state``, a JSON-able mapping that the caller keeps."""

    def __init__(self, state: Object, wire: Wire, new_id: Callable[[], str] = lambda: str(uuid.uuid4())) -> None:
        self.state = state
        self._wire = wire
        self._new_id = new_id
        for place, _ in KINDS.values():
            state.setdefault(place, {})

    def call(self, function: str, guid: str, text: str) -> Answer:
        """Do a function of ``computenetwork.dll``; one that fails leaves everything as it was."""
        before = copy.deepcopy(self.state)
        try:
            return self._call(function, guid.lower(), text)
        except RuntimeError as error:
            self.state.clear()
            self.state.update(before)
            return Answer(UNEXPECTED, NO_GUID, json.dumps({"Success": False, "Error": str(error)}))
        except HnsError as error:
            said = {"Success": False, "Error": str(error), "ErrorCode": error.code}
            return Answer(error.code, NO_GUID, json.dumps(said))
        except json.JSONDecodeError as error:
            return Answer(objects.INVALID_JSON, NO_GUID, json.dumps({"Success": False, "Error": str(error)}))

    def _call(self, function: str, guid: str, text: str) -> Answer:
        verb, kind = parts(function)
        if verb == "Enumerate":
            found = [key for key, value in self.state[KINDS[kind][0]].items() if matches(value, text)]
            return Answer(text=json.dumps(found))
        if verb == "Create":
            value = json.loads(text)
            value["ID"] = (value.get("ID") or self._new_id()).lower()
            getattr(self, f"_create_{kind.lower()}")(value, guid)
            return Answer(guid=value["ID"])
        value = self.get(kind, guid)
        if verb == "Query":
            return Answer(guid=guid, text=json.dumps(value))
        if verb == "Delete":
            self.delete(kind, guid)
        elif verb == "Modify":
            modify = getattr(self, f"_modify_{kind.lower()}", None)
            if modify is None:
                raise HnsError(NOT_IMPLEMENTED, f"{function} is not modelled")
            modify(value, json.loads(text))
        return Answer(guid=guid)

    def get(self, kind: str, guid: str) -> Object:
        """Return an object. Raises HnsError when there is none."""
        place, missing = KINDS[kind]
        if guid.lower() not in self.state[place]:
            raise HnsError(missing, f"{kind} {guid} was not found")
        found: Object = self.state[place][guid.lower()]
        return found

    # Networks

    def _create_network(self, network: Object, _guid: str) -> None:
        if network.get("Type") != "Overlay":
            raise HnsError(objects.INVALID_NETWORK_TYPE, "the lab's model of HNS knows overlay networks only")
        prefix = subnet(network).get("IpAddressPrefix")
        if not prefix or vsid(network) < objects.LOWEST_VSID:
            raise HnsError(
                objects.INVALID_NETWORK, f"an overlay network needs a subnet and a VSID from {objects.LOWEST_VSID} on"
            )
        for other in self.state["networks"].values():
            if other["Name"].lower() == network["Name"].lower() or subnet(other)["IpAddressPrefix"] == prefix:
                raise HnsError(objects.NETWORK_ALREADY_EXISTS, f"{other['Name']} exists already, with {prefix}")
        adapters = self._wire.adapters()
        if not adapters:
            raise HnsError(objects.ADAPTER_NOT_FOUND, "no adapter has an address")
        wanted = next((one["NetworkAdapterName"] for one in policies(network, "NetAdapterName")), next(iter(adapters)))
        if wanted.lower() not in {name.lower() for name in adapters}:
            raise HnsError(objects.ADAPTER_NOT_FOUND, f"there is no adapter {wanted}")
        address = next(ip for name, ip in adapters.items() if name.lower() == wanted.lower())
        octets = "-".join(f"{int(part):02X}" for part in address.split("."))
        network.setdefault("Policies", []).extend([
            {"Type": "ProviderAddress", "Settings": {"ProviderAddress": address}},
            {"Type": "DrMacAddress", "Settings": {"Address": f"00-15-{octets}"}},
        ])  # fmt: skip
        self.state["networks"][network["ID"]] = network
        self._wire.network_added(network)

    def _modify_network(self, network: Object, request: Object) -> None:
        if request["ResourceType"] != "Policy":
            raise HnsError(NOT_IMPLEMENTED, f"changing a network's {request['ResourceType']} is not modelled")
        for policy in request["Settings"]["Policies"]:
            held, add = network["Policies"], request["RequestType"] == "Add"
            if not add and policy not in held:
                raise HnsError(objects.POLICY_NOT_FOUND, f"{network['Name']} has no such policy: {policy}")
            (held.append if add else held.remove)(policy)
            if policy["Type"] == "RemoteSubnetRoute":
                if policy["Settings"]["IsolationId"] != vsid(network):
                    raise HnsError(
                        objects.INVALID_POLICY, f"{policy['Settings']['IsolationId']} is not the network's VSID"
                    )
                self._wire.remote_subnet(network, policy["Settings"], add)

    # Endpoints

    def _create_endpoint(self, endpoint: Object, network_guid: str) -> None:
        network = self.get("Network", endpoint.get("HostComputeNetwork") or network_guid)
        endpoint["HostComputeNetwork"] = network["ID"]
        addresses = {config["IpAddress"] for config in endpoint.get("IpConfigurations") or []}
        remote = bool(endpoint.get("Flags", 0) & objects.REMOTE)
        for other in self.state["endpoints"].values():
            taken = addresses & {config["IpAddress"] for config in other.get("IpConfigurations") or []}
            if taken and bool(other.get("Flags", 0) & objects.REMOTE) == remote:
                raise HnsError(objects.ADDRESS_RESERVED, f"{taken.pop()} belongs to endpoint {other['ID']} already")
        self.state["endpoints"][endpoint["ID"]] = endpoint

    # Namespaces

    def _create_namespace(self, namespace: Object, _guid: str) -> None:
        numbers = [value["NamespaceId"] for value in self.state["namespaces"].values()]
        namespace["NamespaceId"] = max(numbers, default=1) + 1
        namespace.setdefault("Resources", [])
        self.state["namespaces"][namespace["ID"]] = namespace

    def _modify_namespace(self, namespace: Object, request: Object) -> None:
        if request["ResourceType"] != "Endpoint":
            raise HnsError(NOT_IMPLEMENTED, f"changing a namespace's {request['ResourceType']} is not modelled")
        endpoint = self.get("Endpoint", request["Settings"]["EndpointId"])
        resource = {"Type": "Endpoint", "Data": {"ID": endpoint["ID"]}}
        if request["RequestType"] == "Add":
            if endpoint.get("HostComputeNamespace"):
                raise HnsError(objects.ALREADY_ATTACHED, f"endpoint {endpoint['ID']} is attached already")
            self._wire.endpoint_attached(self.get("Network", endpoint["HostComputeNetwork"]), endpoint, namespace["ID"])
            endpoint["HostComputeNamespace"] = namespace["ID"]
            namespace["Resources"].append(resource)
            self._balance()
        elif resource in namespace["Resources"]:
            namespace["Resources"].remove(resource)
            endpoint.pop("HostComputeNamespace", None)
            self._wire.endpoint_removed(endpoint)

    # Load balancers and routes

    def _create_loadbalancer(self, balancer: Object, _guid: str) -> None:
        for reference in balancer.get("HostComputeEndpoints") or []:
            self.get("Endpoint", reference)
        wanted = frontends(balancer)
        for other in self.state["loadbalancers"].values():
            if wanted & frontends(other):
                raise HnsError(
                    objects.PORT_ALREADY_EXISTS, f"load balancer {other['ID']} has {wanted & frontends(other)}"
                )
        self.state["loadbalancers"][balancer["ID"]] = balancer
        self._balance()

    def _modify_loadbalancer(self, balancer: Object, request: Object) -> None:
        for reference in request.get("HostComputeEndpoints") or []:
            self.get("Endpoint", reference)
        balancer.update({key: value for key, value in request.items() if key != "ID"})
        self._balance()

    def _balance(self) -> None:
        self._wire.load_balancers(list(self.state["loadbalancers"].values()), self.state["endpoints"])

    def _create_sdnroute(self, route: Object, _guid: str) -> None:
        self.state["routes"][route["ID"]] = route

    # Taking away

    def delete(self, kind: str, guid: str) -> None:
        """Take an object away. Raises HnsError when there is none, or while another refers to it."""
        value = self.get(kind, guid)
        if kind == "Endpoint":
            users = [one["ID"] for one in self.state["loadbalancers"].values()
                     if guid in (one.get("HostComputeEndpoints") or [])]  # fmt: skip
            if users:
                raise HnsError(objects.HAS_REFERENCES, f"endpoint {guid} is used by load balancer {users[0]}")
            self._wire.endpoint_removed(value)
        if kind == "Network":
            for endpoint in [key for key, one in self.state["endpoints"].items() if one["HostComputeNetwork"] == guid]:
                self.delete("Endpoint", endpoint)
        if kind == "Namespace":
            self._wire.namespace_removed(guid)
        del self.state[KINDS[kind][0]][guid]
        if kind == "LoadBalancer":
            self._balance()
        if kind == "Network":
            self._wire.network_removed(value)

    def forget_load_balancers(self) -> None:
        """Take away what does not live through an end of the service itself."""
        self.state["loadbalancers"] = {}
        self._balance()

    def forget_at_boot(self) -> None:
        """Take away what does not live through a restart: non-persistent networks and everything that hangs on them."""
        lost = {key for key, one in self.state["networks"].items() if one.get("Flags", 0) & objects.NON_PERSISTENT}
        self.state["networks"] = {key: one for key, one in self.state["networks"].items() if key not in lost}
        for place in ("endpoints", "namespaces", "loadbalancers", "routes"):
            self.state[place] = {}


def parts(function: str) -> tuple[str, str]:
    """Return verb and kind of ``HcnCreateNetwork``, ``HcnQueryNetworkProperties``, ``HcnEnumerateNetworks``."""
    name = function.removeprefix("Hcn").removesuffix("Properties")
    for kind in KINDS:
        for verb in ("Enumerate", "Create", "Open", "Modify", "Query", "Delete"):
            if name in (verb + kind, verb + kind + "s"):
                return verb, kind
    raise HnsError(NOT_IMPLEMENTED, f"{function} is not modelled")

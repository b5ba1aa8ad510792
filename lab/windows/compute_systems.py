"""Docker's containers as the Host Compute Service knows them: names that a network endpoint can be put into.

Version 1 of the HNS API attaches an endpoint to a container by the container's name; the service does it by a namespace
that only it knows. The stand-in for dockerd tells which.
"""

from __future__ import annotations

import json

from lab.windows.hns import HnsModel
from lab.windows.hns_objects import Object
from lab.windows.loopback import NO_GUID, NOT_IMPLEMENTED, Answer

SYSTEM_NOT_FOUND = 0xC037010E


class ComputeSystems:
    """The compute systems of one boot of a host, on its HNS model."""

    def __init__(self, hns: HnsModel) -> None:
        self._hns = hns
        self._namespaces: dict[str, str] = {}

    def call(self, function: str, text: str) -> Answer:
        """Do a function whose name begins with ``ComputeSystem``."""
        if function in ("ComputeSystemCreate", "ComputeSystemDelete"):
            given = json.loads(text)
            if function == "ComputeSystemCreate":
                self._namespaces[given["id"]] = given["namespace"].lower()
            else:
                self._namespaces.pop(given["id"], None)
            return Answer()
        name, _, settings = text.partition("\n")
        namespace = self._namespaces.get(name)
        if namespace is None:
            said = {"Error": SYSTEM_NOT_FOUND - (1 << 32), "ErrorMessage": f"no container {name}"}
            return Answer(SYSTEM_NOT_FOUND, NO_GUID, json.dumps(said))
        if function == "ComputeSystemQuery":
            return Answer(text=json.dumps({"Id": name, "SystemType": "Container", "Owner": "docker"}))
        if function == "ComputeSystemModify":
            return self._modify(name, namespace, json.loads(settings))
        return Answer()

    def _modify(self, name: str, namespace: str, request: Object) -> Answer:
        if request.get("ResourceType") != "Network":
            return Answer(NOT_IMPLEMENTED, text=f"changing a container's {request.get('ResourceType')} is not modelled")
        endpoint, verb = str(request["Settings"]), request["RequestType"]
        wanted = {"ResourceType": "Endpoint", "RequestType": verb, "Settings": {"EndpointId": endpoint}}
        answer = self._hns.call("HcnModifyNamespace", namespace, json.dumps(wanted))
        if not answer.result:
            shared = self._hns.get("Endpoint", endpoint)
            shared["SharedContainers"] = [name] if verb == "Add" else []
        return answer

"""Every request to a cloud is one that the cloud's own description of its API allows; and each mistake is found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

import pytest

from lab.providers import azure_requests, google_requests
from tests.graph.clouds import plain
from tests.graph.conftest import Deploy
from tests.graph.engine import Recorder
from tests.unit.cloud_site import AZURE, GCE, azure_values, gce_values
from tests.unit.example_site import host_key

BASTION = {"host": "bastion.example.com", "hostKey": host_key()}
KEYS = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/diskEncryptionSets/k"
AZURE_STACKS: list[dict[str, Any]] = [
    azure_values(),
    azure_values(
        diskEncryptionSet=KEYS,
        hybridBenefit=True,
        pools=[{**AZURE["pools"][0], "spot": True, "zone": "2", "labels": {"kind": "old"}}],
    )
    | {"windowsUpdate": "manual"},
]
GCE_STACKS: list[dict[str, Any]] = [
    gce_values(),
    gce_values(
        kmsKey="projects/p/locations/l/keyRings/r/cryptoKeys/k",
        publicControlPlane=False,
        pools=[{**GCE["pools"][0], "spot": True, "labels": {"kind": "old"}}],
    )
    | {"ssh": {"jumpHost": BASTION}},
]
NOT_COMPARED = {
    # Of no description that is at hand; each is a name, a region and labels.
    "azure-native:resources:ResourceGroup",
    "gcp:serviceaccount/account:Account",
}
Faults = Callable[[str, str, Mapping[str, Any]], list[str]]


def requests(recorder: Recorder, cloud: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Return type, name and inputs of everything that is asked of a cloud."""
    return [
        (each.type, each.name, plain(dict(each.inputs)))
        for each in recorder.resources.values()
        if each.type.startswith(cloud) and each.type not in NOT_COMPARED
    ]


def found(faults: Faults, asked: list[tuple[str, str, dict[str, Any]]]) -> list[str]:
    return [fault for request in asked for fault in faults(*request)]


@pytest.mark.parametrize("stack", AZURE_STACKS, ids=["usual", "all"])
def test_azure_takes_every_request(deploy: Deploy, stack: dict[str, Any]) -> None:
    asked = requests(deploy(**stack), "azure-native:")
    assert len(asked) > 15
    assert found(azure_requests.faults, asked) == []


@pytest.mark.parametrize("stack", GCE_STACKS, ids=["usual", "all"])
def test_google_takes_every_request(deploy: Deploy, stack: dict[str, Any]) -> None:
    asked = requests(deploy(**stack), "gcp:")
    assert len(asked) > 15
    assert found(google_requests.faults, asked) == []


def changed(request: tuple[str, str, dict[str, Any]], place: str, value: object) -> tuple[str, str, dict[str, Any]]:
    """Return a request with another value at a place such as ``osProfile.adminUsername``; None takes it away."""
    kind, name, inputs = deepcopy(request)
    *parents, last = [int(part) if part.isdigit() else part for part in place.split(".")]
    target: Any = inputs
    for part in parents:
        target = target[part]
    if value is None:
        del target[last]
    else:
        target[last] = value
    return kind, name, inputs


def one(deploy: Deploy, stack: dict[str, Any], kind: str, name: str) -> tuple[str, str, dict[str, Any]]:
    (request,) = [each for each in requests(deploy(**stack), "") if each[:2] == (kind, name)]
    return request


VM = ("azure-native:compute:VirtualMachine", "win1")
GROUP = ("azure-native:network:NetworkSecurityGroup", "kubernetes-nodes")


@pytest.mark.parametrize(
    ("of", "place", "value", "said"),
    [
        (VM, "osProfile.adminPasswrd", "x", "unknown property"),
        (VM, "storageProfile.osDisk.caching", "Fast", "is none of"),
        (VM, "storageProfile.osDisk.createOption", None, "lacks createOption"),
        (VM, "hardwareProfile.vmSize", 4, "expected text"),
        (VM, "provisioningState", "Succeeded", "read-only"),
        (VM, "securityProfile.encryptionAtHost", "yes", "expected true or false"),
        (VM, "zones", "1", "expected a list"),
        (GROUP, "securityRules.0.protocol", "tcp", "is none of"),
        (GROUP, "securityRules.0.priority", "100", "expected a whole number"),
        (("azure-native:network:NatGateway", "kubernetes-nat"), "sku.name", "Basic", "is none of"),
    ],
)
def test_a_mistake_in_a_request_to_azure_is_found(
    deploy: Deploy, of: tuple[str, str], place: str, value: object, said: str
) -> None:
    request = one(deploy, azure_values(), *of)
    assert any(said in fault for fault in azure_requests.faults(*changed(request, place, value)))


INSTANCE = ("gcp:compute/instance:Instance", "win1")
RULE = ("gcp:compute/firewall:Firewall", "casement-vxlan")


@pytest.mark.parametrize(
    ("of", "place", "value", "said"),
    [
        (INSTANCE, "foo", "x", "unknown field"),
        (INSTANCE, "name", "Win_0", "does not match"),
        (INSTANCE, "networkInterfaces.0.stackType", "V4", "is none of"),
        (INSTANCE, "canIpForward", "no", "expected true or false"),
        (INSTANCE, "resourcePolicies", "daily", "expected a list"),
        (INSTANCE, "creationTimestamp", "now", "output only"),
        (RULE, "direction", "SIDEWAYS", "is none of"),
        (RULE, "priority", "first", "expected a whole number"),
        (RULE, "name", None, "lacks name"),
        (("gcp:compute/address:Address", "cp1-public"), "name", None, "lacks name"),
        (("gcp:compute/router:Router", "casement"), "network", None, "lacks network"),
        (("gcp:compute/network:Network", "casement"), "routingMode", "LOCAL", "is none of"),
    ],
)
def test_a_mistake_in_a_request_to_google_is_found(
    deploy: Deploy, of: tuple[str, str], place: str, value: object, said: str
) -> None:
    request = one(deploy, gce_values(), *of)
    assert any(said in fault for fault in google_requests.faults(*changed(request, place, value)))

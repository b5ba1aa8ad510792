"""A recording stand-in for Pulumi's engine: which resources a program asks for, with what, and what waits for what."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pulumi.runtime import mocks, rpc
from pulumi.runtime.proto import resource_pb2

PREFLIGHT: Mapping[str, Any] = {
    "system": "Microsoft Windows Server 2022 Datacenter",
    "build": "20348",
    "revision": 2340,
    "memoryMiB": 8192,
    "freeDiskMiB": 50000,
    "adapter": {"name": "Ethernet", "addresses": ["10.77.0.21/24"], "dhcp": False, "mtu": 1500},
    "apiEndpoint": {"endpoint": "10.77.0.11:6443", "answer": "refused"},
    "warnings": ["the computer is named WIN-7"],
}
"""What every machine of the recording engine is found to be."""
_SECRET = rpc._special_secret_sig


_PRINTED = {
    "credential-issued": '{"certificate": "the certificate", "authority": "the authority"}',
    "cluster-verified": json.dumps(
        [
            {"check": "node-ready", "of": "win1", "ok": True, "detail": "windows at 10.77.0.21", "seconds": 0.1},
            {"check": "pod-range", "of": "win1", "ok": True, "detail": "10.244.3.0/24", "seconds": 0.1},
        ]
    ),
    "preflight-passed": json.dumps(PREFLIGHT),
    "underlay-proven": json.dumps(
        {"underlay": "full-size datagrams arrive", "warnings": ["it loses some"], "clockOffsetMs": -1500}
    ),
    "former-node-reported": '{"former": true}',
    "former-node-put-away": '{"folders": [], "revoke": []}',
    "kubeconfig-read": "clusters: [{cluster: {server: https://10.240.0.10:6443}}]",
}
"""What each step prints."""


def printed(name: str) -> str:
    """Return what the step of this resource prints, on a machine where everything goes well."""
    if name.endswith("-credential-requested"):
        return f"request of {name.partition('-')[0]}"
    return next((text for step, text in _PRINTED.items() if name.endswith(f"-{step}")), "")


CLOUD_HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHRoZSBtYWNoaW5lJ3Mgb3duIGhvc3Qga2V5ISEhISEhISE="
"""What every machine in a cloud shows."""
PUBLIC_ADDRESS = "198.51.100.7"
"""What every public address is."""
_ASKED_OF_CLOUDS: Mapping[str, dict[str, Any]] = {
    "azure-native:compute:getVirtualMachineRunCommandByVirtualMachine": {
        "instanceView": {"output": f"some text\n{CLOUD_HOST_KEY} root@cp1\n"}
    },
    "gcp:compute/getInstanceGuestAttributes:getInstanceGuestAttributes": {
        "queryValues": [
            {"namespace": "hostkeys", "key": "ssh-rsa", "value": "AAAAB3"},
            {"namespace": "hostkeys", "key": "ssh-ed25519", "value": CLOUD_HOST_KEY.split()[1]},
        ]
    },
    "gcp:compute/getSubnetwork:getSubnetwork": {"network": "projects/other/global/networks/theirs"},
}
"""What clouds tell of what is there."""


def _made_by_a_cloud(kind: str, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a cloud tells of what it has made: its own name, whatever the input is called, and its address."""
    own = {value for key, value in inputs.items() if key in _OWN_NAMES.get(kind, ())}
    made = {"name": own.pop() if own else inputs.get("name", name)}
    if kind == "gcp:compute/address:Address" and "address" not in inputs:
        made["address"] = PUBLIC_ADDRESS
    return made | _TOLD_OF.get(kind, {})


_TOLD_OF: Mapping[str, dict[str, Any]] = {
    "azure-native:network:PublicIPAddress": {"ipAddress": PUBLIC_ADDRESS},
    "gcp:compute/instance:Instance": {"creationTimestamp": "2025-11-01T12:00:00.000-07:00"},
    "gcp:serviceaccount/account:Account": {"email": "casement-nodes@my-project-1.iam.gserviceaccount.com"},
}
_OWN_NAMES = {
    "azure-native:resources:ResourceGroup": ("resourceGroupName",),
    "azure-native:network:VirtualNetwork": ("virtualNetworkName",),
    "azure-native:compute:VirtualMachine": ("vmName",),
    "azure-native:compute:VirtualMachineRunCommandByVirtualMachine": ("runCommandName",),
}


@dataclass(frozen=True)
class Asked:
    """One resource the program asked for."""

    name: str
    type: str
    inputs: Mapping[str, Any]
    waits_for: frozenset[str]
    parent: str
    ignored: frozenset[str] = frozenset()
    """Inputs that keep their old values."""
    retained: bool = False
    """Whether its undo is not run when it goes."""
    goes_with: str = ""
    """The resource with which it is gone, without an undo."""


@dataclass
class Recorder(mocks.Mocks):
    """Answers every request, and remembers it."""

    preview: bool = False
    """Whether nothing is made: then the engine knows of a resource no more than what is asked of it."""
    resources: dict[str, Asked] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    folded: set[str] = field(default_factory=set)
    """Names of the outputs that are secrets, or are treated as such."""
    asked: list[dict[str, Any]] = field(default_factory=list)
    """What clouds were asked about their machines."""

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        state = dict(args.inputs)
        if self.preview:
            return "", state
        if args.typ == "command:remote:Command":
            state |= {"stdout": printed(args.name), "stderr": ""}
        elif args.typ.startswith(("azure-native:", "gcp:")):
            state |= _made_by_a_cloud(args.typ, args.name, args.inputs)
        return f"{args.name}-id", state

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        if args.token in _ASKED_OF_CLOUDS:
            self.asked.append({"of": args.token, **args.args})
            return _ASKED_OF_CLOUDS[args.token], []
        raise AssertionError(f"the program calls {args.token}, which needs a provider in preview")


class Monitor(mocks.MockMonitor):
    """Pulumi's own mocks never see what waits for what, so the requests themselves are recorded."""

    def RegisterResource(self, request: resource_pb2.RegisterResourceRequest) -> Any:  # noqa: N802 (gRPC's name)
        recorder: Recorder = self.mocks  # type: ignore[assignment]  # the only mocks given to it
        name = f"{request.type}::{request.name}"
        recorder.resources[name] = Asked(
            name=request.name,
            type=request.type,
            inputs=rpc.deserialize_properties(request.object, keep_unknowns=True),
            waits_for=frozenset(urn.rsplit("::", 1)[1] for urn in request.dependencies),
            ignored=frozenset(request.ignoreChanges),
            retained=request.retainOnDelete,
            goes_with=request.deletedWith.rsplit("::", 1)[-1],
            parent=request.parent.rsplit("::", 1)[-1],
        )
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]  # the SDK has no types here


def is_secret(value: Any) -> bool:
    """Tell whether a recorded input is marked as a secret."""
    return isinstance(value, dict) and rpc._special_sig_key in value and value[rpc._special_sig_key] == _SECRET

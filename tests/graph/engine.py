"""A recording stand-in for Pulumi's engine: which resources a program asks for, with what, and what waits for what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pulumi.runtime import mocks, rpc
from pulumi.runtime.proto import resource_pb2

_SECRET = rpc._special_secret_sig


@dataclass(frozen=True)
class Asked:
    """One resource the program asked for."""

    name: str
    type: str
    inputs: Mapping[str, Any]
    waits_for: frozenset[str]
    parent: str


@dataclass
class Recorder(mocks.Mocks):
    """Answers every request, and remembers it."""

    resources: dict[str, Asked] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        state = dict(args.inputs)
        if args.typ == "command:remote:Command":
            state |= {"stdout": self._printed(args.name), "stderr": ""}
        return f"{args.name}-id", state

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        raise AssertionError(f"the program calls {args.token}, which needs a provider in preview")

    def _printed(self, name: str) -> str:
        if name.endswith("-invited"):
            return '{"token": "abcdef.0123456789abcdef", "caCertHash": "sha256:00"}'
        if name.endswith("-cluster-verified"):
            return '[{"check": "node-ready", "of": "win1", "ok": true, "detail": "windows at 10.77.0.21"}]'
        return "apiVersion: v1" if name.endswith("-kubeconfig-read") else ""


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
            parent=request.parent.rsplit("::", 1)[-1],
        )
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]  # the SDK has no types here


def is_secret(value: Any) -> bool:
    """Tell whether a recorded input is marked as a secret."""
    return isinstance(value, dict) and rpc._special_sig_key in value and value[rpc._special_sig_key] == _SECRET

"""Events as the engine streams them, made by hand; ``tests/engine/test_review.py`` has those of the real engine."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

HIDDEN = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "[secret]"}
STEPS = "casement:cluster:Membership$command:remote:Command"
KIND = {"linux": "LinuxWorker", "windows": "WindowsNode"}


def urn(types: str, name: str) -> str:
    return f"urn:pulumi:site::casement::{types}::{name}"


def planned(
    operation: str,
    types: str,
    name: str,
    old: dict[str, Any] | None = None,
    new: dict[str, Any] | None = None,
    *,
    diffs: Sequence[str] = (),
    retained: bool = False,
) -> dict[str, Any]:
    """Return the event that announces a step of the engine; ``old`` and ``new`` are inputs."""

    def state(inputs: dict[str, Any] | None) -> dict[str, Any] | None:
        return None if inputs is None else {"inputs": inputs, "outputs": inputs, "retainOnDelete": retained}

    metadata = {
        "op": operation,
        "urn": urn(types, name),
        "type": types.rsplit("$", 1)[-1],
        "old": state(old),
        "new": state(new),
        "diffs": list(diffs) or None,
        "detailedDiff": {path: {"diffKind": "update"} for path in diffs} or None,
    }
    return {"resourcePreEvent": {"metadata": metadata}}


def command(script: str, step: str, **more: Any) -> dict[str, Any]:
    """Return the inputs of a step on Linux."""
    return {"connection": HIDDEN, "create": f"bash .casement/linux/step.sh {script} 0123456789ab {step} 720", **more}


def host(name: str, operation: str = "same", kind: str = "windows") -> list[dict[str, Any]]:
    """Return the events of a node's components."""
    component = f"casement:cluster:{KIND[kind]}"
    return [planned(operation, "casement:machine:Host", name), planned(operation, component, f"{name}-node")]


def said(severity: str, text: str) -> dict[str, Any]:
    return {"diagnosticEvent": {"severity": severity, "message": text, "prefix": f"{severity}: "}}


def finished(operation: str, types: str, name: str, *, well: bool = True) -> dict[str, Any]:
    """Return the event that a step of the engine is over."""
    metadata = {"op": operation, "urn": urn(types, name), "type": types.rsplit("$", 1)[-1]}
    return {"resOutputsEvent" if well else "resOpFailedEvent": {"metadata": metadata}}


def told(types: str, name: str, text: str, severity: str = "info") -> dict[str, Any]:
    """Return the event that a resource tells something."""
    event: dict[str, Any] = said(severity, text)["diagnosticEvent"]
    return {"diagnosticEvent": {**event, "urn": urn(types, name), "ephemeral": severity == "info"}}


def at(second: int, *events: dict[str, Any]) -> list[dict[str, Any]]:
    """Return events with the time at which they came."""
    return [{**event, "timestamp": second} for event in events]


def ended(result: str = "succeeded") -> dict[str, Any]:
    return {"summaryEvent": {"result": result, "resourceChanges": {}}}


def stream(events: Iterable[dict[str, Any]]) -> list[str]:
    """Return the events as lines, with such chatter between them as the engine has."""
    return ["warning: something the engine says outside of its events\n", *(json.dumps(each) + "\n" for each in events)]

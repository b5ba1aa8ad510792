"""The engine's events, as ``pulumi preview --json`` streams them with PULUMI_ENABLE_STREAMING_JSON_PREVIEW.

Only what a review needs is taken over, and nothing that is a secret: the engine hides the values of secrets, but its
debug messages hold whole requests, so those are dropped here and the stream itself is never kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from operations.moments import cleaned, parsed
from operations.redaction import Redactor

STACK_TYPE = "pulumi:pulumi:Stack"
_SECRET_MARK = "4dabf18193072939515e22adb298388d"  # noqa: S105 - how the engine marks a secret
SECRET = "[secret]"  # noqa: S105 - what stands in its place
_TOLD = ("warning", "error")


@dataclass(frozen=True, slots=True)
class State:
    """A resource before or after; secrets are hidden."""

    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    retained: bool
    """Whether its deletion only takes it out of the state."""


@dataclass(frozen=True, slots=True)
class Change:
    """What the engine plans for one resource."""

    operation: str
    """``create``, ``update``, ``delete``, ``same``, and the three of a replacement, as the engine calls them."""
    urn: str
    type: str
    old: State | None
    new: State | None
    differing: tuple[str, ...] = ()
    """Paths of the properties that differ."""

    @property
    def name(self) -> str:
        """The resource's name, its last part in the URN."""
        return self.urn.rsplit("::", 1)[-1]

    @property
    def types(self) -> tuple[str, ...]:
        """The types of its parents below the stack, outermost first, and its own."""
        return tuple(self.urn.split("::")[2].split("$"))


@dataclass(frozen=True, slots=True)
class Policy:
    """What a policy has to say of a resource."""

    name: str
    level: str
    """``mandatory``, ``advisory``, ``warning``, ..."""
    of: str
    """Name of the resource, or of the stack."""
    message: str


@dataclass(frozen=True, slots=True)
class Events:
    """One preview."""

    changes: tuple[Change, ...] = ()
    diagnostics: tuple[tuple[str, str], ...] = ()
    """Severity (``warning`` or ``error``) and text."""
    policies: tuple[Policy, ...] = ()
    outputs: Mapping[str, Any] = field(default_factory=dict)
    """The stack's outputs as they will be, as far as they are known."""
    succeeded: bool = False


def read_events(lines: Iterable[str]) -> Events:
    """Read a stream, one event a line; lines that are no event are passed over (the engine's own chatter)."""
    changes: list[Change] = []
    said: dict[tuple[str, str], None] = {}
    policies: list[Policy] = []
    outputs: Mapping[str, Any] = {}
    succeeded = False
    redactor = Redactor()
    for line in lines:
        event = parsed(line)
        if "resourcePreEvent" in event:
            changes.append(_change(event["resourcePreEvent"]["metadata"], redactor))
        elif "resOutputsEvent" in event:
            metadata = event["resOutputsEvent"]["metadata"]
            if metadata["type"] == STACK_TYPE and metadata.get("new"):
                outputs = _hidden(metadata["new"].get("outputs") or {}, redactor)
        elif "diagnosticEvent" in event:
            diagnostic = event["diagnosticEvent"]
            if diagnostic["severity"] in _TOLD and not diagnostic.get("ephemeral"):
                said[(diagnostic["severity"], cleaned(diagnostic["message"].strip(), redactor))] = None
        elif "policyEvent" in event:
            policies.append(_policy(event["policyEvent"], redactor))
        elif "summaryEvent" in event:
            succeeded = event["summaryEvent"].get("result", "succeeded") == "succeeded"
    return Events(tuple(changes), tuple(said), tuple(policies), outputs, succeeded)


def _change(metadata: Mapping[str, Any], redactor: Redactor) -> Change:
    differing = metadata.get("detailedDiff") or dict.fromkeys(metadata.get("diffs") or ())
    return Change(
        operation=metadata["op"],
        urn=metadata["urn"],
        type=metadata["type"],
        old=_state(metadata.get("old"), redactor),
        new=_state(metadata.get("new"), redactor),
        differing=tuple(sorted(differing)),
    )


def _state(state: Mapping[str, Any] | None, redactor: Redactor) -> State | None:
    if state is None:
        return None
    inputs, outputs = (_hidden(state.get(part) or {}, redactor) for part in ("inputs", "outputs"))
    return State(inputs, outputs, bool(state.get("retainOnDelete")))


def _policy(event: Mapping[str, Any], redactor: Redactor) -> Policy:
    of = str(event.get("resourceUrn") or "").rsplit("::", 1)[-1]
    return Policy(event["policyName"], event["enforcementLevel"], of, cleaned(event["message"].strip(), redactor))


def _hidden(value: Any, redactor: Redactor) -> Any:  # noqa: ANN401 - any property
    """Return a property without secrets: neither those the engine knows of, nor what looks like one."""
    if isinstance(value, dict):
        if _SECRET_MARK in value:
            return SECRET
        return {key: _hidden(item, redactor) for key, item in value.items()}
    if isinstance(value, list):
        return [_hidden(item, redactor) for item in value]
    return cleaned(value, redactor) if isinstance(value, str) else value

"""What the engine says while ``pulumi up`` runs, as it says it: which resource begins, what it tells, how it ends.

The lines are those that ``pulumi up --json`` prints, and ``pulumi up --event-log FILE`` writes. Only what a view of the
run needs is taken over; the stream itself, whose debug messages hold whole requests, is never kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from operations.redaction import Redactor

_COLOUR = re.compile(r"<\{%.*?%\}>")
"""How the engine marks colours in texts."""


class What(StrEnum):
    """What a moment is about."""

    BEGAN = "began"
    """The engine has begun to do something about a resource."""
    SAID = "said"
    """A resource, or the run itself, tells something: a line that a step has printed, a warning, an error."""
    ENDED = "ended"
    """It is done, and stands in the state."""
    FAILED = "failed"
    """It could not be done."""
    STARTED = "started"
    """The engine has started, with a preview or with the run itself."""
    PREVIEWED = "previewed"
    """The preview is over, that ``pulumi up`` shows first."""
    OVER = "over"
    """The run is over."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened, and when."""

    at: float
    """Seconds, of the clock that the reader was given."""
    what: What
    urn: str = ""
    """The resource; empty for what concerns no single one."""
    operation: str = ""
    """``create``, ``update``, ``delete``, ``same``, ... as the engine calls it; of what began, ended and failed."""
    type: str = ""
    command: str = ""
    """The command line that runs on a machine; of what begins only."""
    text: str = ""
    """What was said, in one line without secrets."""
    whole: str = ""
    """The same in its own lines; of warnings and errors only."""
    severity: str = ""
    """``info``, ``warning`` or ``error``; of what was said only."""
    passing: bool = False
    """Whether what was said is only a sign of life, as the lines of a step that runs are."""

    @property
    def name(self) -> str:
        """The resource's name, its last part in the URN."""
        return self.urn.rsplit("::", 1)[-1]


_RESOURCE_EVENTS = {
    "resourcePreEvent": What.BEGAN,
    "resOutputsEvent": What.ENDED,
    "resOpFailedEvent": What.FAILED,
}


def moments(lines: Iterable[str], clock: Callable[[], float] | None = None) -> Iterator[Moment]:
    """Yield what happened, line by line, as the lines come; lines that are no event are passed over.

    ``clock`` tells the seconds when a line arrives. Without one the engine's own times are taken, which are whole
    seconds: they are all that a file has.
    """
    redactor = Redactor()
    for line in lines:
        event = parsed(line)
        now = clock() if clock else float(event.get("timestamp", 0))
        moment = _moment(event, now, redactor)
        if moment:
            yield moment


def parsed(line: str) -> dict[str, Any]:
    """Return the event of a line; nothing for the engine's own chatter."""
    try:
        event = json.loads(line)
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}


def cleaned(text: str, redactor: Redactor) -> str:
    """Return what the engine tells without its marks for colours, and without secrets."""
    return redactor.clean(_COLOUR.sub("", text).encode()).decode()


def _moment(event: Mapping[str, Any], now: float, redactor: Redactor) -> Moment | None:
    for key, what in _RESOURCE_EVENTS.items():
        if key in event:
            metadata = event[key]["metadata"]
            line = _command(metadata) if what is What.BEGAN else ""
            return Moment(now, what, metadata["urn"], metadata["op"], metadata["type"], command=line)
    if "diagnosticEvent" in event and event["diagnosticEvent"]["severity"] != "debug":
        said = event["diagnosticEvent"]
        return _said(now, said.get("urn"), cleaned(said["message"], redactor), said["severity"], said.get("ephemeral"))
    if "policyEvent" in event:
        said = event["policyEvent"]
        severity = "error" if said["enforcementLevel"] == "mandatory" else "warning"
        text = f"policy {said['policyName']}: {cleaned(said['message'], redactor)}"
        return _said(now, said.get("resourceUrn"), text, severity, passing=False)
    if "summaryEvent" in event:
        return Moment(now, What.PREVIEWED if event["summaryEvent"].get("isPreview") else What.OVER)
    return Moment(now, What.STARTED) if "preludeEvent" in event else None


def _said(now: float, urn: str | None, message: str, severity: str, passing: bool | None) -> Moment:
    kind = severity.partition("#")[0]
    whole = "" if kind == "info" else message.strip()
    text = " ".join(message.split())
    return Moment(now, What.SAID, urn or "", text=text, whole=whole, severity=kind, passing=bool(passing))


def _command(metadata: Mapping[str, Any]) -> str:
    old, new = (metadata.get(state) or {} for state in ("old", "new"))
    if new == {} and old.get("retainOnDelete"):
        return ""
    return command_that_runs(metadata["op"], old.get("inputs") or {}, new.get("inputs") or {})


def command_that_runs(operation: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """Return the command line that pulumi-command runs, given a resource's inputs before and after; or nothing.

    An update without a line of its own runs ``create`` again. In the place of a secret stands ``[secret]``.
    """
    given = {
        "create": new.get("create"),
        "create-replacement": new.get("create"),
        "update": new.get("update") or new.get("create"),
        "delete": old.get("delete"),
        "delete-replaced": old.get("delete"),
    }
    line = given.get(operation)
    return (line if isinstance(line, str) else "[secret]") if line else ""

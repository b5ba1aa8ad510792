"""What the records of a machine's steps say, held against the machine and against the plan."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from config.nodes import Os
from operations.findings import Finding
from operations.redaction import Redactor
from plan.bundle import revision
from plan.repairs import VERIFIED
from plan.shells import input_digest
from plan.step import Step

_NOT_APPLIED = "`pulumi up` runs it"
_AS_PLANNED = "as the program runs it now"


@dataclass(frozen=True, slots=True)
class Record:
    """What is on record of one step, each fact with its present value."""

    machine: str
    """Name of the node whose machine holds the record."""
    name: str
    """Name of the step's resource."""
    content: Mapping[str, Any]


def read_records(machine: str, printed: str, steps: Mapping[str, Step]) -> list[Record]:
    """Return the records that ``Compare-Facts.ps1`` or ``compare-facts.sh`` printed on a node's machine.

    ``steps`` is every step of the stack by the name of its resource; records of others are of no interest.
    """
    records = []
    for content in json.loads(printed)["records"]:
        # What proves the cluster runs on the control plane's machine, and serves no node.
        served = [content["serves"]] if content["serves"] else [machine, VERIFIED]
        names = [f"{each}-{content['step']}" for each in served]
        records += [Record(machine, name, content) for name in names if name in steps]
    return records


def node_findings(records: Iterable[Record], steps: Mapping[str, Step], redactor: Redactor) -> Iterator[Finding]:
    """Yield what has changed since it was recorded, and which steps are others by now."""
    for record in records:
        step = steps[record.name]
        problem = _not_applied(record.content, step)
        if problem:
            yield Finding(record.machine, "step", record.name, _AS_PLANNED, problem, remedy=_NOT_APPLIED)
        for fact in record.content["facts"]:
            if fact["present"] != fact["recorded"]:
                yield _finding(record, step, fact, redactor)


def never_ran(records: Iterable[Record], steps: Mapping[str, Step]) -> Iterator[Finding]:
    """Yield the steps that no machine has on record although they run when they are new."""
    seen = {record.name for record in records}
    for name, step in steps.items():
        if name not in seen and not step.only_on_change:
            yield Finding(
                name.removesuffix(f"-{step.name}"), "step", name, _AS_PLANNED, "it never ran", remedy=_NOT_APPLIED
            )


def _not_applied(record: Mapping[str, Any], step: Step) -> str:
    """Return in what a step's last run was not the one that the plan has now; empty if it was."""
    if record["outcome"] != "succeeded":
        return f"its last run ended as {record['outcome']!r} ({record['ended'] or 'not yet'})"
    if record["script"] != step.script or record["revision"] != revision(step, _system(step)):
        return "its script is another one"
    if not step.late_parameters and record["input"] != input_digest(step.parameters, _system(step)):
        return "its parameters are others"
    return ""


def _system(step: Step) -> Os:
    return "windows" if step.script.endswith(".ps1") else "linux"


def _finding(record: Record, step: Step, fact: Mapping[str, Any], redactor: Redactor) -> Finding:
    """Return a changed fact; of a text file the texts themselves, where both are known."""
    wanted, found = fact["recorded"], fact["present"]
    if fact["kind"] == "file" and fact["text"] is not None:
        text = _wanted_text(wanted, step)
        if text is not None:
            wanted, found = text, fact["text"]
    return Finding(
        record.machine,
        fact["kind"],
        fact["name"],
        redactor.clean(wanted.encode()).decode(),
        redactor.clean(found.encode()).decode(),
        repair=record.name,
    )


def _wanted_text(recorded: str, step: Step) -> str | None:
    """Return the parameter that the file was written from: the one with its digest."""
    digest = recorded.split(" ", maxsplit=1)[0]
    texts = [value for value in step.parameters.values() if isinstance(value, str)]
    return next((text for text in texts if hashlib.sha256(text.encode()).hexdigest() == digest), None)

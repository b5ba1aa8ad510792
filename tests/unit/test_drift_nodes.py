"""What is found to have drifted on the nodes, by what their steps have on record."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from operations.findings import Finding, shown
from operations.node_drift import never_ran, node_findings, read_records
from operations.redaction import Redactor
from plan.bundle import revision
from plan.shells import standard_input
from plan.step import Step

NET_CONF = '{\n "VNI": 4096\n}'
STEP = Step("flannel-installed", "Install-Flannel.ps1", {"NetConf": NET_CONF, "LogFolder": "C:\\k"})
STEPS = {"win1-flannel-installed": STEP}


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def record(*facts: Mapping[str, object], **changes: object) -> str:
    """Return what a host prints of one step that is as the program runs it, with these changes."""
    made = {
        "step": STEP.name,
        "serves": "",
        "script": STEP.script,
        "revision": revision(STEP, "windows"),
        "input": digest(standard_input(STEP.parameters, "windows").rstrip()),
        "ended": "2026-11-24T09:00:00Z",
        "outcome": "succeeded",
        "facts": [{"text": None, **fact} for fact in facts],
    }
    return json.dumps({"records": [made | changes]})


def findings(printed: str) -> list[Finding]:
    return list(node_findings(read_records("win1", printed, STEPS), STEPS, Redactor()))


def test_a_host_that_is_as_it_was_made_has_not_drifted() -> None:
    assert findings(record({"kind": "service", "name": "kubelet", "recorded": "Auto x", "present": "Auto x"})) == []


def test_a_changed_fact_is_found_with_the_step_that_repairs_it() -> None:
    fact = {"kind": "task", "name": "casement-flannel", "recorded": "on startup", "present": "absent"}
    (found,) = findings(record(fact))
    assert found == Finding("win1", "task", "casement-flannel", "on startup", "absent", repair="win1-flannel-installed")


def test_of_a_text_file_the_texts_are_shown_and_no_secret_in_them() -> None:
    text = '{\n "VNI": 4097,\n "password": "hunter2"\n}'
    fact = {"kind": "file", "name": "C:\\net-conf.json", "recorded": digest(NET_CONF), "present": "x"}
    (found,) = findings(record({**fact, "text": text}))
    lines = list(shown([found], colours=False))
    assert lines[:2] == ["win1", "  file C:\\net-conf.json (repaired by win1-flannel-installed)"]
    assert '    - "VNI": 4096' in lines
    assert '    + "VNI": 4097,' in lines
    assert "hunter2" not in "\n".join(lines)


def test_a_long_command_line_is_compared_parameter_by_parameter() -> None:
    line = "Auto C:\\k\\kubelet.exe --windows-service " + " ".join(f"--parameter{n}=value" for n in range(9))
    fact = {"kind": "service", "name": "kubelet", "recorded": line, "present": line.replace("r4=value", "r4=other")}
    lines = list(shown(findings(record(fact)), colours=True))
    changed = [line.strip() for line in lines if "parameter4" in line]
    assert changed == ["\033[31m---parameter4=value\033[0m", "\033[32m+--parameter4=other\033[0m"]


def test_a_step_that_is_another_one_by_now_is_not_applied_yet() -> None:
    for change, told in (
        ({"revision": "0"}, "its script is another one"),
        ({"input": "0"}, "its parameters are others"),
        ({"outcome": "failed"}, "its last run ended as 'failed'"),
    ):
        (found,) = findings(record(**change))
        assert (found.kind, found.name, found.repair) == ("step", "win1-flannel-installed", None)
        assert told in found.found
        assert "pulumi up" in found.remedy


def test_a_record_belongs_to_the_node_that_its_step_serves() -> None:
    steps = dict.fromkeys(("cp1-made", "lin1-ready", "cluster-verified"), STEP)
    printed = json.dumps(
        {
            "records": [
                {"step": "made", "serves": ""},
                {"step": "ready", "serves": "lin1"},
                {"step": "verified", "serves": ""},
                {"step": "of-another-program", "serves": ""},
            ]
        }
    )
    assert [each.name for each in read_records("cp1", printed, steps)] == list(steps)


def test_a_step_without_a_record_never_ran_but_for_those_that_wait_for_a_change() -> None:
    steps = {**STEPS, "win1-upgraded": Step("upgraded", "x.ps1", only_on_change=True)}
    assert list(never_ran(read_records("win1", record(), steps), steps)) == []
    (found,) = never_ran([], steps)
    assert (found.place, found.name, found.found) == ("win1", "win1-flannel-installed", "it never ran")

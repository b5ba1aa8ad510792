"""What a step leaves on record on a Windows host, by the project's own PowerShell."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from lab.powershell import Interpreter
from plan.shells import input_digest, powershell_input
from tests.unit.powershell_machine import Machine, Ran
from tests.unit.windows_scripts import ENVIRONMENT, State, make_host, record, with_module

BEGAN = "2026-01-02T03:04:05.0000000Z"
MAKES_A_FILE = "[CmdletBinding()] param([string] $Text)\n$null = Set-TextFile -Path 'C:\\etc\\x.json' -Text $Text\n"


@pytest.fixture
def host(tmp_path: Path) -> tuple[Machine, State]:
    return make_host(tmp_path)


def step(machine: Machine, script: str, parameters: dict[str, str] | None = None, *more: str) -> Ran:
    """Run a script's text as a step, as the second PowerShell of Invoke-Step.ps1 does."""
    machine.path(r"C:\k\casement\windows\Test-Trial.ps1").write_text(script)
    arguments = ["-Script", "Test-Trial.ps1", "-Step", "trial-done", "-Revision", "abc", "-Began", BEGAN, *more]
    out: list[str] = []
    err: list[str] = []
    stdin = powershell_input(parameters or {})
    runner = r"C:\k\casement\windows\Invoke-Step.ps1"
    code = Interpreter(machine).run_file(runner, arguments, stdin, out.append, err.append)
    return Ran(code, out, "".join(err))


def test_a_step_that_succeeds_leaves_on_record_what_it_was_given_and_made_sure_of(host: tuple[Machine, State]) -> None:
    machine, _ = host
    parameters = {"Text": "one"}
    assert step(machine, MAKES_A_FILE, parameters).code == 0
    found = record(machine, "trial-done")
    assert found.pop("ended") >= "2026"
    assert found == {
        "step": "trial-done", "script": "Test-Trial.ps1", "revision": "abc",
        "input": input_digest(parameters, "windows"), "boot": "7", "began": BEGAN, "outcome": "succeeded",
        "facts": [{"kind": "file", "name": r"C:\etc\x.json", "value": hashlib.sha256(b"one").hexdigest()}],
    }  # fmt: skip


def test_a_second_run_that_changes_nothing_leaves_the_same_facts(host: tuple[Machine, State]) -> None:
    machine, _ = host
    step(machine, MAKES_A_FILE, {"Text": "one"})
    before = record(machine, "trial-done")["facts"]
    step(machine, MAKES_A_FILE, {"Text": "one"})
    assert record(machine, "trial-done")["facts"] == before != []


def test_a_step_that_fails_leaves_what_was_done_so_far_and_what_was_done_before(host: tuple[Machine, State]) -> None:
    machine, _ = host
    step(machine, f"{MAKES_A_FILE}$null = Set-TextFile -Path 'C:\\etc\\y' -Text ''", {"Text": "one"})
    ran = step(machine, f"{MAKES_A_FILE}throw 'no more'", {"Text": "two"})
    assert (ran.code, "no more" in ran.err) == (1, True)
    found = record(machine, "trial-done")
    assert found["outcome"] == "failed"
    assert {fact["name"]: fact["value"][:8] for fact in found["facts"]} == {
        r"C:\etc\y": hashlib.sha256(b"").hexdigest()[:8],
        r"C:\etc\x.json": hashlib.sha256(b"two").hexdigest()[:8],
    }


def test_a_step_that_is_taken_back_leaves_nothing_on_record(host: tuple[Machine, State]) -> None:
    machine, _ = host
    step(machine, MAKES_A_FILE, {"Text": "one"})
    assert step(machine, "param()\nthrow 'not yet'", None, "-Undo").code == 1
    assert record(machine, "trial-done")["outcome"] == "succeeded"
    assert step(machine, "param()\n'taken back'", None, "-Undo").code == 0
    assert not machine.path(r"C:\k\casement\state\step-trial-done.json").exists()


def test_every_record_is_compared_and_what_else_the_host_keeps_is_none(host: tuple[Machine, State]) -> None:
    machine, _ = host
    step(machine, MAKES_A_FILE, {"Text": "one"})
    machine.path(r"C:\etc\x.json").write_text("two")
    out: list[str] = []
    script = r"C:\k\casement\windows\Compare-Facts.ps1"
    assert Interpreter(machine).run_file(script, [], "", out.append, out.append) == 0
    (compared,) = json.loads("".join(out))["records"]
    assert (compared["step"], compared["outcome"]) == ("trial-done", "succeeded")
    (fact,) = compared["facts"]
    assert (fact["name"], fact["text"]) == (r"C:\etc\x.json", "two")
    assert fact["present"] != fact["recorded"]


def test_a_change_is_known_until_the_step_has_come_to_its_end(host: tuple[Machine, State]) -> None:
    machine, _ = host
    tells = f"{MAKES_A_FILE}'unfinished: ' + (Test-UnfinishedChange)\n"
    ran = step(machine, f"{tells}throw 'power cut'", {"Text": "one"})
    assert (ran.code, ran.lines) == (1, ["unfinished: False\r\n"])
    assert step(machine, tells, {"Text": "one"}).lines == ["unfinished: True\r\n"]
    assert step(machine, tells, {"Text": "one"}).lines == ["unfinished: False\r\n"]


@pytest.fixture
def full_state(host: tuple[Machine, State]) -> Iterator[Machine]:
    """The host, with no room left for what it remembers."""
    machine, _ = host
    folder = machine.path(r"C:\k\casement\state")
    folder.mkdir(parents=True)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "full", str(folder)], check=False).returncode:
        pytest.skip("no mounts here")
    (folder / "filler").write_bytes(bytes(64 << 10))
    yield machine
    subprocess.run(["umount", str(folder)], check=True)


def test_on_a_full_disk_a_step_says_so_at_once_and_runs_when_there_is_room(full_state: Machine) -> None:
    ran = step(full_state, MAKES_A_FILE, {"Text": "one"})
    assert (ran.code, ran.lines) == (1, [])
    assert "Test-Trial.ps1 failed: " in ran.err
    assert "space" in ran.err
    assert not full_state.path(r"C:\etc\x.json").exists()
    full_state.path(r"C:\k\casement\state\filler").unlink()
    assert step(full_state, "param()\n'room'").code == 0


def test_a_run_ended_at_its_time_limit_is_known_as_such(host: tuple[Machine, State]) -> None:
    machine, _ = host
    step(machine, MAKES_A_FILE, {"Text": "one"})
    assert with_module(machine, "Stop-StepRecord -Step trial-done -Began 'another'").code == 0
    assert record(machine, "trial-done")["outcome"] == "succeeded"
    with_module(machine, f"Stop-StepRecord -Step trial-done -Began '{BEGAN}'")
    found = record(machine, "trial-done")
    assert (found["outcome"], len(found["facts"])) == ("timed-out", 1)


def test_no_parameter_is_on_record(host: tuple[Machine, State]) -> None:
    machine, _ = host
    step(machine, MAKES_A_FILE, {"Text": "s3cret"})
    assert "s3cret" not in json.dumps(record(machine, "trial-done"))


HELPERS: Mapping[str, tuple[str, str, str, Callable[[State], object], str]] = {
    "service": (
        "$null = Set-NodeService -Name kubelet -CommandLine 'C:\\k\\kubelet.exe --x' -Description d -DependsOn x",
        "kubelet", r"Auto C:\k\kubelet.exe --x",
        lambda state: state.services["kubelet"].update(StartMode="Disabled"), r"Disabled C:\k\kubelet.exe --x",
    ),
    "firewall": (
        "Set-FirewallRule -Name vx -Protocol UDP -Port 4789 -From @('10.0.0.0/24', '10.1.0.0/24')",
        "vx", "enabled Inbound Allow Any UDP 4789 from 10.0.0.0/24,10.1.0.0/24",
        lambda state: state.rules["vx"].update(Enabled="False"),
        "disabled Inbound Allow Any UDP 4789 from 10.0.0.0/24,10.1.0.0/24",
    ),
    "task": (
        "$null = Set-StartupTask -Name flannel -Script 'C:\\x.ps1 -A b'",
        "flannel", r"enabled powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -File C:\x.ps1 -A b",
        lambda state: state.tasks.clear(), "absent",
    ),
    "registry": (
        "$null = Set-RegistryList -Key 'HKLM:\\S\\containerd' -Name Environment -Value @('A=1', 'B=2')",
        r"HKLM:\S\containerd\Environment", "A=1|B=2",
        lambda state: state.registry[r"HKLM:\S\containerd"].update(Environment=["A=2"]), "A=2",
    ),
    "path": (
        "Add-MachinePath -Folder 'C:\\k'", r"C:\k", "present",
        lambda state: state.registry[ENVIRONMENT].update(Path=r"C:\Tools"), "absent",
    ),
    "feature": (
        "Add-Fact -Kind feature -Name Containers", "Containers", "absent",
        lambda state: state.features.update(Containers="InstallPending"), "installed",
    ),
    "defender": (
        "Add-Fact -Kind defender -Name C:\\x", r"C:\x", "absent",
        lambda state: state.excluded.append("C:\\X"), "excluded",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", HELPERS)
def test_what_a_helper_makes_sure_of_is_a_fact_and_a_change_by_hand_is_another_value(
    kind: str, host: tuple[Machine, State]
) -> None:
    machine, state = host
    call, name, value, change, changed = HELPERS[kind]
    shown = f"{call}\n@(Get-StepFact) | ForEach-Object {{ ConvertTo-PlainJson -InputObject $_ }}"
    for _ in range(2):
        ran = with_module(machine, shown)
        assert (ran.code, [json.loads(line) for line in ran.lines]) == (
            0,
            [{"kind": kind, "name": name, "value": value}],
        ), ran.err
    change(state)
    again = with_module(machine, f"Get-FactValue -Kind {kind} -Name '{name}'")
    assert again.lines == [changed], again.err


def test_the_source_address_of_kube_proxy_may_change_and_nothing_else(host: tuple[Machine, State]) -> None:
    machine, _ = host
    path = machine.path(r"C:\k\kube-proxy.yaml")
    values = []
    for text in (
        "mode: kernelspace\n  sourceVip: 10.1.0.2\n",
        "mode: kernelspace\n  sourceVip: 10.1.0.9\n",
        "mode: x\n",
    ):
        path.write_text(text)
        values += with_module(machine, "Get-FactValue -Kind kube-proxy -Name 'C:\\k\\kube-proxy.yaml'").lines
    assert values[0] == values[1] != values[2]


def test_waiting_says_what_it_waits_for(host: tuple[Machine, State]) -> None:
    machine, _ = host
    ran = with_module(machine, "Wait-Condition -That 'pigs fly' -Test { throw 'no wings' } -TimeoutSeconds 40")
    said = [line for line in ran.err.splitlines() if line.startswith("waiting until pigs fly")]
    assert len(said) == 2
    assert "s of 40 s); last error: no wings" in said[0]

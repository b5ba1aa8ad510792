"""Every Windows script runs on stubs, twice: the first run changes what is declared, the second nothing.

Each test runs in the interpreter of the lab and, where it is installed, in real PowerShell, against the same stubs and
the same expectations: so it also shows where the two differ.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from plan.step import Step
from tests.windows import rules, sample, stub_host, stub_pwsh
from tests.windows.cmdlets import CMDLETS_AT_FIRST_BOOT
from tests.windows.powershell import read
from tests.windows.stub_cases import CASES, EVENTS, Case
from tests.windows.stub_host import Ran, StubMachine, changes, plain
from tests.windows.stub_interpreter import run_interpreter
from tests.windows.stub_programs import content

SCRIPTS = sorted(
    path.name for folder in (stub_host.REPOSITORY / "scripts/windows", stub_host.BOOT) for path in folder.glob("*.ps1")
)
STEPS = sample.all_steps(lambda url: hashlib.sha256(content(url).encode()).hexdigest())
PWSH = None if os.name == "nt" else shutil.which("pwsh") or shutil.which("powershell")
Prepare = Callable[[tuple[str, ...]], StubMachine]


def _skip(number: int, case: Case) -> pytest.MarkDecorator:
    reason = f"script {number} of {len(CASES)}, {case.name}: neither pwsh nor powershell is installed here"
    return pytest.mark.skipif(PWSH is None, reason=reason)


RUNS = [
    pytest.param(
        case, engine, id=f"{number}-{case.name}-{engine}", marks=() if engine == "interpreter" else _skip(number, case)
    )
    for number, case in enumerate(CASES, 1)
    for engine in ("interpreter", "pwsh")
]


def parameters(case: Case) -> dict[str, Any]:
    """Return what the plan passes to the script, with what the entry adds."""
    planned = [step.parameters for step in steps_of(case)]
    return {**(planned[0] if planned else {}), **case.parameters}


def steps_of(case: Case) -> list[Step]:
    """Return the steps of the entry's site that run the script, or are taken back by it."""
    named = [step for (site, _), step in STEPS.items() if site == case.site]
    return [step for step in named if case.script in (step.script, step.undo)]


def run(machine: StubMachine, case: Case, engine: str) -> Ran:
    """Run the script of an entry once."""
    machine.path(r"C:\stub\parameters.json").write_text(json.dumps(parameters(case)))
    if engine == "interpreter":
        return run_interpreter(machine, case.path, case.sleeps)
    assert PWSH is not None
    return stub_pwsh.run_pwsh(PWSH, machine, case.path, case.sleeps)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepare:
    """Return hosts on which scripts ran before; always in the interpreter, so that both engines begin alike."""
    known: dict[tuple[str, ...], StubMachine] = {}

    def prepare(after: tuple[str, ...]) -> StubMachine:
        if after not in known:
            folder = tmp_path_factory.mktemp("host") / "root"
            if after:
                machine = prepare(after[:-1]).copy(folder)
                _happen(machine, after[-1])
            else:
                machine = StubMachine.fresh(folder)
            known[after] = machine
        return known[after]

    return prepare


def _happen(machine: StubMachine, event: str) -> None:
    if event in EVENTS:
        EVENTS[event](machine)
        return
    ran = run(machine, next(case for case in CASES if case.script == event), "interpreter")
    assert ran.code == 0, ran.err


def _unlike(expected: Sequence[str], actual: Sequence[str]) -> list[str]:
    """Return what was changed and not declared, and what was declared and not changed."""
    patterns = {line: re.compile(re.escape(line).replace(r"\*", ".*")) for line in expected}
    undeclared = [f"not declared: {line}" for line in actual if not any(p.fullmatch(line) for p in patterns.values())]
    return undeclared + [f"not done: {line}" for line, p in patterns.items() if not any(map(p.fullmatch, actual))]


@pytest.mark.parametrize(("case", "engine"), RUNS)
def test_a_script_changes_what_is_declared_and_then_nothing(
    case: Case, engine: str, prepared: Prepare, tmp_path: Path
) -> None:
    machine = prepared(case.after).copy(tmp_path / "root")
    other = machine if case.against is None else prepared(case.against).copy(tmp_path / "other")
    if engine == "pwsh":
        for each in {machine, other}:
            stub_pwsh.turn(each)
    before = other.snapshot()
    for expected in (case.lines, []):
        ran = run(machine, case, engine)
        assert (case.ends in ran.err) if case.ends else ran.code == 0, ran.err
        after = machine.snapshot()
        assert _unlike(expected, changes(before, after)) == [], ran.err
        before = after
        assert re.fullmatch(case.prints, ran.out.strip())
    assert held(case, after) == wanted(case)


def wanted(case: Case) -> dict[str, str]:
    """Return what files and fields must hold, with the parameters in it."""
    given = {name: value for name, value in parameters(case).items() if isinstance(value, str)}
    return {thing: plain(text.format(**given)) for thing, text in case.holds.items()}


def held(case: Case, snapshot: Mapping[str, Any]) -> dict[str, str]:
    """Return what they hold."""
    found = {}
    for thing in case.holds:
        name, _, field = thing.partition(" # ")
        found[thing] = str(snapshot[name][field] if field else snapshot[name])
    return found


def test_every_script_has_an_expectation() -> None:
    assert sorted({case.script for case in CASES}) == SCRIPTS, "see the top of tests/windows/stub_cases.py"


STUBS = {
    function.name: {parameter.name for parameter in function.parameters}
    for path in sorted(stub_host.STUBS.glob("*.ps1"))
    for function in read(path).functions
}
SAME_EVERYWHERE = {"Microsoft.PowerShell.Core", "Microsoft.PowerShell.Utility", "Microsoft.PowerShell.Management"}


@pytest.mark.parametrize("name", CMDLETS_AT_FIRST_BOOT)
def test_what_only_windows_has_is_a_stub_with_the_parameters_that_scripts_use(name: str) -> None:
    module, used = CMDLETS_AT_FIRST_BOOT[name]
    if name not in STUBS:
        # Real PowerShell on Linux has these, and they touch nothing but files.
        assert module in SAME_EVERYWHERE
        assert name.partition("-")[2] not in {"Service", "Process", "ItemProperty", "Sleep"}
        return
    assert used <= STUBS[name]


@pytest.mark.parametrize("path", sorted(stub_host.STUBS.glob("*.ps*1")), ids=lambda path: path.name)
def test_the_stubs_are_plain_powershell_5_1_too(path: Path) -> None:
    script = read(path)
    assert [*rules.syntax(script), *rules.plain_text(script), *rules.strictness(script)] == []


def test_every_net_call_on_files_is_turned_for_real_powershell() -> None:
    for path in sorted((stub_host.REPOSITORY / "scripts/windows").rglob("*.ps*1")):
        stub_pwsh.turned(path.read_text(), path.name)
    with pytest.raises(ValueError, match=r"x\.ps1: File::Encrypt"):
        stub_pwsh.turned("[System.IO.File]::Encrypt('C:\\k')", "x.ps1")


def test_what_was_not_declared_and_what_was_not_done_are_told_apart() -> None:
    assert _unlike(["+ a *", "- b"], ["+ a x", "+ a y", "~ c"]) == ["not declared: ~ c", "not done: - b"]

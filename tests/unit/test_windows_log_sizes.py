"""Logs on a Windows host that must not grow for ever: the very functions of the scripts, run by the interpreter."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from lab.windows.types import static_types
from tests.unit.powershell_machine import Machine, Ran, make_machine, run

PARTS = Path(__file__).resolve().parents[2] / "scripts/windows/Casement"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with the parts of the module that write logs."""
    made = make_machine(tmp_path)
    made.statics = {"System.IO.File": static_types(cast(Any, made))["System.IO.File"]}
    made.path(r"C:\k").mkdir()
    for name in ("Progress.ps1", "Supervision.ps1"):
        (made.path("C:\\") / name.lower()).write_text((PARTS / name).read_text())
    return made


def do(machine: Machine, line: str) -> Ran:
    """Run a line after the parts of the module."""
    return run(machine, f"$ErrorActionPreference = 'Stop'\n. C:\\Progress.ps1\n. C:\\Supervision.ps1\n{line}\n")


def test_a_log_that_a_service_holds_open_is_begun_anew_in_place(machine: Machine) -> None:
    log = machine.path(r"C:\k\containerd.log")
    with log.open("ab", buffering=0) as service:
        service.write(b"before\n" * 20)
        done = do(machine, r"Limit-OpenLog -Path C:\k\containerd.log -Bytes 100")
        assert done.code == 0, done.err
        service.write(b"after\n")
    assert log.read_bytes() == b"after\n"
    assert machine.path(r"C:\k\containerd.former.log").read_bytes() == b"before\n" * 20
    assert "was turned over" in done.err


def test_a_log_that_is_small_or_not_there_is_left_alone(machine: Machine) -> None:
    machine.path(r"C:\k\containerd.log").write_bytes(b"line\n")
    for name in ("containerd", "absent"):
        done = do(machine, rf"Limit-OpenLog -Path C:\k\{name}.log -Bytes 100")
        assert (done.code, done.err) == (0, "")
    assert machine.path(r"C:\k\containerd.log").read_bytes() == b"line\n"
    assert not machine.path(r"C:\k\containerd.former.log").exists()


def test_the_log_of_a_script_that_never_ends_is_begun_anew_while_it_runs(machine: Machine) -> None:
    log = machine.path(r"C:\k\watch.log")
    log.write_bytes(b"x" * 5_000_001)
    done = do(machine, "Set-StepLog -Path C:\\k\\watch.log; Write-Log -Message one; Write-Log -Message two")
    assert done.code == 0, done.err
    assert machine.path(r"C:\k\watch.log.old").stat().st_size == 5_000_001
    assert [line.split(" ", 1)[1] for line in log.read_text(encoding="utf-8-sig").splitlines()] == ["one", "two"]

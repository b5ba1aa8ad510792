"""Windows Update's policy is set, and given back as it was."""

from pathlib import Path
from typing import Any

import pytest

from tests.unit.powershell_machine import Machine
from tests.unit.windows_scripts import make_host, with_module

KEY = r"HKLM:\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate\AU"
MANUAL = {"NoAutoUpdate": 1, "AUOptions": 2}


def run(machine: Machine, script: str) -> str:
    done = with_module(machine, rf"& 'C:\k\casement\windows\{script}'")
    assert done.code == 0, done.err
    return "".join(done.lines)


def test_updates_wait_for_an_administrator_and_a_second_run_changes_nothing(tmp_path: Path) -> None:
    machine, state = make_host(tmp_path)
    assert '"changed":true' in run(machine, "Set-UpdatePolicy.ps1")
    assert state.registry[KEY] == MANUAL
    assert '"changed":false' in run(machine, "Set-UpdatePolicy.ps1")


@pytest.mark.parametrize("before", [None, {}, {"AUOptions": 4}, {"NoAutoUpdate": 0, "UseWUServer": 1}])
def test_what_the_site_had_set_before_comes_back(tmp_path: Path, before: dict[str, Any] | None) -> None:
    machine, state = make_host(tmp_path)
    if before is not None:
        state.registry[KEY] = dict(before)
    run(machine, "Set-UpdatePolicy.ps1")
    run(machine, "Set-UpdatePolicy.ps1")
    assert state.registry[KEY] == (before or {}) | MANUAL
    run(machine, "Restore-UpdatePolicy.ps1")
    assert state.registry.get(KEY) == before
    run(machine, "Restore-UpdatePolicy.ps1")
    assert state.registry.get(KEY) == before

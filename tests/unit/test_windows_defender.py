"""What Windows Defender is told to leave alone, and that it is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.powershell.cmdlet import CmdletCall, catalogue, cmdlet
from lab.powershell.values import PSObject
from lab.windows.cmdlets.machine_of import texts
from lab.windows.folder import HostFolder
from tests.unit.powershell_machine import Machine
from tests.unit.windows_network import make_networked_host
from tests.unit.windows_scripts import with_module

KINDS = ("ExclusionPath", "ExclusionProcess")
NAMED = [f"{kind}:string[]" for kind in KINDS]
SET = r"Set-DefenderExclusion -Path 'C:\ProgramData\containerd' -Process 'C:\x\containerd.exe'"


class Defender:
    """Defender's exclusions; under central management it takes no others."""

    def __init__(self) -> None:
        self.held: dict[str, list[str]] = {kind: [] for kind in KINDS}
        self.managed = False

    def catalogue(self) -> dict[str, object]:
        """Return its cmdlets."""

        @cmdlet("Get-MpPreference")
        def get(_call: CmdletCall) -> Iterator[object]:
            yield PSObject({kind: list(held) or None for kind, held in self.held.items()})

        @cmdlet("Add-MpPreference", named=NAMED)
        def add(call: CmdletCall) -> None:
            if self.managed:
                raise call.fail("Operation failed with the following error: 0x800106ba")
            for kind in KINDS:
                self.held[kind] += texts(call.get(kind))

        @cmdlet("Remove-MpPreference", named=NAMED)
        def remove(call: CmdletCall) -> None:
            for kind in KINDS:
                self.held[kind] = [each for each in self.held[kind] if each not in texts(call.get(kind))]

        return dict(catalogue(get, add, remove))


@pytest.fixture
def host(tmp_path: Path) -> tuple[Machine, Defender]:
    machine, _, network = make_networked_host(HostFolder(tmp_path))
    network.services["WinDefend"] = "Running"
    defender = Defender()
    machine.cmdlets = {**machine.cmdlets, **defender.catalogue()}  # type: ignore[dict-item]  # cmdlets by name
    return machine, defender


def test_folders_and_programs_are_excluded_once_and_what_was_there_before_stays(host: tuple[Machine, Defender]) -> None:
    machine, defender = host
    defender.held["ExclusionProcess"] = [r"C:\k\kubelet.exe", r"C:\own.exe"]
    for _ in range(2):
        assert with_module(machine, SET).code == 0
    assert defender.held["ExclusionPath"] == [r"C:\ProgramData\containerd"]
    programs = defender.held["ExclusionProcess"]
    assert len(programs) == len(set(programs))
    assert {r"C:\x\containerd.exe", r"C:\k\flanneld.exe", r"C:\opt\cni\bin\win-overlay.exe"} <= set(programs)
    assert with_module(machine, "Remove-DefenderExclusion").code == 0
    assert defender.held == {"ExclusionPath": [], "ExclusionProcess": [r"C:\k\kubelet.exe", r"C:\own.exe"]}


def test_a_defender_that_is_managed_centrally_is_a_warning_only(host: tuple[Machine, Defender]) -> None:
    machine, defender = host
    defender.managed = True
    ran = with_module(machine, SET)
    assert ran.code == 0
    assert "warning: no exclusions in Windows Defender" in ran.err

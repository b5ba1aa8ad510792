"""Stopping a Windows service whose answer to the service manager comes late, or never, by our own function."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lab.powershell.cmdlet import CmdletCall, catalogue, cmdlet
from lab.powershell.values import PSObject
from tests.unit.powershell_machine import Machine
from tests.unit.windows_scripts import make_host, with_module

LATE = "Service 'kubelet (kubelet)' cannot be stopped: it did not respond in a timely fashion."


def answering_late(machine: Machine, afterwards: str) -> Machine:
    """Return the machine with a service that is in this state when the service manager has given up on its answer."""
    state = ["Running"]

    @cmdlet("Get-Service", named=["Name:string"])
    def get_service(_call: CmdletCall) -> Iterator[object]:
        yield PSObject({"Name": "kubelet", "Status": state[0]})

    @cmdlet("Stop-Service", named=["Name:string"], switches=["Force"])
    def stop_service(call: CmdletCall) -> None:
        state[0] = afterwards
        raise call.fail(LATE)

    machine.cmdlets = {**machine.cmdlets, **catalogue(get_service, stop_service)}
    return machine


def test_a_service_that_has_stopped_is_stopped_whatever_the_service_manager_says(tmp_path: Path) -> None:
    machine = answering_late(make_host(tmp_path)[0], "Stopped")
    ran = with_module(machine, "Stop-NodeService -Name kubelet")
    assert ran.code == 0, ran.err
    assert LATE in ran.err


def test_a_service_that_does_not_stop_is_an_error_that_names_it(tmp_path: Path) -> None:
    machine = answering_late(make_host(tmp_path)[0], "StopPending")
    ran = with_module(machine, "Stop-NodeService -Name kubelet")
    assert ran.code != 0
    assert "service kubelet has stopped" in ran.err

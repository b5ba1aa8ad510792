"""The lab's model of what logs are gathered with: files that others write, event logs, archives."""

from __future__ import annotations

import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from lab.powershell import Interpreter
from lab.windows.events import SYSTEM, query_events, record_boot, record_event
from lab.windows.folder import HostFolder
from lab.windows.powershell_host import PowerShellHost
from plan.shells import observing_command_line
from plan.step import Step

QUERY = ["qe", "System", "/q:*", "/c:10", "/rd:true", "/f:text"]


@pytest.fixture
def folder(tmp_path: Path) -> HostFolder:
    made = HostFolder(tmp_path)
    made.drive_c.mkdir(parents=True)
    return made


def printed(folder: HostFolder, text: str) -> list[str]:
    out: list[str] = []
    err: list[str] = []
    code = Interpreter(PowerShellHost(folder, "2022")).run_command(text, "", out.append, err.append)
    assert code == 0, err
    return "".join(out).splitlines()


READ = """
$stream = [System.IO.File]::Open('C:\\a.log', 'Open', 'Read', 'ReadWrite, Delete')
$stream.Length
$null = $stream.Seek(-4, 'End')
(New-Object -TypeName System.IO.StreamReader -ArgumentList $stream).ReadToEnd()
$stream.Dispose()
"""


def test_the_end_of_a_file_is_read_while_another_writes_it(folder: HostFolder) -> None:
    with folder.path(r"C:\a.log").open("w") as writer:
        writer.write("0123456789")
        writer.flush()
        assert printed(folder, READ) == ["10", "6789"]


def test_a_reader_knows_utf16_by_its_mark(folder: HostFolder) -> None:
    folder.path(r"C:\a.log").write_bytes(b"\xff\xfe" + "wide".encode("utf-16-le"))
    assert printed(folder, READ.replace("$null = $stream.Seek(-4, 'End')\n", "")) == ["10", "wide"]


def test_before_the_beginning_of_a_file_there_is_nothing(folder: HostFolder) -> None:
    folder.path(r"C:\a.log").write_text("abc")
    caught = f"try {{ {READ} }} catch [System.IO.IOException] {{ 'refused' }}"
    assert printed(folder, caught) == ["3", "refused"]


def test_events_are_shown_the_latest_first_and_those_asked_for(folder: HostFolder) -> None:
    record_event(folder, SYSTEM, "User32", number=1074, text="restart asked for")
    record_event(folder, SYSTEM, "Other", number=9, text="of no interest")
    record_event(folder, SYSTEM, "EventLog", number=6006, text="stopped")
    code, out, _ = query_events(folder, "WIN1", QUERY)
    assert (code, out.count("Event[")) == (0, 3)
    assert out.index("stopped") < out.index("restart asked for")
    _, out, _ = query_events(folder, "WIN1", [*QUERY[:2], "/q:*[System[(EventID=1074 or EventID=41)]]", *QUERY[3:]])
    assert "restart asked for" in out
    assert "of no interest" not in out
    assert query_events(folder, "WIN1", ["qe", "No-Such-Log", *QUERY[2:]])[0] == 15007
    assert query_events(folder, "WIN1", ["el"])[0] == 87


@pytest.mark.parametrize(("before", "told"), [((), False), ((6005, 6006), False), ((6005,), True)])
def test_a_start_after_a_power_cut_says_so(folder: HostFolder, before: tuple[int, ...], told: bool) -> None:
    for number in before:
        record_event(folder, SYSTEM, "EventLog", number=number, text="")
    record_boot(folder)
    numbers = [event["id"] for event in folder.read("events")]
    assert numbers[-1] == 6005
    assert (6008 in numbers) == told


def test_a_folder_is_packed(folder: HostFolder) -> None:
    folder.path(r"C:\in").mkdir()
    folder.path(r"C:\in\a.txt").write_text("a")
    printed(folder, r"tar.exe -czf C:\out.tar.gz -C C:\in .; if ($LASTEXITCODE -ne 0) { exit 1 }")
    with tarfile.open(folder.path(r"C:\out.tar.gz")) as tar:
        assert "./a.txt" in tar.getnames()


COMMANDS: Mapping[str, str] = {
    "windows": 'powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -File "C:\\Users\\Jo Doe\\x\\windows'
    '\\Invoke-Step.ps1" -Observe -Script Look.ps1 -Step looked -TimeLimitSeconds 60',
    "linux": "sudo -n bash '/home/jo doe/x/linux/step.sh' look.sh observing looked 60",
}


def test_a_step_that_only_looks_runs_from_its_own_folder() -> None:
    look = Step("looked", "Look.ps1", time_limit=60)
    assert observing_command_line(look, "windows", "/C:/Users/Jo Doe/x", False) == COMMANDS["windows"]
    look = Step("looked", "look.sh", time_limit=60)
    assert observing_command_line(look, "linux", "/home/jo doe/x", False) == COMMANDS["linux"]

"""Finding, without running a script, what it names that nobody models."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from lab.powershell.cmdlet import CmdletCall, catalogue, cmdlet
from lab.powershell.survey import survey


@cmdlet("Get-Pod", positional=["Name"], switches=["All"], aliases={"PodName": "Name"})
def get_pod(_call: CmdletCall) -> None:
    """A cmdlet of a machine."""


FOUND = {
    "a command": ("'a'\nGet-Weather", ["the command Get-Weather at x.ps1:2"]),
    "a parameter": ("Get-Pod -Nothing 1", ["the parameter -Nothing of Get-Pod at x.ps1:1"]),
    "a type of a parameter": ("function Get-It {\nparam([xml] $X)\n$X\n}", ["the type [xml] at x.ps1:2"]),
    "a type that is caught": ("try { 1 } catch [No.Such] { 2 }", ["the type [No.Such] at x.ps1:1"]),
    "inside of blocks and strings": ('1 | ForEach-Object { "$(Get-Weather)" }', ["the command Get-Weather at x.ps1:1"]),
    "nothing in what is known": (
        "function Get-It { Get-Pod -PodName a -All -ErrorAction Stop }\n"
        "Get-It | Where-Object { $_ }\ncurl.exe -x\n[int]1\n[IO.File]::Exists('a')",
        [],
    ),
}


@pytest.mark.parametrize(("script", "problems"), FOUND.values(), ids=FOUND.keys())
def test_what_is_not_known_is_found_with_its_place(script: str, problems: Sequence[str], tmp_path: Path) -> None:
    (tmp_path / "x.ps1").write_text(script)
    assert survey([tmp_path / "x.ps1"], catalogue(get_pod)) == problems


def test_functions_of_one_file_are_known_in_another(tmp_path: Path) -> None:
    (tmp_path / "a.psm1").write_text("function Get-Mine { 1 }")
    (tmp_path / "b.ps1").write_text("Get-Mine")
    assert survey([tmp_path / "a.psm1", tmp_path / "b.ps1"], {}) == []

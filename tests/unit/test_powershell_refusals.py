"""What the PowerShell interpreter does not know is a loud error, which no script can catch."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.powershell.parser import parse
from lab.powershell.source import ParseError, Source
from tests.unit.powershell_machine import make_machine, run

WINDOWS_SCRIPTS = Path(__file__).resolve().parents[2] / "scripts" / "windows"

UNKNOWN = {
    "a cmdlet": ("Get-Weather", "the command Get-Weather"),
    "a parameter": ("Get-Item C:\\ -Stream x", "the parameter -Stream of Get-Item"),
    "a method": ("'a'.Shout()", "the method 'Shout' of [System.String]"),
    "an overload": ("'a'.Trim('b').Insert(1)", "the overload of 'Insert'"),
    "a type": ("[System.Xml.XmlDocument]::new()", "the .NET type [System.Xml.XmlDocument]"),
    "a static member": ("[System.Math]::Sinh(1)", "[System.Math]::Sinh()"),
    "an attribute": (
        "function Get-It {\nparam([ArgumentCompleter(1)] $A)\n}\nGet-It",
        "the attribute [ArgumentCompleter]",
    ),
    "a number format": ("'{0:C}' -f 1", "the number format 'C'"),
    "Invoke-Expression": ("Invoke-Expression 'x'", "Invoke-Expression"),
    "a cast": ("[xml]'<a/>'", "the .NET type [xml]"),
    "a drive": ("Get-Item 'Cert:\\x'", "the drive of 'Cert:\\x'"),
    "a scope": ("$using:x", "the variable '$using:x'"),
    "a member of a value": ("$x = [datetime]::UtcNow\n$x.Millennium", "the property 'Millennium' of [System.DateTime]"),
    "a regular expression only .NET knows": ("'a' -match '\\p{Lu}'", "the regular expression"),
    "a common parameter": (
        "function Get-It {\n[CmdletBinding()]\nparam()\n}\nGet-It -ErrorVariable e",
        "the common parameter -ErrorVariable",
    ),
}


@pytest.mark.parametrize(("script", "what"), UNKNOWN.values(), ids=UNKNOWN.keys())
def test_what_is_not_modelled_ends_the_script_with_its_place(script: str, what: str, tmp_path: Path) -> None:
    lines = len(script.split("\n"))
    ran = run(make_machine(tmp_path), f"try {{\n{script}\n'after'\n}} catch {{ 'caught' }}")
    assert (ran.code, ran.lines) == (1, [])
    assert ran.err.startswith(f"Unsupported: {what}")
    assert any(f" at C:\\test.ps1:{line + 1}" in ran.err for line in range(1, lines + 1))


SYNTAX = {
    "a missing brace": "if ($true) { 'a'",
    "a missing quote": "'a",
    "two operators of PowerShell 7": "Get-Item C:\\ && 'b'",
    "a name cut off by a colon": '"$name: x"',
    "an expression in the middle of a pipeline": "1 | 2",
    "a class": "class A { }",
    "a trap": "trap { 'x' }",
    "an assignment to a number": "1 = 2",
    "a stray word": "'a' 'b'",
    "an argument PowerShell would not expand": "Get-Item -x=$y",
}


@pytest.mark.parametrize("script", SYNTAX.values(), ids=SYNTAX.keys())
def test_a_script_that_cannot_be_parsed_is_not_run_at_all(script: str, tmp_path: Path) -> None:
    ran = run(make_machine(tmp_path), f"'before'\n{script}\n")
    assert (ran.code, ran.lines) == (1, [])
    assert ran.err.startswith("Unsupported: this syntax: C:\\test.ps1:")


def test_a_mistake_in_a_script_that_is_called_is_not_caught_either(tmp_path: Path) -> None:
    machine = make_machine(tmp_path)
    machine.path(r"C:\inner.ps1").write_text("if (")
    ran = run(machine, "try { & C:\\inner.ps1 } catch { 'caught' }")
    assert (ran.code, ran.lines) == (1, [])


@pytest.mark.parametrize("path", sorted(WINDOWS_SCRIPTS.rglob("*.ps*1")), ids=lambda path: path.name)
def test_both_parsers_accept_the_scripts_of_the_project(path: Path) -> None:
    assert parse(Source(path.read_text(encoding="utf-8"), path.name)).text


def test_the_place_of_a_mistake_is_told() -> None:
    with pytest.raises(ParseError, match=r"^x\.ps1:3: "):
        parse(Source("'a'\n'b'\n)\n", "x.ps1"))

"""Statements, pipelines, functions and scopes of the PowerShell interpreter."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.powershell_machine import make_machine, run

STRICT = "Set-StrictMode -Version Latest\n$ErrorActionPreference = 'Stop'\n"

SCRIPTS = {
    "a pipeline takes an array of one apart": ("$x = @(1) | ForEach-Object { $_ }; $x.GetType().Name", ["Int32"]),
    "the array operator keeps it an array": ("$x = @(@(1) | ForEach-Object { $_ }); $x.GetType().Name", ["Object[]"]),
    "a plain assignment keeps an array of one": ("$x = @(1); $x.GetType().Name", ["Object[]"]),
    "null in a pipeline is an object": ("@($null | ForEach-Object { 'once' }).Count", ["1"]),
    "no output in a pipeline is no object": ("function Get-No { }\n@(Get-No | ForEach-Object { 'x' }).Count", ["0"]),
    "no output in an array is an empty array": ("function Get-No { }\n$x = Get-No\n@($x).Count", ["0"]),
    "null in an array is an element": ("@($null).Count", ["1"]),
    "foreach over null does nothing": ("foreach ($x in $null) { 'never' }\n'end'", ["end"]),
    "a function gives all that it emits": (
        "function Get-All {\n'a'\n$x = 'no'\nreturn 'b'\n'c'\n}\n(Get-All) -join ','",
        ["a,b"],
    ),
    "a function's array of one comes out as its element": (
        "function Get-One {\nreturn @(1)\n}\n(Get-One).GetType().Name",
        ["Int32"],
    ),
    "a comma before return keeps the array": (
        "function Get-One {\nreturn , @(1)\n}\n(Get-One).GetType().Name",
        ["Object[]"],
    ),
    "return in ForEach-Object goes on with the next": (
        "1..3 | ForEach-Object {\nif ($_ -eq 2) { return }\n$_\n}",
        ["1", "3"],
    ),
    "ForEach-Object runs in the caller's scope": ("$n = 0\n1..3 | ForEach-Object { $n += $_ }\n$n", ["6"]),
    "a block in a pipeline sees the variables of its author, not those of a function that feeds it": (
        "function Get-Rows {\nforeach ($row in 1, 2) { $row }\n}\n$row = 2\n"
        "@(Get-Rows | Where-Object { $_ -ne $row }).Count",
        ["1"],
    ),
    "a function wins over a cmdlet, which its module's name still reaches": (
        "function Join-Path {\nparam($Path, $ChildPath)\n"
        "Microsoft.PowerShell.Management\\Join-Path @PSBoundParameters\n'own'\n}\n"
        "Join-Path -Path 'C:\\a' -ChildPath 'b'",
        ["C:\\a\\b", "own"],
    ),
    "a method in PowerShell sees its object": (
        "$o = [pscustomobject]@{ n = 2 }\n"
        "Add-Member -InputObject $o -MemberType ScriptMethod -Name Times -Value { param($by) $this.n * $by }\n"
        "$o.Times(3)",
        ["6"],
    ),
    "a called block has a scope of its own": ("$n = 1\n& { $n = 2 }\n$n", ["1"]),
    "a dotted block has not": ("$n = 1\n. { $n = 2 }\n$n", ["2"]),
    "a function reads the caller's variable and writes its own": (
        "$n = 1\nfunction Set-It {\n$n += 1\n$n\n}\nSet-It\n$n",
        ["2", "1"],
    ),
    "script scope is shared": ("$script:n = 1\nfunction Set-It { $script:n = 5 }\nSet-It\n$n", ["5"]),
    "objects stream one by one": (
        '1..2 | ForEach-Object { Write-Host "a$_"; $_ } | ForEach-Object { Write-Host "b$_" }',
        ["a1", "b1", "a2", "b2"],
    ),
    "Select-Object -First stops what feeds it": (
        '1..5 | ForEach-Object { Write-Host "made $_"; $_ } | Select-Object -First 2 | ForEach-Object { $_ }',
        ["made 1", "1", "made 2", "2"],
    ),
    "begin, process and end": (
        "function Add-Up {\nparam([Parameter(ValueFromPipeline = $true)] $Item)\n"
        "begin { $n = 0 }\nprocess { $n += $Item }\nend { $n }\n}\n"
        "1..4 | Add-Up",
        ["10"],
    ),
    "a function without process gets its input in one": ("function Get-In {\n@($input).Count\n}\n1..3 | Get-In", ["3"]),
    "a filter sees each object": ("filter Get-Twice { $_ * 2 }\n(1..3 | Get-Twice) -join ','", ["2,4,6"]),
    "switch runs every clause that holds": (
        "switch (3) {\n3 { 'a' }\n{ $_ -gt 2 } { 'b' }\ndefault { 'c' }\n}",
        ["a", "b"],
    ),
    "switch walks an array, continue goes on": (
        "switch ('a', 'b') {\n'a' { 'A'; continue }\ndefault { \"other $_\" }\n}",
        ["A", "other b"],
    ),
    "switch with patterns": ("switch -Wildcard ('win1') {\n'win*' { 'windows' }\ndefault { 'linux' }\n}", ["windows"]),
    "switch with regular expressions sets Matches": ("switch -Regex ('v12') {\n'v(\\d+)' { $Matches[1] }\n}", ["12"]),
    "do until runs at least once": ("$i = 5\ndo { $i++ } until ($i -gt 3)\n$i", ["6"]),
    "for counts": ("for ($i = 0; $i -lt 3; $i++) { $i }", ["0", "1", "2"]),
    "while with continue": ("$i = 0\nwhile ($i -lt 4) {\n$i++\nif ($i -eq 2) { continue }\n$i\n}", ["1", "3", "4"]),
    "a statement is a value": (
        "$x = if ($true) { 'yes' } else { 'no' }\n$y = foreach ($i in 1..2) { $i * 2 }\n\"$x $y\"",
        ["yes 2 4"],
    ),
    "several targets take an array apart": ('$a, $b = 1, 2, 3\n"$a and $b"', ["1 and 2 3"]),
    "an assignment in a condition": ("if ($x = 5) { $x }", ["5"]),
    "chained assignment": ("$a = $b = 2\n$a + $b", ["4"]),
    "postfix increment gives the value before": ('$i = 1\n$j = $i++\n"$i $j"', ["2 1"]),
    "an increment as a statement emits nothing": ("$i = 1\n$i++\n'end'", ["end"]),
    "a typed variable converts what it is given": ("[int] $n = '5'\n$n = '7'\n$n + 1", ["8"]),
    "elements and members are assigned": (
        "$h = @{ a = @(1, 2) }\n$h.a[1] = 5\n$h['b'] = 6\n$h.c = 7\n\"$($h.a) $($h.b) $($h.c)\"",
        ["1 5 6 7"],
    ),
    "void swallows": (
        "$l = New-Object System.Collections.ArrayList\n[void]$l.Add(1)\n$null = $l.Add(2)\n$l.Count",
        ["2"],
    ),
    "void and $null = and > $null emit nothing": ("[void](1)\n$null = 2\n3 > $null\n4 | Out-Null\n'end'", ["end"]),
    "splatting a hashtable": (
        'function Join-It {\nparam($A, [switch] $S)\n"$A $S"\n}\n$p = @{ A = 1; S = $true }\nJoin-It @p',
        ["1 True"],
    ),
    "splatting an array": ('function Join-It {\nparam($A, $B)\n"$A-$B"\n}\n$p = @(1, 2)\nJoin-It @p', ["1-2"]),
    "a script block is invoked": ("$b = { param($x) $x * 2 }\n& $b 4\n$b.Invoke(5)", ["8", "10"]),
    "calculated properties": (
        "$o = [pscustomobject]@{ a = 2 }\n"
        "($o | Select-Object -Property 'a', @{ Name = 'b'; Expression = { $_.a * 2 } }).b",
        ["4"],
    ),
    "the script's folder is known": ("$PSScriptRoot\n$PSCommandPath", ["C:\\", "C:\\test.ps1"]),
    "env is read and written": ("$env:X = 'a'\n\"$env:X;$env:COMPUTERNAME\"", ["a;WIN1"]),
    "braces in variable names": ("${env:ProgramFiles(x86)} = 'p'\n\"${env:ProgramFiles(x86)}\"", ["p"]),
    "success of the last command": ("Get-Item C:\\none -ErrorAction SilentlyContinue\n$?\n$?", ["False", "True"]),
    "numbers and words as arguments": (
        "function Get-Types {\n($args | ForEach-Object { $_.GetType().Name }) -join ' '\n}\n"
        "Get-Types 5 a 1.5 'x' $true",
        ["Int32 String Double String Boolean"],
    ),
    "a word with a variable in it is one argument": (
        "function Get-First { $args[0] }\n$x = 'k'\nGet-First C:\\$x.exe",
        ["C:\\k.exe"],
    ),
    "a comment in the middle of a line": ("'a' <# b #> + 'c' # d", ["ac"]),
    "a backtick continues the line": ("Join-Path `\n  -Path 'C:\\k' `\n  -ChildPath 'x'", ["C:\\k\\x"]),
    "a pipe continues on the next line": ("1, 2 |\n  ForEach-Object { $_ + 1 }", ["2", "3"]),
}


@pytest.mark.parametrize(("script", "expected"), SCRIPTS.values(), ids=SCRIPTS.keys())
def test_a_script_does_what_windows_powershell_does(script: str, expected: list[str], tmp_path: Path) -> None:
    ran = run(make_machine(tmp_path), script)
    assert ran.err == ""
    assert ran.lines == expected


STRICT_ERRORS = {
    "a variable that is not set": (
        "$nothing",
        "The variable '$nothing' cannot be retrieved because it has not been set.",
    ),
    "a property that is not there": ("([pscustomobject]@{ a = 1 }).b", "The property 'b' cannot be found"),
    "a key that is not there, read as a property": ("@{ a = 1 }.b", "The property 'b' cannot be found"),
    "a property of null": ("$x = $null\n$x.y", "The property 'y' cannot be found"),
    "the count of a single number": ("$x = 5\n$x.Count", "The property 'Count' cannot be found"),
    "a property of no elements": ("@().Name", "The property 'Name' cannot be found"),
    "an index out of range": ("@(1)[3]", "Index was outside the bounds of the array."),
    "the exit code before any program": ("$LASTEXITCODE", "The variable '$LASTEXITCODE' cannot be retrieved"),
}


@pytest.mark.parametrize(("script", "message"), STRICT_ERRORS.values(), ids=STRICT_ERRORS.keys())
def test_strict_mode_refuses(script: str, message: str, tmp_path: Path) -> None:
    ran = run(make_machine(tmp_path), STRICT + script)
    assert ran.code == 1
    assert message in ran.err


@pytest.mark.parametrize("script", ["$nothing", "@{ a = 1 }.b", "$null.y", "@(1)[3]", "@{}['b']"])
def test_without_strict_mode_what_is_not_there_is_null(script: str, tmp_path: Path) -> None:
    ran = run(make_machine(tmp_path), f"$null -eq ({script})")
    assert ran.lines == ["True"]


def test_a_key_that_is_not_there_is_null_even_in_strict_mode_when_indexed(tmp_path: Path) -> None:
    ran = run(make_machine(tmp_path), f"{STRICT}$null -eq @{{}}['b']")
    assert ran.lines == ["True"]


def test_strict_mode_set_by_a_script_does_not_reach_a_module_that_does_not_ask_for_it(tmp_path: Path) -> None:
    machine = make_machine(tmp_path)
    machine.path(r"C:\loose.psm1").write_text(
        "function Get-Loose { $null -eq $nothing }\nExport-ModuleMember -Function 'Get-*'"
    )
    machine.path(r"C:\inner.ps1").write_text(f"{STRICT}Import-Module C:\\loose.psm1\nGet-Loose")
    assert run(machine, "& C:\\inner.ps1").lines == ["True"]


MODULE = """
$script:count = 0
function Invoke-Twice {
    param([scriptblock] $Test)
    $hidden = 'of the module'
    & $Test
    & $Test
    $script:count += 1
}
function Get-Count { $script:count }
function Get-Hidden { 'not exported' }
Export-ModuleMember -Function 'Invoke-Twice', 'Get-Count'
"""


def test_a_block_handed_to_a_module_sees_the_caller_and_not_the_module(tmp_path: Path) -> None:
    machine = make_machine(tmp_path)
    machine.path(r"C:\m.psm1").write_text(MODULE)
    called = "function Test-It {\n$mine = 'caller'\nInvoke-Twice { \"$mine/$hidden\" }\n}"
    script = f"Import-Module C:\\m.psm1\n{called}\nTest-It\nGet-Count"
    assert run(machine, script).lines == ["caller/", "caller/", "1"]


def test_a_function_a_module_does_not_export_is_not_there(tmp_path: Path) -> None:
    machine = make_machine(tmp_path)
    machine.path(r"C:\m.psm1").write_text(MODULE)
    ran = run(machine, "Import-Module C:\\m.psm1\nGet-Hidden")
    assert "Get-Hidden" in ran.err


def test_importing_a_module_again_keeps_its_state(tmp_path: Path) -> None:
    machine = make_machine(tmp_path)
    machine.path(r"C:\m.psm1").write_text(MODULE)
    script = "Import-Module C:\\m.psm1\nInvoke-Twice { $null = 1 }\nImport-Module C:\\m.psm1\nGet-Count"
    assert run(machine, script).lines == ["1"]


def test_functions_may_call_each_other_a_hundred_deep(tmp_path: Path) -> None:
    body = "if ($N -eq 0) { return 0 }\nreturn $N + (Get-Sum ($N - 1))"
    script = f"function Get-Sum {{\nparam([int] $N)\n{body}\n}}\nGet-Sum 100"
    assert run(make_machine(tmp_path), script).lines == ["5050"]


def test_a_script_without_a_byte_order_mark_is_read_in_the_ansi_code_page(tmp_path: Path) -> None:
    machine = make_machine(tmp_path)
    machine.path(r"C:\plain.ps1").write_bytes("'ü'".encode())
    machine.path(r"C:\marked.ps1").write_bytes("'ü'".encode("utf-8-sig"))
    assert run(machine, "& C:\\plain.ps1\n& C:\\marked.ps1").lines == ["Ã¼", "ü"]

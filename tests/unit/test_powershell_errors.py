"""Errors, exit codes and what of them is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.powershell_machine import command, make_machine, run

CAUGHT = {
    "throw with a text": ("try { throw 'bad' } catch { $_.Exception.Message }", ["bad"]),
    "the record's text is the message": ("try { throw 'bad' } catch { \"$_\" }", ["bad"]),
    "throw again": ("try {\ntry { throw 'a' } catch { throw }\n} catch { \"again $_\" }", ["again a"]),
    "a typed exception": (
        "try { throw [System.InvalidOperationException]::new('x') } "
        "catch [System.InvalidOperationException] { 'typed' }",
        ["typed"],
    ),
    "the first clause that fits": (
        "try { throw [System.IO.FileNotFoundException]::new('x') } catch [System.FormatException] { 'no' } "
        "catch [System.IO.IOException] { 'io' } catch { 'any' }",
        ["io"],
    ),
    "the inner exception of a method": (
        "try { [System.IO.File]::ReadAllText('C:\\none') } "
        "catch [System.IO.FileNotFoundException] { $_.Exception.GetType().Name }",
        ["MethodInvocationException"],
    ),
    "a method's message names it": (
        "try { [datetime]::Parse('x') } catch { $_.Exception.Message }",
        ['Exception calling "Parse" with "1" argument(s): "String was not recognized as a valid DateTime."'],
    ),
    "a failed cast": (
        "try { [int]'x' } catch { $_.Exception.Message }",
        ['Cannot convert value "x" to type "System.Int32". Error: "Input string was not in a correct format."'],
    ),
    "a command that is not there": (
        "try { nothing.exe } "
        "catch [System.Management.Automation.CommandNotFoundException] { $_.FullyQualifiedErrorId }",
        ["CommandNotFoundException"],
    ),
    "division by zero": ('try { 1 / 0 } catch { "$_" }', ["Attempted to divide by zero."]),
    "a method of null": (
        'try { $null.Trim() } catch { "$_" }',
        ["You cannot call a method on a null-valued expression."],
    ),
    "an index into null": ('try { $null[0] } catch { "$_" }', ["Cannot index into a null array."]),
    "finally runs last": ("try { throw 'a' } catch { 'c' } finally { 'f' }", ["c", "f"]),
    "finally runs without an error": ("try { 'b' } finally { 'f' }", ["b", "f"]),
    "what was emitted before the error stays": (
        "try {\n'before'\nthrow 'x'\n} catch { 'caught' }",
        ["before", "caught"],
    ),
    "an assignment that failed keeps the old value": ("$x = 1\ntry { $x = $(2; throw 'a') } catch { $x }", ["1"]),
    "the place of the error": ("try {\nthrow 'x'\n} catch { $_.InvocationInfo.ScriptLineNumber }", ["2"]),
    "a non-terminating error with Stop": ("try { Get-Item C:\\none -ErrorAction Stop } catch { 'caught' }", ["caught"]),
    "the preference Stop": (
        "$ErrorActionPreference = 'Stop'\ntry { Get-Item C:\\none } catch { $_.CategoryInfo.Category }",
        ["ObjectNotFound"],
    ),
    "an error is kept": ("Get-Item C:\\none -ErrorAction SilentlyContinue\n$Error.Count", ["1"]),
    "Ignore keeps nothing": ("Get-Item C:\\none -ErrorAction Ignore\n$Error.Count", ["0"]),
    "errors can be merged into the output": ("(Get-Item C:\\none 2>&1).GetType().Name", ["ErrorRecord"]),
    "Write-Error with Stop": ("try { Write-Error 'w' -ErrorAction Stop } catch { \"$_\" }", ["w"]),
    "the underscore is given back after catch": (
        "1 | ForEach-Object {\ntry { throw 'x' } catch { $null = $_ }\n$_\n}",
        ["1"],
    ),
    "an error in a function reaches the caller": (
        "function Get-Bad { throw 'deep' }\ntry { Get-Bad } catch { \"$_\" }",
        ["deep"],
    ),
}


@pytest.mark.parametrize(("script", "expected"), CAUGHT.values(), ids=CAUGHT.keys())
def test_an_error_is_caught(script: str, expected: list[str], tmp_path: Path) -> None:
    ran = run(make_machine(tmp_path), script)
    assert ran.err == ""
    assert ran.lines == expected


def test_an_error_nobody_catches_ends_the_script_with_one_and_is_shown_with_its_place(tmp_path: Path) -> None:
    ran = run(make_machine(tmp_path), "'a'\nthrow 'bad thing'\n'b'")
    assert (ran.code, ran.lines) == (1, ["a"])
    assert ran.err.split("\r\n")[:3] == ["bad thing", "At C:\\test.ps1:2 char:1", "+ throw 'bad thing'"]
    assert "FullyQualifiedErrorId : bad thing" in ran.err


def test_a_non_terminating_error_is_shown_and_the_script_goes_on(tmp_path: Path) -> None:
    ran = run(make_machine(tmp_path), "Get-Item C:\\none\n'next'")
    assert (ran.code, ran.lines) == (0, ["next"])
    assert ran.err.startswith("Get-Item : Cannot find path 'C:\\none' because it does not exist.")


def test_without_stop_a_statement_that_fails_is_shown_and_the_script_goes_on(tmp_path: Path) -> None:
    ran = run(make_machine(tmp_path), "[int]'x'\n'next'")
    assert (ran.code, ran.lines) == (0, ["next"])
    assert "Cannot convert value" in ran.err


def test_with_stop_the_same_statement_ends_the_script(tmp_path: Path) -> None:
    ran = run(make_machine(tmp_path), "$ErrorActionPreference = 'Stop'\n[int]'x'\n'next'")
    assert (ran.code, ran.lines) == (1, [])


EXITS = {
    "the end of a script": ("'a'", 0),
    "exit with a number": ("exit 3", 3),
    "exit without one": ("exit", 0),
    "exit from a function": ("function Stop-All { exit 4 }\nStop-All\nexit 5", 4),
    "exit from catch": ("try { throw 'x' } catch { exit 6 }", 6),
    "exit of a script called from this one": ("& C:\\inner.ps1\nexit ($LASTEXITCODE + 1)", 8),
    "a program that failed does not count": ("bad.exe", 0),
}


@pytest.mark.parametrize(("script", "code"), EXITS.values(), ids=EXITS.keys())
def test_a_script_ends_with_its_exit_code(script: str, code: int, tmp_path: Path) -> None:
    machine = make_machine(tmp_path)
    machine.programs["bad.exe"] = lambda arguments, stdin: (9, b"", b"")
    machine.path(r"C:\inner.ps1").write_text("exit 7")
    assert run(machine, script).code == code


def test_finally_runs_when_the_script_exits(tmp_path: Path) -> None:
    ran = run(make_machine(tmp_path), "try { exit 2 } finally { 'closed' }")
    assert (ran.code, ran.lines) == (2, ["closed"])


COMMANDS = {
    "a command that works": ("Test-Path C:\\", 0),
    "a command that fails": ("Get-Item C:\\none -ErrorAction SilentlyContinue", 1),
    "a program that fails": ("bad.exe", 1),
    "an error": ("throw 'x'", 1),
    "an exit": ("exit 5", 5),
}


@pytest.mark.parametrize(("text", "code"), COMMANDS.values(), ids=COMMANDS.keys())
def test_a_command_ends_with_the_success_of_its_last_part(text: str, code: int, tmp_path: Path) -> None:
    machine = make_machine(tmp_path)
    machine.programs["bad.exe"] = lambda arguments, stdin: (9, b"", b"")
    assert command(machine, text).code == code


def test_warnings_and_the_hosts_text_go_to_standard_output(tmp_path: Path) -> None:
    ran = run(make_machine(tmp_path), "Write-Warning 'careful'\nWrite-Host 'hello'\nWrite-Verbose 'quiet'")
    assert ran.lines == ["WARNING: careful", "hello"]


def test_streams_can_be_silenced(tmp_path: Path) -> None:
    script = (
        "Write-Warning 'w' 3>$null\nGet-Item C:\\none 2>$null\nWrite-Host 'h' 6>$null\n"
        "& { 'out'; Write-Warning 'w' } *>$null"
    )
    ran = run(make_machine(tmp_path), script)
    assert (ran.lines, ran.err) == ([], "")

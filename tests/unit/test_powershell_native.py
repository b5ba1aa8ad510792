"""Native programs: the arguments they get from Windows PowerShell 5.1, and what comes back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from lab.powershell.native import command_line, split_command_line
from tests.unit.powershell_machine import Machine, make_machine, run

SPLITS = {
    "blanks separate": ("a  b", ["a", "b"]),
    "quotes hold together": ('"a b" c', ["a b", "c"]),
    "quotes inside a word": ('a"b c"d', ["ab cd"]),
    "an escaped quote": (r"a\"b", ['a"b']),
    "two backslashes before a quote": (r'"a\\" b', ["a\\", "b"]),
    "backslashes elsewhere": (r"C:\a\\b", [r"C:\a\\b"]),
    "a doubled quote inside quotes": ('"a""b"', ['a"b']),
    "an empty argument": ('"" x', ["", "x"]),
}


@pytest.mark.parametrize(("line", "expected"), SPLITS.values(), ids=SPLITS.keys())
def test_a_command_line_is_split_as_programs_split_it(line: str, expected: list[str]) -> None:
    assert split_command_line(line) == expected


TRAPS = {
    "white space is quoted": (["a b"], ["a b"]),
    "a double quote is not escaped, and lost": (['a"b"c'], ["abc"]),
    "JSON loses its quotes": (['{"a":1}'], ["{a:1}"]),
    "JSON with blanks falls apart": (['{"a": "b c"}'], ["{a: b", "c}"]),
    "an escaped quote arrives": ([r"a\"b"], ['a"b']),
    "an empty argument vanishes": (["a", "", "b"], ["a", "b"]),
    "a backslash before the closing quote eats it": (["C:\\a b\\", "c"], ['C:\\a b" c']),
    "a backslash without blanks is harmless": (["C:\\a\\", "c"], ["C:\\a\\", "c"]),
}


@pytest.mark.parametrize(("given", "received"), TRAPS.values(), ids=TRAPS.keys())
def test_5_1_builds_command_lines_with_all_its_traps(given: list[str], received: list[str]) -> None:
    assert split_command_line(command_line(given)) == received


def _machine(folder: Path, out: bytes = b"", err: bytes = b"", code: int = 0) -> Machine:
    machine = make_machine(folder)

    def program(_arguments: Sequence[str], _stdin: bytes | None) -> tuple[int, bytes, bytes]:
        return code, out, err

    machine.programs = {"sc.exe": program, r"C:\k\kubeadm.exe": program}
    return machine


CALLS = {
    "words and variables": (
        "$x = 'C:\\k\\kubelet.exe'\nsc.exe create kubelet binPath= $x start= auto",
        ["create", "kubelet", "binPath=", "C:\\k\\kubelet.exe", "start=", "auto"],
    ),
    "numbers as they are written": ("sc.exe 010 0x1F 1.50 -1", ["010", "0x1F", "1.50", "-1"]),
    "switches with one and two hyphens": ("sc.exe -a --b-c /d:e", ["-a", "--b-c", "/d:e"]),
    "a parameter with a value": ("$v = 'x y'\nsc.exe -a:$v -b:c", ["-a:x y", "-b:c"]),
    "text in double quotes": ("$v = 'x'\nsc.exe \"--config=$v\" '--n=$v'", ["--config=x", "--n=$v"]),
    "an array becomes several": ("$a = @('x', 'y z')\nsc.exe $a", ["x", "y z"]),
    "a splatted array": ("$a = @('x', '--y')\nsc.exe @a", ["x", "--y"]),
    "null and empty vanish": ("$n = $null\nsc.exe a $n '' b", ["a", "b"]),
    "a member": ("$o = [pscustomobject]@{ p = 'v' }\nsc.exe $o.p", ["v"]),
    "an expression": ("sc.exe (1 + 2) $('a' + 'b')", ["3", "ab"]),
}


@pytest.mark.parametrize(("script", "arguments"), CALLS.values(), ids=CALLS.keys())
def test_a_program_gets_its_arguments(script: str, arguments: list[str], tmp_path: Path) -> None:
    machine = _machine(tmp_path)
    ran = run(machine, script)
    assert ran.err == ""
    assert machine.calls == [("sc.exe", arguments, None)]


def test_a_program_is_called_by_path(tmp_path: Path) -> None:
    machine = _machine(tmp_path, out=b"v1\r\n")
    ran = run(
        machine, "$p = 'C:\\k\\kubeadm.exe'\n& $p version\n& \"C:\\k\\kubeadm.exe\" version\nC:\\k\\kubeadm.exe version"
    )
    assert ran.lines == ["v1", "v1", "v1"]
    assert {call[0] for call in machine.calls} == {r"C:\k\kubeadm.exe"}


def test_sc_without_its_suffix_is_set_content(tmp_path: Path) -> None:
    machine = _machine(tmp_path)
    run(machine, "sc C:\\x.txt hello")
    assert machine.calls == []
    assert machine.path(r"C:\x.txt").read_bytes() == b"hello\r\n"


def test_output_comes_as_lines_and_the_exit_code_is_kept(tmp_path: Path) -> None:
    ran = run(_machine(tmp_path, out=b"a\r\nb\n", code=5), '$x = @(sc.exe)\n"$($x.Count) $($x[1]) $LASTEXITCODE $?"')
    assert ran.lines == ["2 b 5 True"]


def test_success_tells_the_exit_code(tmp_path: Path) -> None:
    assert run(_machine(tmp_path, code=5), "sc.exe\n$?").lines == ["False"]


def test_standard_error_is_passed_on_and_is_no_error(tmp_path: Path) -> None:
    ran = run(
        _machine(tmp_path, out=b"o\n", err=b"progress\n"), "$ErrorActionPreference = 'Stop'\nsc.exe\n$Error.Count"
    )
    assert (ran.lines, ran.err) == (["o", "0"], "progress\n")


@pytest.mark.parametrize("redirection", ["2>&1", "2>$null"])
def test_redirected_standard_error_with_the_preference_stop_ends_the_script(redirection: str, tmp_path: Path) -> None:
    ran = run(
        _machine(tmp_path, err=b"only progress\n"), f"$ErrorActionPreference = 'Stop'\nsc.exe {redirection}\n'next'"
    )
    assert (ran.code, ran.lines) == (1, [])
    assert ran.err.startswith("only progress")


def test_merged_standard_error_comes_as_error_records(tmp_path: Path) -> None:
    script = 'sc.exe 2>&1 | ForEach-Object { "$($_.GetType().Name) $_" }'
    assert run(_machine(tmp_path, out=b"o\n", err=b"e\n"), script).lines == ["ErrorRecord e", "String o"]


def test_piped_objects_become_lines_in_ascii(tmp_path: Path) -> None:
    machine = _machine(tmp_path)
    run(machine, "'one', 2, 'ü' | sc.exe")
    assert machine.calls[0][2] == b"one\r\n2\r\n?\r\n"


def test_piped_text_follows_the_output_encoding(tmp_path: Path) -> None:
    machine = _machine(tmp_path)
    run(machine, "$OutputEncoding = New-Object System.Text.UTF8Encoding $false\n'ü' | sc.exe")
    assert machine.calls[0][2] == "ü\r\n".encode()


def test_output_is_decoded_by_the_console_s_encoding(tmp_path: Path) -> None:
    script = "sc.exe\n[Console]::OutputEncoding = [System.Text.Encoding]::UTF8\nsc.exe"
    assert run(_machine(tmp_path, out="ü\n".encode()), script).lines == ["├╝", "ü"]


def test_a_program_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    ran = run(_machine(tmp_path), "$ErrorActionPreference = 'Stop'\nnone.exe a")
    assert ran.code == 1
    assert "The term 'none.exe' is not recognized" in ran.err

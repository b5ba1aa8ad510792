""".NET types and members the PowerShell interpreter models."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from lab.powershell.faults import NetFault
from lab.powershell.host import StaticType
from lab.powershell.values import Computed, PSObject
from tests.unit.powershell_machine import make_machine, run

MEMBERS = {
    "trimming": ("' a '.Trim() + '|' + 'xax'.Trim('x') + '|' + 'C:\\k\\'.TrimEnd('\\')", "a|a|C:\\k"),
    "case": ("'Ab'.ToLowerInvariant() + 'Ab'.ToUpper()", "abAB"),
    "searching minds case": (
        "'kubelet'.Contains('Let'), 'kubelet'.StartsWith('kube'), 'ab'.IndexOf('b') -join ' '",
        "False True 1",
    ),
    "searching without case": ("'AB'.StartsWith('a', [System.StringComparison]::OrdinalIgnoreCase)", "True"),
    "comparison given as text": ("'AB'.EndsWith('b', 'OrdinalIgnoreCase')", "True"),
    "parts": ("'kubelet'.Substring(0, 4) + 'kubelet'.Substring(4) + 'abc'.Remove(1)", "kubeleta"),
    "replacing": ("'a.b'.Replace('.', '-')", "a-b"),
    "splitting is by characters in 5.1": ("('a::b'.Split('::')).Count", "3"),
    "splitting without empty parts": ("('a,,b'.Split(@(','), [StringSplitOptions]::RemoveEmptyEntries)).Count", "2"),
    "padding": ("'7'.PadLeft(3, '0')", "007"),
    "empty or not": (
        "[string]::IsNullOrEmpty(''), [string]::IsNullOrWhiteSpace(' '), [string]::IsNullOrEmpty('a') -join ' '",
        "True True False",
    ),
    "joining and formatting": ("[string]::Join('-', @(1, 2)) + [string]::Format('{0:D2}', 3)", "1-203"),
    "rounding": (
        "[Math]::Round(2.5), [Math]::Round(1.255, 1), [Math]::Ceiling(1.1), [Math]::Floor(-1.1) -join ' '",
        "2 1.3 2 -2",
    ),
    "the smaller and the larger": ("[Math]::Min(2, 3) + [math]::Max(2, 3)", "5"),
    "limits": ("[int]::MaxValue + [uint32]::MaxValue", "6442450942"),
    "parsing": ("[int]::Parse('42') + [long]::Parse('1')", "43"),
    "base 64": (
        "[Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes('ü'))",
        base64.b64encode("ü".encode()).decode(),
    ),
    "base 64 back": ("[Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('YWI='))", "ab"),
    "numbers of other bases": ("[Convert]::ToInt32('ff', 16), [Convert]::ToString(5, 2) -join ' '", "255 101"),
    "paths": (
        "[IO.Path]::Combine('C:\\k', 'a', 'b.txt'), "
        "[IO.Path]::GetFileName('C:\\k\\b.txt'), [IO.Path]::GetDirectoryName('C:\\k\\b.txt') -join ' '",
        "C:\\k\\a\\b.txt b.txt C:\\k",
    ),
    "addresses": ("([Net.IPAddress]::Parse('10.244.1.2').GetAddressBytes()) -join ','", "10,244,1,2"),
    "lists grow": (
        "$l = [System.Collections.Generic.List[string]]::new()\n$l.Add('a')\n"
        "$l.AddRange([string[]]('b', 'c'))\n$l.Count",
        "3",
    ),
    "lists by New-Object": (
        "$l = New-Object 'System.Collections.Generic.List[string]'\n$l.Add('a')\n$l -join ','",
        "a",
    ),
    "hashtables": ("$h = @{}\n$h.Add('a', 1)\n$h.Remove('b')\n$h.ContainsKey('A')", "True"),
    "entries": ('([ordered]@{ a = 1; b = 2 }).GetEnumerator() | ForEach-Object { "$($_.Key)=$($_.Value)" }', "a=1|b=2"),
    "a time from text": (
        "[datetime]::Parse('2026-01-02T03:04:05Z').ToUniversalTime().ToString('o')",
        "2026-01-02T03:04:05.0000000Z",
    ),
    "time spans": ("[timespan]::FromMinutes(1.5).TotalSeconds, [timespan]::Zero.TotalSeconds -join ' '", "90 0"),
    "regular expressions": (
        "[regex]::Matches('a1b2', '\\d').Count, [regex]::Escape('a.b'), [regex]::IsMatch('A', 'a') -join ' '",
        "2 a\\.b False",
    ),
    "a match's groups": ("[regex]::Match('v12', 'v(\\d+)').Groups[1].Value", "12"),
    "a replacement worked out": ("[regex]::Replace('a1', '\\d', { param($m) [int]$m.Value + 1 })", "a2"),
    "a digest": (
        "[BitConverter]::ToString([Security.Cryptography.SHA256]::Create()"
        ".ComputeHash([byte[]](97, 98, 99))).Substring(0, 8)",
        "BA-78-16",
    ),
    "types name themselves": (
        "'a'.GetType().FullName, (1.5).GetType().Name, @{}.GetType().Name, [int].FullName -join ' '",
        "System.String Double Hashtable System.Int32",
    ),
    "a GUID": ("[guid]::NewGuid().ToString().Length", "36"),
    "the environment": (
        "[Environment]::SetEnvironmentVariable('A', 'b')\n"
        "[Environment]::GetEnvironmentVariable('A') + $env:A + [Environment]::MachineName",
        "bbWIN1",
    ),
    "versions": ("$PSVersionTable.PSVersion.Major, ([version]'1.36.4').Minor -join ' '", "5 36"),
    "bytes": ("$b = [byte[]]@(1, 255)\n$b.Length + $b[1]", "257"),
}


@pytest.mark.parametrize(("script", "expected"), MEMBERS.values(), ids=MEMBERS.keys())
def test_a_member_gives_what_dotnet_gives(script: str, expected: str, tmp_path: Path) -> None:
    ran = run(make_machine(tmp_path), script)
    assert ran.err == ""
    assert "|".join(ran.lines) == expected


def test_console_writes_go_where_they_say(tmp_path: Path) -> None:
    script = "[Console]::Out.WriteLine('o {0}', 1)\n[Console]::Error.WriteLine('e')\n[Console]::WriteLine('p')"
    ran = run(make_machine(tmp_path), script)
    assert (ran.lines, ran.err) == (["o 1", "p"], "e\r\n")


def test_an_advanced_script_reads_standard_input_from_the_console(tmp_path: Path) -> None:
    script = '[CmdletBinding()]\nparam()\n$first = [Console]::In.ReadLine()\n"$first|$([Console]::In.ReadToEnd())"'
    assert run(make_machine(tmp_path), script, stdin="a\nb\nc").lines == ["a|b\nc"]


def test_a_simple_script_finds_standard_input_in_input(tmp_path: Path) -> None:
    script = "param($A)\n$lines = @($input)\n\"$($lines -join '|') [$([Console]::In.ReadToEnd())]\""
    assert run(make_machine(tmp_path), script, stdin="a\nb").lines == ["a|b []"]


def test_file_members_fail_as_dotnet_does(tmp_path: Path) -> None:
    script = (
        "foreach ($path in 'C:\\none.txt', 'C:\\no\\x.txt') {\n"
        "try { [IO.File]::WriteAllText($path, 'a'); 'written' } catch { $_.Exception.InnerException.GetType().Name }\n}"
    )
    assert run(make_machine(tmp_path), script).lines == ["written", "DirectoryNotFoundException"]


def test_a_file_is_made_through_a_stream_and_handed_to_the_disk(tmp_path: Path) -> None:
    script = (
        "[IO.File]::WriteAllText('C:\\a.txt', 'what was there before')\n"
        "$stream = [IO.File]::Create('C:\\a.txt')\n"
        "$stream.Write([byte[]](97, 98, 99, 100), 1, 2)\n$stream.Flush($true)\n"
        "[IO.File]::ReadAllText('C:\\a.txt')\n$stream.Dispose()\n"
        "try { [IO.File]::Create('C:\\no\\x.txt') } catch { $_.Exception.InnerException.GetType().Name }"
    )
    assert run(make_machine(tmp_path), script).lines == ["bc", "DirectoryNotFoundException"]


def test_a_machine_adds_types_even_while_a_script_runs(tmp_path: Path) -> None:
    machine = make_machine(tmp_path)
    added: dict[str, StaticType] = {}
    machine.statics = added

    def load() -> str:
        added["Casement.Hns"] = StaticType("Casement.Hns", methods={"Call": lambda method: f"{method} done"})
        return "loaded"

    added["Test.Loader"] = StaticType("Test.Loader", methods={"Load": load})
    asked = "$null -eq ('Casement.Hns' -as [type])"
    script = f"{asked}\n[Test.Loader]::Load()\n{asked}\n[Casement.Hns]::Call('GET')"
    assert run(machine, script).lines == ["True", "loaded", "False", "GET done"]


def test_a_machine_overrides_members_and_its_exceptions_are_caught_by_type(tmp_path: Path) -> None:
    def locked(_path: object) -> object:
        raise NetFault("in use", "System.IO.IOException")

    machine = make_machine(tmp_path)
    machine.statics = {"System.IO.File": StaticType("System.IO.File", methods={"OpenRead": locked})}
    script = (
        "try { [IO.File]::OpenRead('C:\\x') } catch [System.IO.IOException] { 'locked' }\n[IO.File]::Exists('C:\\x')"
    )
    assert run(machine, script).lines == ["locked", "False"]


def test_an_object_of_a_machine_has_methods_and_properties_that_are_worked_out(tmp_path: Path) -> None:
    machine = make_machine(tmp_path)
    state = {"runs": True}

    def stop() -> None:
        state["runs"] = False

    def make() -> PSObject:
        return PSObject(
            {"Runs": Computed(lambda: state["runs"]), "Name": ""}, type_name="Test.Thing", methods={"Stop": stop}
        )

    machine.statics = {"Test.Thing": StaticType("Test.Thing", constructor=make)}
    script = "$t = New-Object Test.Thing\n$t.Name = 'n'\n$t.Runs\n$t.Stop()\n\"$($t.Runs) $($t.Name)\""
    assert run(machine, script).lines == ["True", "False n"]

"""Binding arguments to parameters, as Windows PowerShell does."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.powershell.cmdlet import CmdletCall, catalogue, cmdlet
from lab.powershell.values import PSObject
from tests.unit.powershell_machine import make_machine, run

ADVANCED = """
function Show-It {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)] [string] $Name,
        [ValidateSet('Red', 'Green')] [string] $Colour = 'Red',
        [ValidateRange(1, 65535)] [int] $Port = 80,
        [string[]] $Tags = @(),
        [switch] $Force,
        [hashtable] $Extra
    )
    "$Name $Colour $Port $($Tags.Count) $Force $($PSBoundParameters.Keys -join ',')"
}
"""

BOUND = {
    "names and a switch": ("Show-It -Name a -Force", "a Red 80 0 True Name,Force"),
    "positions follow the declaration": ("Show-It a Green 81", "a Green 81 0 False Name,Colour,Port"),
    "a name and a position": ("Show-It -Port 5 a", "a Red 5 0 False Port,Name"),
    "a switch that is turned off": ("Show-It a -Force:$false", "a Red 80 0 False Name,Force"),
    "a value after a colon": ("Show-It -Name:a", "a Red 80 0 False Name"),
    "a unique beginning of a name": ("Show-It -Na a -Col Green", "a Green 80 0 False Name,Colour"),
    "one text for an array of texts": ("Show-It a -Tags 'x'", "a Red 80 1 False Name,Tags"),
    "an array": ("Show-It a -Tags 'x', 'y'", "a Red 80 2 False Name,Tags"),
    "text that converts": ("Show-It a -Port '99'", "a Red 99 0 False Name,Port"),
    "a set is matched without case": ("Show-It a -Colour 'green'", "a green 80 0 False Name,Colour"),
}


@pytest.mark.parametrize(("call", "expected"), BOUND.values(), ids=BOUND.keys())
def test_arguments_are_bound(call: str, expected: str, tmp_path: Path) -> None:
    ran = run(make_machine(tmp_path), ADVANCED + call)
    assert ran.err == ""
    # The bound parameters are listed in the order of their declaration.
    assert [sorted(line.replace(",", " ").split()) for line in ran.lines] == [
        sorted(expected.replace(",", " ").split())
    ]


REFUSED = {
    "an unknown name": ("Show-It a -Nothing 1", "A parameter cannot be found that matches parameter name 'Nothing'."),
    "one position too many": (
        "Show-It a Red 1 b c d",
        "A positional parameter cannot be found that accepts argument 'd'.",
    ),
    "a missing mandatory parameter": ("Show-It", "missing mandatory parameters: Name."),
    "an empty mandatory text": (
        "Show-It ''",
        "Cannot bind argument to parameter 'Name' because it is an empty string.",
    ),
    "a name without its value": ("Show-It a -Port", "Missing an argument for parameter 'Port'."),
    "a name given twice": ("$p = @{ Port = 1 }\nShow-It a -Port 2 @p", "parameter 'Port' is specified more than once"),
    "a value outside of the set": ("Show-It a -Colour Blue", "Cannot validate argument on parameter 'Colour'."),
    "a value outside of the range": ("Show-It a -Port 0", "Cannot validate argument on parameter 'Port'."),
    "text for a number": ("Show-It a -Port x", "Cannot process argument transformation on parameter 'Port'."),
    "an array for a text": ("Show-It -Name @('a', 'b')", "Cannot convert value to type System.String."),
    "text for a hashtable": ("Show-It a -Extra x", "Cannot process argument transformation on parameter 'Extra'."),
}


@pytest.mark.parametrize(("call", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_arguments_that_do_not_fit_are_refused(call: str, message: str, tmp_path: Path) -> None:
    ran = run(make_machine(tmp_path), f"$ErrorActionPreference = 'Stop'\n{ADVANCED}{call}")
    assert ran.code == 1
    assert message in ran.err


def test_a_binding_error_can_be_caught_by_its_type(tmp_path: Path) -> None:
    script = "try { Show-It } catch [System.Management.Automation.ParameterBindingException] { 'caught' }"
    assert run(make_machine(tmp_path), ADVANCED + script).lines == ["caught"]


def test_a_simple_function_keeps_what_it_does_not_know_in_args(tmp_path: Path) -> None:
    script = 'function Show-Rest {\nparam($A)\n"$A / $args"\n}\nShow-Rest 1 -x 2 3'
    assert run(make_machine(tmp_path), script).lines == ["1 / -x 2 3"]


def test_parameters_without_a_value_have_the_null_of_their_type(tmp_path: Path) -> None:
    script = (
        "function Show-Null {\nparam([string] $S, [int] $I, [bool] $B, [switch] $W, [string[]] $A, $O)\n"
        '"[$S] $I $B $W $($null -eq $S) $($null -eq $A) $($null -eq $O)"\n}\nShow-Null'
    )
    assert run(make_machine(tmp_path), script).lines == ["[] 0 False False False True True"]


def test_a_default_may_use_a_parameter_before_it(tmp_path: Path) -> None:
    script = 'function Show-Path {\nparam($A, $B = "$A\\x")\n$B\n}\nShow-Path C:\\k'
    assert run(make_machine(tmp_path), script).lines == ["C:\\k\\x"]


def test_an_alias_of_a_parameter_binds(tmp_path: Path) -> None:
    script = "function Show-It {\nparam([Alias('ComputerName')] $Name)\n$Name\n}\nShow-It -ComputerName a"
    assert run(make_machine(tmp_path), script).lines == ["a"]


def test_pipeline_objects_bind_by_property_name(tmp_path: Path) -> None:
    script = (
        "function Show-It {\nparam([Parameter(ValueFromPipelineByPropertyName = $true)] [string] $Name)\n"
        "process { \"<$Name>\" }\n}\n[pscustomobject]@{ Name = 'a' }, [pscustomobject]@{ Name = 'b' } | Show-It"
    )
    assert run(make_machine(tmp_path), script).lines == ["<a>", "<b>"]


def test_the_command_line_binds_to_the_script(tmp_path: Path) -> None:
    script = 'param([string] $Name, [int] $Count, [switch] $Force)\n"$Name $($Count + 1) $Force"'
    ran = run(make_machine(tmp_path), script, "-Name", "a b", "-Count", "4", "-Force")
    assert ran.lines == ["a b 5 True"]


def test_the_default_of_a_parameter_may_throw(tmp_path: Path) -> None:
    ran = run(make_machine(tmp_path), "param([string] $Name = $(throw 'say -Name'))\n$Name")
    assert ran.code == 1
    assert ran.err.startswith("say -Name")


@cmdlet(
    "Get-Pod",
    positional=["Name:string[]"],
    named=["Count:int"],
    switches=["All"],
    aliases={"PodName": "Name"},
    pipeline="Name",
)
def get_pod(call: CmdletCall) -> list[object]:
    """A cmdlet of a machine."""
    return [PSObject({"Name": name, "Count": call.integer("Count", 1)}) for name in call.items("Name")]


CMDLET_CALLS = {
    "a name": ("(Get-Pod -Name a).Name", "a"),
    "a position, converted": ("(Get-Pod a -Count '3').Count", "3"),
    "an alias": ("(Get-Pod -PodName a).Name", "a"),
    "the pipeline": ("('a', 'b' | Get-Pod | ForEach-Object { $_.Name }) -join ','", "a,b"),
    "splatting": ("$p = @{ Name = 'x'; All = $true }\n(Get-Pod @p).Name", "x"),
}


@pytest.mark.parametrize(("script", "expected"), CMDLET_CALLS.values(), ids=CMDLET_CALLS.keys())
def test_a_machines_cmdlet_gets_its_arguments(script: str, expected: str, tmp_path: Path) -> None:
    machine = make_machine(tmp_path)
    machine.cmdlets = catalogue(get_pod)
    ran = run(machine, script)
    assert ran.err == ""
    assert ran.lines == [expected]


def test_a_parameter_a_cmdlet_does_not_model_ends_the_script_whatever_it_catches(tmp_path: Path) -> None:
    machine = make_machine(tmp_path)
    machine.cmdlets = catalogue(get_pod)
    ran = run(machine, "try { Get-Pod -Nothing 1 } catch { 'caught' }")
    assert (ran.code, ran.lines) == (1, [])
    assert ran.err.startswith("Unsupported: the parameter -Nothing of Get-Pod at C:\\test.ps1:1")


def test_item_cmdlets_on_the_registry_go_to_the_machine(tmp_path: Path) -> None:
    @cmdlet("Registry:Get-ItemProperty", positional=["Path", "Name"])
    def read(call: CmdletCall) -> list[object]:
        return [PSObject({"UBR": 2340, "Path": call.text("Path")})]

    @cmdlet("Registry:Test-Path", positional=["Path"], named=["LiteralPath"])
    def test(call: CmdletCall) -> list[object]:
        return [call.text("LiteralPath").endswith("there")]

    machine = make_machine(tmp_path)
    machine.cmdlets = catalogue(read, test)
    script = "(Get-ItemProperty -Path 'HKLM:\\X').UBR\nTest-Path -LiteralPath 'HKLM:\\there'\nTest-Path -Path C:\\none"
    assert run(machine, script).lines == ["2340", "True", "False"]

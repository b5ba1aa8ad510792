"""Every Windows script keeps to the rules and fits the plan that calls it; and each rule can be broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from plan.step import Step
from tests.windows import rules, sample
from tests.windows.cmdlets import CMDLETS_AT_FIRST_BOOT
from tests.windows.fit import misfits
from tests.windows.powershell import Script, read

FOLDER = Path(__file__).resolve().parents[2] / "scripts/windows"
SCRIPTS = [read(path) for path in sorted(FOLDER.rglob("*.ps*1"))]
AT_FIRST_BOOT = [read(path) for path in sorted((FOLDER.parent / "boot").glob("*.ps1"))]
"""What a cloud runs, before there is any way to run steps."""
BY_NAME = {script.name: script.block for script in SCRIPTS if not script.functions_only}
MODULE = {function.name: function for script in SCRIPTS if script.functions_only for function in script.functions}
STEPS = sample.all_steps()
FILES = {script.name: script.block for script in SCRIPTS}
IN_THE_BACKGROUND = {
    "Invoke-Step.ps1",
    "Remove-PodNetwork.ps1",
    "Watch-CriDockerd.ps1",
    "Watch-Flannel.ps1",
    "Watch-Underlay.ps1",
}
"""Scripts that no step names: the runner, and what scheduled tasks run."""

Rule = Callable[[Script], Iterator[str]]
RULES: tuple[Rule, ...] = (
    rules.syntax,
    rules.plain_text,
    rules.strictness,
    rules.comment_help,
    rules.declared_parameters,
    rules.approved_verbs,
    rules.automatic_variables,
    rules.colons_in_strings,
    rules.native_calls,
)

GOOD = """<#
.SYNOPSIS
Does it.

.PARAMETER Name
What to do.

.EXAMPLE
.\\Get-Thing.ps1 -Name x
#>
[CmdletBinding()]
param([Parameter(Mandatory = $true)] [string] $Name)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Get-Part {
    <#
    .SYNOPSIS
    Does a part.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [string] $Key)
    Get-Service -Name $Key
}
"""


def script(*lines: str, name: str = "Get-Thing.ps1") -> Script:
    """Return a good script with some lines at its end."""
    return Script(name, GOOD + "\n".join(lines) + "\n")


@pytest.mark.parametrize("each", [*SCRIPTS, *AT_FIRST_BOOT], ids=lambda each: each.name)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_script_keeps_to_the_rule(each: Script, rule: Rule) -> None:
    assert list(rule(each)) == []


@pytest.mark.parametrize("each", SCRIPTS, ids=lambda each: each.name)
def test_every_command_is_known_and_gets_what_it_needs(each: Script) -> None:
    assert list(rules.known_calls(each, MODULE, FILES)) == []


@pytest.mark.parametrize("each", AT_FIRST_BOOT, ids=lambda each: each.name)
def test_every_command_at_first_boot_is_one_that_windows_has(each: Script) -> None:
    assert list(rules.known_calls(each, {}, {}, CMDLETS_AT_FIRST_BOOT)) == []


@pytest.mark.parametrize("step", STEPS.values(), ids=map("-".join, STEPS))
def test_every_step_passes_what_its_scripts_declare(step: Step) -> None:
    assert list(misfits(step, BY_NAME)) == []


def test_every_script_is_of_use() -> None:
    named = {name for step in STEPS.values() for name in (step.script, step.undo) if name}
    assert set(BY_NAME) == named | IN_THE_BACKGROUND


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_good_script_breaks_no_rule(rule: Rule) -> None:
    assert list(rule(script("Get-Part -Key $Name", "Get-Item -Path $Name"))) == []


@pytest.mark.parametrize(
    ("rule", "bad", "said"),
    [
        (rules.syntax, script("if ($Name) {"), "not PowerShell 5.1"),
        (rules.syntax, script("$x = $Name ? 1 : 2"), "not PowerShell 5.1"),
        (rules.syntax, script("$x = $Name ?? 'none'"), "not PowerShell 5.1"),
        (rules.syntax, script("$Name ??= 'none'"), "not PowerShell 5.1"),
        (rules.syntax, script("$x = ${Name}?.Length"), "not PowerShell 5.1"),
        (rules.syntax, script("Get-Item -Path x && Get-Item -Path y"), "&& came with"),
        (rules.syntax, script("Get-Item -Path x || Get-Item -Path y"), "|| came with"),
        (rules.syntax, script("1..2 | ForEach-Object -Parallel { $_ }"), "-Parallel came after"),
        (rules.plain_text, script("# \u201cquoted\u201d"), "not ASCII"),
        (rules.strictness, Script("Get-Thing.ps1", GOOD.replace("Set-StrictMode", "# Set-StrictMode")), "StrictMode"),
        (rules.strictness, Script("Get-Thing.ps1", GOOD.replace("'Stop'", "'Continue'")), "lacks $ErrorAction"),
        (rules.comment_help, Script("Get-Thing.ps1", "param()\n"), "lacks .SYNOPSIS"),
        (rules.comment_help, Script("Get-Thing.ps1", GOOD.replace(".PARAMETER Name", "")), "lacks .PARAMETER Name"),
        (rules.comment_help, Script("Get-Thing.ps1", GOOD.replace(".EXAMPLE", "")), "lacks .EXAMPLE"),
        (rules.comment_help, script("function Get-More { 1 }"), "function Get-More has no help"),
        (rules.declared_parameters, script("function Get-More { param($x) $x }"), "Get-More lacks [CmdletBinding()]"),
        (rules.approved_verbs, script("function Fetch-More { 1 }"), "Fetch-More does not begin"),
        (rules.approved_verbs, script(name="Make-Thing.ps1"), "Make-Thing does not begin"),
        (rules.automatic_variables, script("$home = 'C:\\k'"), "$home belongs to PowerShell"),
        (rules.automatic_variables, script("$script:Home = 'C:\\k'"), "$home belongs to PowerShell"),
        (rules.automatic_variables, script("foreach ($input in 1, 2) { 1 }"), "$input belongs to PowerShell"),
        (rules.automatic_variables, script("function Get-More { param($Host) 1 }"), "$host belongs to PowerShell"),
        (rules.colons_in_strings, script('$x = "$Name: gone"'), "write ${Name}: instead"),
        (rules.native_calls, script("icacls.exe C:\\k"), "icacls.exe is not run through Invoke-Native"),
    ],
)
def test_a_script_that_breaks_the_rule_is_found(rule: Rule, bad: Script, said: str) -> None:
    assert said in " ".join(rule(bad))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Get-Nothing -Name x", "Get-Nothing is not known"),
        ("Get-Item -Path x -Colour red", "Get-Item is not known to have -Colour"),
        ("Get-Part -Key x -Other y", "Get-Part has no parameter -Other"),
        ("Get-Part", "Get-Part is called without -Key"),
        ("Get-Part x", "Get-Part is given an argument without its name"),
        (
            "& (Join-Path -Path $PSScriptRoot -ChildPath 'Reset-Node.ps1')",
            "Reset-Node.ps1 is called without -CriEndpoint",
        ),
    ],
)
def test_a_command_that_does_not_exist_or_is_misused_is_found(line: str, said: str) -> None:
    assert said in " ".join(rules.known_calls(script(line), MODULE, BY_NAME))


def test_parameters_in_a_hashtable_count_as_given() -> None:
    assert list(rules.known_calls(script("$all = @{ Key = 'x' }", "Get-Part @all"), MODULE, BY_NAME)) == []


def test_a_step_that_passes_too_much_or_too_little_is_found() -> None:
    said = " ".join(misfits(Step("x", "Reset-Node.ps1", {"Colour": "red"}), BY_NAME))
    assert "Reset-Node.ps1 declares CriEndpoint, which is not passed" in said
    assert "Colour is passed, and no script declares it" in said
    assert "there is no script Make-Coffee.ps1" in " ".join(misfits(Step("x", "Make-Coffee.ps1"), BY_NAME))

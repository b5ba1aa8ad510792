"""What every script for Windows must keep to; each rule returns one sentence for each place that breaks it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from tree_sitter import Node

from tests.windows.cmdlets import APPROVED_VERBS, AUTOMATIC_VARIABLES, CMDLETS, COMMON_PARAMETERS
from tests.windows.powershell import Block, Call, Script, text, variable_name, walk

_NEWER_PARAMETERS = {"Parallel", "AsHashtable", "AsByteStream", "LeafBase", "Extension", "AdditionalChildPath"}
_SCOPES = ("script", "env", "global", "local", "private", "using")
_RUNNER = "Invoke-Step.ps1"
_ASSIGNED = re.compile(r"(\[[\w.\[\]]+\]\s*)?\$[\w:]+(\s*,\s*\$[\w:]+)*")
"""What stands left of ``=`` when variables get a value, and not their members."""


def _at(script: Script, line: int) -> str:
    return f"{script.name}:{line}"


def syntax(script: Script) -> Iterator[str]:
    """The text is PowerShell 5.1: it parses, without what came with 7 (``?:``, ``??``, ``?.``, ``&&``, ``||``)."""
    for node in walk(script.root):
        where = _at(script, node.start_point[0] + 1)
        if node.type == "ERROR" or node.is_missing:
            yield f"{where}: not PowerShell 5.1: {text(node)[:60]!r}"
        if node.type in {"&&", "||"}:
            yield f"{where}: {node.type} came with PowerShell 7"
        if node.type == "command_parameter" and text(node).strip("-:") in _NEWER_PARAMETERS:
            yield f"{where}: {text(node)} came after PowerShell 5.1"


def plain_text(script: Script) -> Iterator[str]:
    """All is ASCII: without a byte order mark PowerShell 5.1 reads anything else in the local code page."""
    for number, line in enumerate(script.source.splitlines(), 1):
        if not line.isascii():
            yield f"{_at(script, number)}: not ASCII"


def strictness(script: Script) -> Iterator[str]:
    """Strict mode is on, and an error ends the script."""
    lines = [line.strip() for line in script.source.splitlines()]
    for wanted in ("Set-StrictMode -Version Latest", "$ErrorActionPreference = 'Stop'"):
        if wanted not in lines:
            yield f"{script.name}: lacks {wanted}"


def comment_help(script: Script) -> Iterator[str]:
    """The script says what it does, with every parameter and an example; every function says what it does."""
    help_text = script.block.help
    keywords = [".SYNOPSIS", *(f".PARAMETER {parameter.name}" for parameter in script.block.parameters)]
    if script.name.endswith(".ps1") and not script.functions_only:
        keywords.append(".EXAMPLE")
    said = [line.strip() for line in help_text.splitlines()]
    yield from (f"{script.name}: its help lacks {keyword}" for keyword in keywords if keyword not in said)
    for function in script.functions:
        if ".SYNOPSIS" not in [line.strip() for line in function.help.splitlines()]:
            yield f"{script.name}: function {function.name} has no help"


def declared_parameters(script: Script) -> Iterator[str]:
    """Scripts and functions declare ``[CmdletBinding()]``, so that a misspelt parameter is an error."""
    for block in script.blocks:
        # The runner cannot: an advanced script has no $input.
        exempt = block is script.block and (script.functions_only or script.name == _RUNNER)
        if not exempt and "[CmdletBinding()]" not in text(block.node):
            yield f"{script.name}: {block.name} lacks [CmdletBinding()]"


def approved_verbs(script: Script) -> Iterator[str]:
    """Scripts and functions are named VERB-NOUN with a verb of Get-Verb."""
    names = [function.name for function in script.functions]
    if not script.functions_only:
        names.append(script.name.removesuffix(".ps1"))
    for name in names:
        verb, dash, noun = name.partition("-")
        if verb not in APPROVED_VERBS or not dash or not noun:
            yield f"{script.name}: {name} does not begin with an approved verb"


def automatic_variables(script: Script) -> Iterator[str]:
    """Nothing that PowerShell sets itself is assigned or declared."""
    for node in walk(script.root):
        targets: list[Node] = []
        if node.type in {"script_parameter", "foreach_statement"}:
            targets = [child for child in node.children if child.type == "variable"]
        elif node.type == "left_assignment_expression" and _ASSIGNED.fullmatch(text(node)):
            targets = [each for each in walk(node) if each.type == "variable"]
        for target in targets:
            if variable_name(target) in AUTOMATIC_VARIABLES:
                yield f"{_at(script, target.start_point[0] + 1)}: ${variable_name(target)} belongs to PowerShell"


def colons_in_strings(script: Script) -> Iterator[str]:
    """In a string ``$name:`` is a variable in the scope *name*; ``${name}:`` is what is meant."""
    for node in walk(script.root):
        if node.type in {"expandable_string_literal", "expandable_here_string_literal"}:
            for name in re.findall(r"(?<!`)\$(\w+):", text(node)):
                if name.lower() not in _SCOPES:
                    yield f"{_at(script, node.start_point[0] + 1)}: write ${{{name}}}: instead of ${name}:"


def native_calls(script: Script) -> Iterator[str]:
    """Programs run through Invoke-Native, which handles what they write to stderr and how they end."""
    for block in script.blocks:
        for call in block.calls():
            if call.name.endswith(".exe"):
                yield f"{_at(script, call.line)}: {call.name} is not run through Invoke-Native"


def known_calls(
    script: Script,
    module: Mapping[str, Block],
    scripts: Mapping[str, Block],
    cmdlets: Mapping[str, tuple[str, frozenset[str]]] = CMDLETS,
) -> Iterator[str]:
    """Every command exists: in the script, in the module, as a script of ours, or in the list of 5.1 cmdlets."""
    own = {function.name: function for function in script.functions}
    for block in script.blocks:
        for call in block.calls():
            if not call.name or call.name.endswith(".exe"):
                continue
            ours = own.get(call.name) or module.get(call.name) or scripts.get(call.name)
            if ours is not None:
                yield from _wrong_use(script, call, ours)
            elif call.name not in cmdlets:
                yield f"{_at(script, call.line)}: {call.name} is not known"
            else:
                for name in set(call.parameters) - cmdlets[call.name][1] - COMMON_PARAMETERS:
                    yield f"{_at(script, call.line)}: {call.name} is not known to have -{name}"


def _wrong_use(script: Script, call: Call, ours: Block) -> Iterator[str]:
    declared = {parameter.name: parameter for parameter in ours.parameters}
    where = _at(script, call.line)
    for name in set(call.parameters) - set(declared) - COMMON_PARAMETERS:
        yield f"{where}: {call.name} has no parameter -{name}"
    missing = [name for name, each in declared.items() if each.mandatory and name not in call.parameters]
    if missing and not call.splats:
        yield f"{where}: {call.name} is called without -{', -'.join(missing)}"
    if call.positional:
        yield f"{where}: {call.name} is given an argument without its name"

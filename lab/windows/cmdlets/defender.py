"""Microsoft Defender's exclusions, as state."""

from __future__ import annotations

from collections.abc import Iterator

from lab.powershell.cmdlet import CmdletCall, catalogue, cmdlet
from lab.powershell.values import PSObject
from lab.windows.cmdlets.machine_of import machine_of, texts

_KINDS = ("ExclusionPath", "ExclusionProcess")


@cmdlet("Get-MpPreference")
def get_mp_preference(call: CmdletCall) -> Iterator[object]:
    """Get the exclusions; null where there are none, as Defender has it."""
    kept = machine_of(call).folder.read("defender", {})
    yield PSObject({kind: kept.get(kind) or None for kind in _KINDS})


@cmdlet("Add-MpPreference", named=[f"{kind}:string[]" for kind in _KINDS])
def add_mp_preference(call: CmdletCall) -> None:
    """Add exclusions that are not there."""
    with machine_of(call).folder.changing("defender", {}) as kept:
        for kind in _KINDS:
            held = kept.setdefault(kind, [])
            held += [text for text in texts(call.get(kind)) if text not in held]


@cmdlet("Remove-MpPreference", named=[f"{kind}:string[]" for kind in _KINDS])
def remove_mp_preference(call: CmdletCall) -> None:
    """Take exclusions away."""
    with machine_of(call).folder.changing("defender", {}) as kept:
        for kind in _KINDS:
            kept[kind] = [text for text in kept.get(kind, []) if text not in texts(call.get(kind))]


CMDLETS = catalogue(get_mp_preference, add_mp_preference, remove_mp_preference)

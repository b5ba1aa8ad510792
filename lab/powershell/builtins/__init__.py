"""The cmdlets that are the same on every machine."""

from __future__ import annotations

from collections.abc import Mapping

from lab.powershell.builtins import content, items, json_text, modules, objects, output, paths, selecting, times
from lab.powershell.cmdlet import Cmdlet, catalogue

_ALL = catalogue(
    *output.CMDLETS,
    *objects.CMDLETS,
    *selecting.CMDLETS,
    *paths.CMDLETS,
    *content.CMDLETS,
    *items.CMDLETS,
    *json_text.CMDLETS,
    *modules.CMDLETS,
    *times.CMDLETS,
)

BUILT_IN: Mapping[str, Cmdlet] = {name.lower(): one for name, one in _ALL.items()}

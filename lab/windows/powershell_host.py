"""A Windows host as the PowerShell interpreter sees it: the machine, its cmdlets and its .NET types."""

from __future__ import annotations

from collections.abc import Mapping

from lab.powershell.host import Cmdlet, StaticType
from lab.windows.cmdlets import all_cmdlets
from lab.windows.folder import HostFolder
from lab.windows.machine import WindowsMachine
from lab.windows.types import HNS_TYPE, static_types


class PowerShellHost(WindowsMachine):
    """Implements lab.powershell.host.Host and HostWithTypes."""

    def __init__(self, folder: HostFolder, release: str) -> None:
        super().__init__(folder, release)
        self._cmdlets = all_cmdlets()
        self._static_types = static_types(self)

    @property
    def cmdlets(self) -> Mapping[str, Cmdlet]:
        """The cmdlets that Windows adds to PowerShell's own."""
        return self._cmdlets

    @property
    def statics(self) -> Mapping[str, StaticType]:
        """The .NET types that are about a machine, and the one that Add-Type may have added."""
        hidden = {HNS_TYPE} - self.added_types
        return {name: made for name, made in self._static_types.items() if name not in hidden}

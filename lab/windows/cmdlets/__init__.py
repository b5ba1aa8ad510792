"""The cmdlets that Windows Server adds to PowerShell's own, as far as the project's scripts use them."""

from __future__ import annotations

from lab.powershell.host import Cmdlet
from lab.windows.cmdlets import (
    accounts,
    adapters,
    addresses,
    cim,
    defender,
    dns,
    features,
    firewall,
    processes,
    registry,
    security,
    services,
    tasks,
    web,
)


def all_cmdlets() -> dict[str, Cmdlet]:
    """Return every cmdlet by its name."""
    modules = (
        accounts, adapters, addresses, cim, defender, dns, features, firewall, processes, registry, security, services,
        tasks, web,
    )  # fmt: skip
    return {name: cmdlet for module in modules for name, cmdlet in module.CMDLETS.items()}

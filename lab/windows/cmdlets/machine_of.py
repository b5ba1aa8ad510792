"""From a cmdlet's call to the machine it happens on."""

from __future__ import annotations

from lab.powershell.cmdlet import CmdletCall
from lab.windows.machine import WindowsMachine


def machine_of(call: CmdletCall) -> WindowsMachine:
    """Return the Windows host that the cmdlet runs on."""
    assert isinstance(call.host, WindowsMachine)
    return call.host


def texts(value: object) -> list[str]:
    """Return a value, or each of a list, as text."""
    items = value if isinstance(value, list) else [] if value is None else [value]
    return [str(item) for item in items]

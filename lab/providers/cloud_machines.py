"""What stands behind the machines of a cloud."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class NewMachine:
    """A machine that is switched on for the first time."""

    name: str
    os: str
    """``linux`` or ``windows``."""
    image: str
    address: str
    public_key: str
    """Who is let in, where the cloud itself sees to that; else the script does."""
    host_key: str
    """What it is to show where no host stands behind it."""


class Machines(Protocol):
    """Whatever runs, or seems to, behind the machines of a cloud."""

    async def start(self, machine: NewMachine) -> str:
        """Switch it on, and return the host key that it shows, as ``TYPE BASE64``."""
        ...

    async def erase(self, name: str) -> None:
        """Throw it away."""
        ...


class NoHosts:
    """Nothing stands behind the machines: whoever dials them gets to what the test has put in their place."""

    async def start(self, machine: NewMachine) -> str:
        """Return the host key that the machine is to show."""
        return machine.host_key

    async def erase(self, name: str) -> None:
        """Do nothing."""

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
    user: str
    """The administrator that the cloud itself makes; empty where the script does."""
    public_key: str
    """Who is let in, where the cloud itself sees to that; else the script does."""
    host_key: str
    """What it is to show where no host stands behind it."""
    user_data: str = ""
    """What cloud-init reads at the first boot, on Linux."""
    startup_script: str = ""
    """What is run at every boot, and publishes the host key."""


@dataclass(frozen=True, slots=True)
class Ran:
    """How a script on a machine ended."""

    exit_code: int
    output: str
    error: str = ""


class Machines(Protocol):
    """Whatever runs, or seems to, behind the machines of a cloud."""

    async def start(self, machine: NewMachine) -> str:
        """Switch it on, and return the host key that it has published, as ``TYPE BASE64``; empty where it does not.

        Raises MachineError with the machine's own words where it does not come up.
        """
        ...

    async def run(self, name: str, script: str, host_key: str) -> Ran:
        """Run a script on it, by the cloud's agent; ``host_key`` is what it shows where no host stands behind it."""
        ...

    async def erase(self, name: str) -> None:
        """Throw it away."""
        ...


class MachineError(Exception):
    """A machine did not come up; the message says why."""


class NoHosts:
    """Nothing stands behind the machines: whoever dials them gets to what the test has put in their place."""

    async def start(self, machine: NewMachine) -> str:
        """Return the host key that the machine is to show."""
        return machine.host_key

    async def run(self, name: str, script: str, host_key: str) -> Ran:
        """Print that host key; the script itself is run by the tests of first boots, not here."""
        del script
        return Ran(0, f"{host_key} {name}\n")

    async def erase(self, name: str) -> None:
        """Do nothing."""

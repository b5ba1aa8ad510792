"""The seam between where machines come from and everything that is done with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import pulumi
from pulumi_command import remote

from config.settings import LinuxNode, Os, WindowsNode


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine that answers SSH, wherever it came from."""

    name: str
    os: Os
    connection: remote.ConnectionArgs
    """How to reach it while it is expected to come and go, as a machine that restarts does."""
    first_connection: remote.ConnectionArgs
    """The same for the first contact: on-premises a machine that does not answer soon is an error."""
    as_root: bool
    """Whether the SSH user is root already, so that no sudo is needed."""
    ssh_port: int
    gone: bool = False
    """Whether it is gone for good, so that nothing may be asked of it."""
    ready: tuple[pulumi.Resource, ...] = ()
    """Resources that must exist before the machine can answer."""
    lives_with: pulumi.Resource | None = None
    """What takes everything that was done on the machine with it when it goes; None for one that outlives us."""
    identity: pulumi.Output[str] | None = None
    """What tells it from another machine that is made under its name; None for one that is found."""
    public_host: pulumi.Output[str] | None = None
    """Where it is reached from outside, if the address that nodes know is reached by nodes only."""

    @property
    def reached_at(self) -> dict[str, pulumi.Input[str] | None]:
        """Where it is dialled and the key it shows, for whoever dials it besides the program."""
        return {"host": self.connection.host, "hostKey": self.connection.host_key}


class MachineSource(Protocol):
    """Anything that can turn a node of the stack file into a machine that answers SSH."""

    def machine(self, node: LinuxNode | WindowsNode) -> Machine:
        """Return the machine for this node."""
        ...

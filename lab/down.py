"""Taking the lab down, so that nothing of it is left but files."""

from __future__ import annotations

from lab import ground, network, run
from lab.run import Host
from lab.shell import timed
from lab.up import check_ours, for_each, stop_mirror


def _stop(host: Host) -> None:
    host.stop()


def _erase(host: Host) -> None:
    host.erase()


def down(names: tuple[str, ...] = ()) -> None:
    """Shut down these hosts, or all and then the mirror and the network. Disks stay in the run folder.

    Raises RuntimeError, and does nothing, when the lab that runs belongs to another folder, or when hosts that are
    none of its own (a test's) use the network.
    """
    with network.locked("command"), timed("the lab is down" if not names else f"{', '.join(names)} shut down"):
        check_ours()
        if not names:
            network.check_empty(besides=[host.name for host in run.hosts().named()])
        for_each(run.hosts().named(names), _stop)
        if not names:
            stop_mirror()
            ground.down()


def erase(names: tuple[str, ...] = ()) -> None:
    """Throw away the disks of these hosts, or of all; those that run are switched off without ceremony.

    Raises RuntimeError when the lab that runs belongs to another folder.
    """
    with network.locked("command"), timed("disks erased"):
        check_ours()
        for_each(run.hosts().named(names), _erase)

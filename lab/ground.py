"""What hosts stand on: the machine's raised limits and the lab's network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lab import network
from lab.machine import raise_limits, restore_limits

_RECORD = network.STATE / "kernel-settings.json"


def up() -> None:
    """Raise the limits and make the network; nothing to do when that is so."""
    raise_limits(_RECORD)
    network.up()


def down() -> None:
    """Take the network away, and give the machine its own settings back.

    Raises RuntimeError while a host is still attached.
    """
    network.down()
    restore_limits(_RECORD)


@contextmanager
def present() -> Iterator[None]:
    """Have both for the length of the block: where a lab runs, its own are used and left."""
    found = network.is_up()
    up()
    try:
        yield
    finally:
        if not found:
            down()

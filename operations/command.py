"""What a command is. A new one is a module with a ``COMMAND``, named in ``operations/commands.py``."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from operations.fleet import Fleet
from operations.stack import Node, Stack

DONE = 0
"""Exit code: all was done, and nothing is to be told."""
PROBLEMS = 1
"""Exit code: something could not be done, or a node did not answer; what was found was shown."""
FOUND = 3
"""Exit code: all was done, and what the command looks for was found (drift). Exit code 2 is argparse's: wrong usage."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a command is asked to do."""

    stack: Stack
    nodes: tuple[Node, ...]
    """The nodes that were named, or all."""
    everything: bool
    """Whether no node was named, so that the cluster itself is meant too."""
    fleet: Fleet
    options: argparse.Namespace
    """The command's own options."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command of ``python -m operations``."""

    name: str
    summary: str
    """One line for the list of commands."""
    run: Callable[[Request], Awaitable[int]]
    """Does it, and returns the exit code; may raise OperationError."""
    declare: Callable[[argparse.ArgumentParser], None] = lambda _: None
    """Declares the command's own options."""
    dials: bool = True
    """Whether it reaches machines, and so has to know how; of those in a cloud that is known after `pulumi up` only."""

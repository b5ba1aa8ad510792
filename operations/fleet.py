"""Many machines at once: so many at a time, each within its time, none holding up the others."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from config.ssh import SshEndpoint
from operations.connection import UnreachableError
from operations.remote import RemoteHost, Say, ScriptError, reached
from operations.stack import Node

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Found]):
    """What came of the work on one node."""

    node: Node
    found: Found | None = None
    """What the work returned; None where it failed."""
    problem: str = ""
    """Why it failed; empty where it did not."""


def say_for(name: str) -> Say:
    """Return what prints progress of one node, or of the cluster, to standard error."""
    return lambda line: print(f"{name}: {line}", file=sys.stderr, flush=True)


@dataclass(frozen=True, slots=True)
class Fleet:
    """The machines of a stack."""

    endpoints: Mapping[str, SshEndpoint]
    at_once: int = 8
    time_limit: float = 900
    """Seconds for all the work on one node."""

    async def each(self, nodes: Iterable[Node], work: Callable[[RemoteHost], Awaitable[Found]]) -> list[Outcome[Found]]:
        """Do the work on every node, and return what came of it, in the nodes' order."""
        gate = asyncio.Semaphore(self.at_once)

        async def one(node: Node) -> Outcome[Found]:
            async with gate:
                return await self._one(node, work)

        return list(await asyncio.gather(*(one(node) for node in nodes)))

    async def _one(self, node: Node, work: Callable[[RemoteHost], Awaitable[Found]]) -> Outcome[Found]:
        say = say_for(node.name)
        try:
            async with asyncio.timeout(self.time_limit), reached(node, self.endpoints[node.name], say) as host:
                return Outcome(node, found=await work(host))
        except TimeoutError:
            problem = f"not done within {self.time_limit:.0f} s"
        except (UnreachableError, ScriptError) as error:
            problem = str(error)
        say(problem)
        return Outcome(node, problem=problem)

"""The half of a resource provider that has nothing to do with what it provides: gRPC, logging, cancellation.

A provider derives from Provider, overrides what its resources need, and is run by ``serve``. Everything runs on one
event loop, so that a call that waits never holds another up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lab.providers.diff import Difference
from lab.providers.values import Properties

LogLine = Callable[[str, str, str, bool], Awaitable[None]]
"""Takes severity (``DEBUG``, ``INFO``, ``WARNING``, ``ERROR``), message, URN, and whether the line is only a status."""


class ProviderError(Exception):
    """The text the engine shows for a resource that failed."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An input that Check refuses."""

    property: str
    reason: str


class InitFailedError(ProviderError):
    """The resource exists, but did not become ready: the engine keeps it in the state and tries again next time."""

    def __init__(self, id: str, properties: Properties, reasons: Sequence[str], inputs: Properties) -> None:
        super().__init__("; ".join(reasons))
        self.id, self.properties, self.reasons, self.inputs = id, properties, list(reasons), inputs


async def _no_log(severity: str, message: str, urn: str, status: bool) -> None:
    del severity, message, urn, status


@dataclass(frozen=True, slots=True)
class Context:
    """What a call may ask of its surroundings: to log, and to end early when it is told to."""

    urn: str = ""
    log_line: LogLine = _no_log
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)
    deadline: float | None = None
    """Time of the event loop's clock after which the call should give up; None for never."""

    async def log(self, message: str, severity: str = "INFO", status: bool = False) -> None:
        """Send one message to the engine; with ``status`` it shows beside the resource and is then forgotten."""
        await self.log_line(severity, message, self.urn, status)

    async def sleep(self, seconds: float) -> None:
        """Wait. Raises ProviderError with the text of Go's context when cancelled or out of time."""
        left = seconds
        if self.deadline is not None:
            left = min(seconds, max(0.0, self.deadline - asyncio.get_running_loop().time()))
        try:
            await asyncio.wait_for(self.cancelled.wait(), left)
        except TimeoutError:
            if left < seconds:
                raise ProviderError("context deadline exceeded") from None
            return
        raise ProviderError("context canceled")


@dataclass(frozen=True, slots=True)
class Call:
    """One operation on one resource."""

    urn: str
    id: str = ""
    inputs: Properties = field(default_factory=dict)
    """The inputs that the program gives now; of Delete and Read, those of the last update."""
    state: Properties = field(default_factory=dict)
    """The outputs of the last update."""
    old_inputs: Properties = field(default_factory=dict)
    ignore_changes: tuple[str, ...] = ()
    """Paths whose changes do not count; the engine has put the old values into ``inputs`` already."""
    preview: bool = False
    timeout: float = 0
    """Seconds of ``customTimeouts``; 0 where none is given."""
    random_seed: bytes = b""
    context: Context = field(default_factory=Context)

    @property
    def name(self) -> str:
        """The name that the program gives the resource."""
        return self.urn.rsplit("::", 1)[-1]

    @property
    def type(self) -> str:
        """The type of the resource without those of its parents."""
        return self.urn.split("::")[2].rsplit("$", 1)[-1] if self.urn.count("::") >= 3 else ""


class Provider:
    """Base of the stand-ins. Properties come with their secrets and unknowns; raising ProviderError fails the call."""

    name: str
    version: str

    async def check_config(self, call: Call) -> tuple[Properties, list[Failure]]:
        """Return the provider's own configuration as it is to be used."""
        return call.inputs, []

    async def diff_config(self, call: Call) -> Difference:
        """Compare the provider's configuration, ``call.old_inputs`` with ``call.inputs``."""
        return Difference()

    async def configure(self, config: Properties) -> None:
        """Take the configuration. Never called while any of it is unknown."""

    async def check(self, call: Call) -> tuple[Properties, list[Failure]]:
        """Return the inputs with defaults, and what is wrong with them."""
        raise NotImplementedError

    async def diff(self, call: Call) -> Difference:
        """Compare ``call.old_inputs`` and ``call.state`` with ``call.inputs``."""
        raise NotImplementedError

    async def create(self, call: Call) -> tuple[str, Properties]:
        """Return the new resource's ID and outputs; in a preview the ID may be empty."""
        raise NotImplementedError

    async def read(self, call: Call) -> tuple[str, Properties, Properties]:
        """Return ID, outputs and inputs; an empty ID says that the resource is gone."""
        return call.id, call.state, call.inputs

    async def update(self, call: Call) -> Properties:
        """Return the outputs after the update."""
        raise NotImplementedError

    async def delete(self, call: Call) -> None:
        """Delete the resource that the last update left."""

    async def invoke(self, token: str, arguments: Properties) -> Properties:
        """Answer a function call."""
        raise ProviderError(f"unknown function {token}")

    async def cancelled(self) -> None:
        """Do what is left to do once the engine asked for an end; running calls see it by their context."""


def serve(provider: Provider, arguments: Sequence[str]) -> None:
    """Serve until the engine ends the process: print the port, and log to the engine at the last argument."""
    from lab.providers.grpc_server import serve_forever  # noqa: PLC0415 - a test of a provider needs no gRPC

    addresses = [argument for argument in arguments if ":" in argument and not argument.startswith("-")]
    asyncio.run(serve_forever(provider, addresses[-1] if addresses else ""))


def merged(*parts: Mapping[str, Any]) -> Properties:
    """Return one mapping out of several, the later ones winning, without what is None."""
    return {key: value for part in parts for key, value in part.items() if value is not None}

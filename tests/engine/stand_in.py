"""A stand-in provider behind real gRPC in this process, called as the engine would call it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2 as proto
from pulumi.runtime.proto import provider_pb2_grpc

from lab.providers.grpc_server import start
from lab.providers.server import Provider
from lab.providers.values import Properties, from_struct, to_struct


class CallError(Exception):
    """A call that failed, with the text that the engine would show; ``partial`` if the resource exists anyhow."""

    def __init__(self, error: grpc.RpcError) -> None:
        super().__init__(error.details())
        self.partial = any(item.key == "grpc-status-details-bin" for item in error.trailing_metadata() or ())


class StandIn:
    """Calls the provider; resources are of type ``token`` and have one name."""

    def __init__(self, stub: Any, token: str) -> None:
        self._stub, self.token = stub, token

    @property
    def urn(self) -> str:
        return f"urn:pulumi:dev::test::{self.token}::thing"

    def _call(self, method: str, request: Any, wait: float = 30) -> Any:
        try:
            return getattr(self._stub, method)(request, timeout=wait)
        except grpc.RpcError as error:
            raise CallError(error) from None

    def check(self, inputs: Mapping[str, Any], old: Mapping[str, Any] | None = None) -> tuple[Properties, list[str]]:
        request = proto.CheckRequest(urn=self.urn, news=to_struct(inputs), olds=to_struct(old or {}), randomSeed=b"7")
        answer = self._call("Check", request)
        return from_struct(answer.inputs), [failure.reason for failure in answer.failures]

    def diff(self, old: Mapping[str, Any], new: Mapping[str, Any], state: Mapping[str, Any] | None = None) -> Any:
        return self._call(
            "Diff",
            proto.DiffRequest(
                id="1", urn=self.urn, old_inputs=to_struct(old), olds=to_struct(state or old), news=to_struct(new)
            ),
        )

    def diff_config(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> Any:
        request = proto.DiffRequest(urn=self.urn, old_inputs=to_struct(old), olds=to_struct(old), news=to_struct(new))
        return self._call("DiffConfig", request)

    def configure(self, config: Mapping[str, Any]) -> None:
        self._call("Configure", proto.ConfigureRequest(args=to_struct(config), acceptSecrets=True))

    def create(
        self, inputs: Mapping[str, Any], preview: bool = False, timeout: float = 0, wait: float = 30
    ) -> tuple[str, Properties]:
        request = proto.CreateRequest(urn=self.urn, properties=to_struct(inputs), preview=preview, timeout=timeout)
        answer = self._call("Create", request, wait)
        return answer.id, from_struct(answer.properties)

    def update(
        self, state: Mapping[str, Any], inputs: Mapping[str, Any], id: str = "1", preview: bool = False
    ) -> Properties:
        request = proto.UpdateRequest(
            id=id,
            urn=self.urn,
            olds=to_struct(state),
            old_inputs=to_struct(state),
            news=to_struct(inputs),
            preview=preview,
        )
        return from_struct(self._call("Update", request).properties)

    def read(self, id: str, state: Mapping[str, Any] | None = None) -> tuple[str, Properties]:
        request = proto.ReadRequest(id=id, urn=self.urn, properties=to_struct(state or {}), inputs=to_struct({}))
        answer = self._call("Read", request)
        return answer.id, from_struct(answer.properties)

    def delete(self, state: Mapping[str, Any], id: str = "1", inputs: Mapping[str, Any] | None = None) -> None:
        request = proto.DeleteRequest(
            id=id, urn=self.urn, properties=to_struct(state), old_inputs=to_struct(inputs or state)
        )
        self._call("Delete", request)

    def cancel(self) -> None:
        self._call("Cancel", Empty())

    def version(self) -> str:
        return str(self._call("GetPluginInfo", Empty()).version)

    def of(self, token: str) -> StandIn:
        """Return the same provider, called for resources of another type."""
        return StandIn(self._stub, token)


@contextmanager
def stand_in(provider: Provider, token: str) -> Iterator[StandIn]:
    """Serve the provider on a free port until the block ends."""
    ready = Future[tuple[int, Any, Any]]()

    async def run() -> None:
        server, port = await start(provider, "")
        stop = asyncio.Event()
        ready.set_result((port, asyncio.get_running_loop(), stop))
        await stop.wait()
        await server.stop(None)

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    port, loop, stop = ready.result(10)
    # Go's client takes more than 16 KiB of error text, this one has to be told.
    options = [("grpc.max_metadata_size", 1 << 24), ("grpc.absolute_max_metadata_size", 1 << 24)]
    with grpc.insecure_channel(f"127.0.0.1:{port}", options) as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        yield StandIn(stub, token)
    loop.call_soon_threadsafe(stop.set)
    thread.join(5)

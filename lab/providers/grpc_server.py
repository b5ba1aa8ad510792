"""A Provider as the gRPC service that the engine calls."""

# ruff: noqa: N802, D102 - the methods bear the protocol's names, and do what it says of them
from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias, TypeVar

import grpc
import grpc.aio
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.empty_pb2 import Empty
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, plugin_pb2, provider_pb2_grpc, status_pb2
from pulumi.runtime.proto import provider_pb2 as proto

from lab.providers.diff import Difference
from lab.providers.server import Call, Context, Failure, InitFailedError, Provider, ProviderError
from lab.providers.values import Properties, from_struct, to_struct

# Seconds, as Pulumi's SDK for Go has it (rpcutil.Healthcheck).
_LOOKS_FOR_ENGINE = 300.0
# The engine's own limit.
_MESSAGE_BYTES = 400 * 1024 * 1024
_OPTIONS = [
    ("grpc.max_receive_message_length", _MESSAGE_BYTES),
    ("grpc.max_send_message_length", _MESSAGE_BYTES),
    # An error text travels in the trailers, and holds all that a failed command printed.
    ("grpc.max_metadata_size", 16 * 1024 * 1024),
    ("grpc.so_reuseport", 0),
]
_Result = TypeVar("_Result")
_Rpc: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
_Check: TypeAlias = Callable[[Call], Awaitable[tuple[Properties, list[Failure]]]]
_Timed: TypeAlias = (
    proto.CheckRequest
    | proto.DiffRequest
    | proto.CreateRequest
    | proto.ReadRequest
    | proto.UpdateRequest
    | proto.DeleteRequest
)


def _difference(difference: Difference) -> proto.DiffResponse:
    detailed = {
        path: proto.PropertyDiff(
            kind=proto.PropertyDiff.Kind.Value(change.value + ("_REPLACE" if path in difference.replaces else "")),
            inputDiff=difference.input_diff,
        )
        for path, change in difference.changes.items()
    }
    return proto.DiffResponse(
        changes=proto.DiffResponse.DIFF_SOME if difference.changes else proto.DiffResponse.DIFF_NONE,
        replaces=sorted(difference.replaces),
        diffs=sorted(difference.changes),
        detailedDiff=detailed,
        hasDetailedDiff=True,
        deleteBeforeReplace=difference.delete_before_replace,
    )


def _partial_failure(error: InitFailedError) -> bytes:
    detail = AnyMessage()
    detail.Pack(
        proto.ErrorResourceInitFailed(
            id=error.id,
            properties=to_struct(error.properties),
            reasons=error.reasons,
            inputs=to_struct(error.inputs),
        )
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(error), details=[detail])
    return status.SerializeToString()


class Service(provider_pb2_grpc.ResourceProviderServicer):
    """Turns messages into Calls and back."""

    def __init__(self, provider: Provider, engine: str) -> None:
        self._provider = provider
        self._cancelled = asyncio.Event()
        self._engine: Any = None
        if engine:
            self._channel = grpc.aio.insecure_channel(engine, options=_OPTIONS)
            self._engine = engine_pb2_grpc.EngineStub(self._channel)

    async def _log(self, severity: str, message: str, urn: str, status: bool) -> None:
        if self._engine is None:
            return
        level = engine_pb2.LogSeverity.Value(severity)
        request = engine_pb2.LogRequest(severity=level, message=message, urn=urn, ephemeral=status)
        try:
            await self._engine.Log(request)
        except grpc.aio.AioRpcError:
            self._engine = None  # the engine is gone, and this process with it soon

    def _context(self, request: _Timed) -> Context:
        timeout = getattr(request, "timeout", 0)
        deadline = asyncio.get_running_loop().time() + timeout if timeout else None
        return Context(request.urn, self._log, self._cancelled, deadline)

    async def _answer(self, work: Awaitable[_Result], rpc: _Rpc) -> _Result:
        try:
            return await work
        except InitFailedError as error:
            await rpc.abort(
                grpc.StatusCode.UNKNOWN,
                str(error),
                (("grpc-status-details-bin", _partial_failure(error)),),
            )
        except ProviderError as error:
            await rpc.abort(grpc.StatusCode.UNKNOWN, str(error))
        raise AssertionError("abort raises")

    async def Handshake(self, request: proto.ProviderHandshakeRequest, rpc: _Rpc) -> proto.ProviderHandshakeResponse:
        return proto.ProviderHandshakeResponse(accept_secrets=True)

    async def GetPluginInfo(self, request: Empty, rpc: _Rpc) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=self._provider.version)

    async def GetSchema(self, request: proto.GetSchemaRequest, rpc: _Rpc) -> proto.GetSchemaResponse:
        return proto.GetSchemaResponse(schema="{}")

    async def Attach(self, request: plugin_pb2.PluginAttach, rpc: _Rpc) -> Empty:
        self._channel = grpc.aio.insecure_channel(request.address, options=_OPTIONS)
        self._engine = engine_pb2_grpc.EngineStub(self._channel)
        return Empty()

    async def Configure(self, request: proto.ConfigureRequest, rpc: _Rpc) -> proto.ConfigureResponse:
        await self._answer(self._provider.configure(from_struct(request.args)), rpc)
        return proto.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    async def Cancel(self, request: Empty, rpc: _Rpc) -> Empty:
        self._cancelled.set()
        await self._provider.cancelled()
        return Empty()

    async def _checked(self, check: _Check, request: proto.CheckRequest, rpc: _Rpc) -> proto.CheckResponse:
        call = Call(
            urn=request.urn,
            inputs=from_struct(request.news),
            old_inputs=from_struct(request.olds),
            random_seed=request.randomSeed,
            context=self._context(request),
        )
        inputs, failures = await self._answer(check(call), rpc)
        refused = [proto.CheckFailure(property=failure.property, reason=failure.reason) for failure in failures]
        return proto.CheckResponse(inputs=to_struct(inputs), failures=refused)

    async def CheckConfig(self, request: proto.CheckRequest, rpc: _Rpc) -> proto.CheckResponse:
        return await self._checked(self._provider.check_config, request, rpc)

    async def Check(self, request: proto.CheckRequest, rpc: _Rpc) -> proto.CheckResponse:
        return await self._checked(self._provider.check, request, rpc)

    def _change(self, request: proto.DiffRequest | proto.UpdateRequest) -> Call:
        return Call(
            urn=request.urn,
            id=request.id,
            inputs=from_struct(request.news),
            state=from_struct(request.olds),
            old_inputs=from_struct(request.old_inputs),
            ignore_changes=tuple(request.ignoreChanges),
            preview=getattr(request, "preview", False),
            timeout=getattr(request, "timeout", 0),
            context=self._context(request),
        )

    async def DiffConfig(self, request: proto.DiffRequest, rpc: _Rpc) -> proto.DiffResponse:
        return _difference(await self._answer(self._provider.diff_config(self._change(request)), rpc))

    async def Diff(self, request: proto.DiffRequest, rpc: _Rpc) -> proto.DiffResponse:
        return _difference(await self._answer(self._provider.diff(self._change(request)), rpc))

    async def Update(self, request: proto.UpdateRequest, rpc: _Rpc) -> proto.UpdateResponse:
        outputs = await self._answer(self._provider.update(self._change(request)), rpc)
        return proto.UpdateResponse(properties=to_struct(outputs))

    async def Create(self, request: proto.CreateRequest, rpc: _Rpc) -> proto.CreateResponse:
        call = Call(
            urn=request.urn,
            inputs=from_struct(request.properties),
            preview=request.preview,
            timeout=request.timeout,
            context=self._context(request),
        )
        created, outputs = await self._answer(self._provider.create(call), rpc)
        return proto.CreateResponse(id=created, properties=to_struct(outputs))

    def _existing(self, request: proto.ReadRequest | proto.DeleteRequest, inputs: Struct) -> Call:
        return Call(
            urn=request.urn,
            id=request.id,
            inputs=from_struct(inputs),
            state=from_struct(request.properties),
            timeout=getattr(request, "timeout", 0),
            context=self._context(request),
        )

    async def Read(self, request: proto.ReadRequest, rpc: _Rpc) -> proto.ReadResponse:
        call = self._existing(request, request.inputs)
        found, outputs, inputs = await self._answer(self._provider.read(call), rpc)
        return proto.ReadResponse(id=found, properties=to_struct(outputs), inputs=to_struct(inputs))

    async def Delete(self, request: proto.DeleteRequest, rpc: _Rpc) -> Empty:
        await self._answer(self._provider.delete(self._existing(request, request.old_inputs)), rpc)
        return Empty()

    async def Invoke(self, request: proto.InvokeRequest, rpc: _Rpc) -> proto.InvokeResponse:
        answer = await self._answer(self._provider.invoke(request.tok, from_struct(request.args)), rpc)
        response = proto.InvokeResponse()
        getattr(response, "return").CopyFrom(to_struct(answer))
        return response


async def start(provider: Provider, engine: str) -> tuple[grpc.aio.Server, int]:
    """Start the service on a free port of 127.0.0.1, and return it with that port."""
    server = grpc.aio.server(options=_OPTIONS)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Service(provider, engine), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    return server, port


async def _engine_is_gone(address: str) -> None:
    """Return once nobody listens at the engine's address any more."""
    host, _, port = address.rpartition(":")
    while True:
        await asyncio.sleep(_LOOKS_FOR_ENGINE)
        try:
            _, writer = await asyncio.open_connection(host, int(port))
        except OSError:
            return
        writer.close()


async def serve_forever(provider: Provider, engine: str) -> None:
    """Serve, after the one line on stdout that the engine waits for, until the process is told to end.

    One whose engine was killed ends by itself.
    """
    server, port = await start(provider, engine)
    # The engine ends its plugins with SIGINT, and waits for those that mean to do something before they go.
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, os._exit, 0)
    print(port, flush=True)
    if not engine:
        await server.wait_for_termination()
    await _engine_is_gone(engine)
    await server.stop(None)
    os._exit(0)

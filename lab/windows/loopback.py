r"""The loopback port of a host by which its programs reach what Wine lacks: the HNS model, pods, tasks, restarting.

A question is ``FUNCTION GUID\n`` and a text, up to the end of the stream; an answer is ``HRESULT GUID\n`` and a text.
``c/hns.c`` and ``go/containerd`` speak it too.
"""

from __future__ import annotations

import asyncio
import socket
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

PORT = 3734
NO_GUID = "00000000-0000-0000-0000-000000000000"
NOT_IMPLEMENTED = 0x80004001
UNEXPECTED = 0x8000FFFF


@dataclass(frozen=True, slots=True)
class Answer:
    """What a function says: an HRESULT (0 is good), the GUID of the object, and a text, mostly JSON."""

    result: int = 0
    guid: str = NO_GUID
    text: str = ""


Handler = Callable[[str, str, str], Answer]
"""Does a function, given its name, GUID and text."""


def ask(function: str, text: str = "", guid: str = NO_GUID, *, seconds: float = 120) -> Answer:
    """Ask the host, from a process in its network namespace.

    Raises OSError when the host does not answer.
    """
    with socket.create_connection(("127.0.0.1", PORT), timeout=seconds) as connection:
        connection.sendall(f"{function} {guid}\n{text}".encode())
        connection.shutdown(socket.SHUT_WR)
        received = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
    head, _, rest = received.partition("\n")
    code, _, found = head.partition(" ")
    if not code:
        raise ConnectionResetError(f"the host did not answer {function}")
    return Answer(int(code, 16), found, rest)


async def serve(handler: Handler) -> asyncio.Server:
    """Answer questions on the loopback port; each is done in a thread of its own."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head, _, text = (await reader.read()).decode("utf-8", "replace").partition("\n")
        function, _, guid = head.partition(" ")
        try:
            found = await asyncio.to_thread(handler, function, guid.strip() or NO_GUID, text)
        except Exception:
            traceback.print_exc()
            found = Answer(UNEXPECTED, NO_GUID, "")
        writer.write(f"{found.result:08x} {found.guid}\n{found.text}".encode())
        with suppress(ConnectionError):
            await writer.drain()
        writer.close()

    # Unread input is complete only at the end of the stream; there is no limit to set for read().
    return await asyncio.start_server(answer, "127.0.0.1", PORT)

"""The process of a stand-in provider, from the line that the engine waits for to its end."""

from __future__ import annotations

import socket
import subprocess
import sys

PROGRAM = """
import asyncio, sys
from lab.providers import grpc_server
from lab.providers.command import CommandProvider
grpc_server._LOOKS_FOR_ENGINE = 0.2
asyncio.run(grpc_server.serve_forever(CommandProvider(), sys.argv[1]))
"""


def test_a_provider_ends_by_itself_once_its_engine_is_gone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as engine:
        address = f"127.0.0.1:{engine.getsockname()[1]}"
        process = subprocess.Popen([sys.executable, "-c", PROGRAM, address], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert int(process.stdout.readline()) > 0
        for _ in range(3):
            engine.accept()[0].close()
        assert process.poll() is None, "it is asked for again and again, and there each time"
    assert process.wait(20) == 0
    process.stdout.close()

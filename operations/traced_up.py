"""An ordinary ``pulumi up`` in the terminal, while its events are read beside it."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from operations.engine import PulumiStack
from operations.moments import Moment, moments

_END = b"\n"
"""An empty line, which the engine never writes."""


def traced_up(pulumi: PulumiStack, yes: bool) -> tuple[list[Moment], int]:
    """Run ``pulumi up`` as whoever types it sees it; return what happened and when, and its exit code.

    The engine writes its events into a pipe instead of a file: so they are read when they happen, and kept nowhere.
    ``yes`` is to begin at once, without a preview and a question. Raises OperationError if there is no pulumi.
    """
    seen: list[Moment] = []
    with tempfile.TemporaryDirectory() as folder:
        pipe = Path(folder) / "events"
        os.mkfifo(pipe, 0o600)
        # Open at both ends, so that it does not end between the events of the preview and those of the run.
        with os.fdopen(os.open(pipe, os.O_RDWR), "r+b", buffering=0) as events:
            reader = threading.Thread(target=lambda: seen.extend(moments(_lines(events), time.monotonic)))
            reader.start()
            try:
                code = pulumi.up(pipe, yes)
            finally:
                events.write(_END)
                reader.join()
    return seen, code


def _lines(events: BinaryIO) -> Iterator[str]:
    for line in iter(events.readline, _END):
        yield line.decode()

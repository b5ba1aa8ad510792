"""What a bad mirror or a proxy in between does to downloads; asked for by a file, and done by the mirror's server.

Faults are for one client and for paths that hold a text, until they are taken away.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler
from typing import Literal

from lab import network

Kind = Literal["altered", "shortened", "cut", "stalled", "missing"]
"""Another byte somewhere; a whole answer that lacks its end; a connection closed in the middle; nothing more after the
first half; 404."""
_FAULTS = network.STATE / "mirror-faults.json"
_LOG = network.STATE / "mirror-faults.log"
_STALLED_SECONDS = 600


@dataclass(frozen=True, slots=True)
class MirrorFault:
    """One fault."""

    client: str
    part: str
    kind: Kind


def put(*faults: MirrorFault) -> None:
    """Have these faults from now on, instead of those before; none: serve every file as it is."""
    network.STATE.mkdir(parents=True, exist_ok=True)
    new = _FAULTS.with_suffix(".new")
    new.write_text(json.dumps([asdict(fault) for fault in faults]))
    new.rename(_FAULTS)


def present() -> list[MirrorFault]:
    """Return the faults there are."""
    try:
        return [MirrorFault(**fault) for fault in json.loads(_FAULTS.read_text())]
    except FileNotFoundError:
        return []


def answered(fault: MirrorFault) -> int:
    """Return how many requests have got this fault since forget()."""
    lines = _LOG.read_text().splitlines() if _LOG.exists() else []
    return sum(json.loads(line) == asdict(fault) for line in lines)


def forget() -> None:
    """Take all faults away, and the record of those that were answered."""
    for path in (_FAULTS, _LOG):
        path.unlink(missing_ok=True)


def next_for(client: str, path: str) -> MirrorFault | None:
    """Return the fault that a request gets."""
    return next((fault for fault in present() if fault.client == client and fault.part in path), None)


def answer(handler: BaseHTTPRequestHandler, content: bytes, fault: MirrorFault) -> None:
    """Answer a request for this content with a fault."""
    with _LOG.open("a") as log:
        log.write(json.dumps(asdict(fault)) + "\n")
    half = len(content) // 2
    if fault.kind == "missing":
        handler.send_error(404)
        return
    if fault.kind == "altered":
        content = content[:half] + bytes([content[half] ^ 1]) + content[half + 1 :]
    elif fault.kind == "shortened":
        content = content[:half]
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    if fault.kind in ("cut", "stalled"):
        handler.wfile.write(content[:half])
        handler.wfile.flush()
        handler.close_connection = True
        if fault.kind == "stalled":
            time.sleep(_STALLED_SECONDS)
    else:
        handler.wfile.write(content)

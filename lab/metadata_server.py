"""Google's metadata server, as far as machines publish attributes there for whoever may read them from the cloud."""

from __future__ import annotations

import http.server
import threading
from typing import cast

ADDRESS = "169.254.169.254"
"""Where every machine finds it."""
_ATTRIBUTES = "/computeMetadata/v1/instance/guest-attributes/"


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_PUT(self) -> None:
        """Keep an attribute of the machine that asks; it is known by its address."""
        length = int(self.headers.get("Content-Length", 0))
        value = self.rfile.read(length).decode()
        if self.headers.get("Metadata-Flavor") != "Google":
            self.send_error(403)
        elif not self.path.startswith(_ATTRIBUTES):
            self.send_error(404)
        else:
            kept = cast("_Server", self.server).published.setdefault(self.client_address[0], {})
            kept[self.path.removeprefix(_ATTRIBUTES)] = value
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    published: dict[str, dict[str, str]]


class MetadataServer:
    """Answers the lab's hosts for as long as this process runs."""

    def __init__(self, own_address: str) -> None:
        """Begin to answer, at a port that is free: others may answer for other hosts beside this process."""
        self._server = _Server((own_address, 0), _Handler)
        self._server.published = {}
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    def attribute(self, address: str, name: str) -> str:
        """Return what the machine with this address has published under a name; nothing where it has not."""
        return self._server.published.get(address, {}).get(name, "")

    def forget(self, address: str) -> None:
        """Forget what a machine has published that had this address before."""
        self._server.published.pop(address, None)

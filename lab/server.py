"""The HTTP server of the mirror: ``python -m lab.server FILES ADDRESS PORT LOCK RUN_FOLDER``, until SIGTERM.

It runs exactly as long as the lab does, and holds the lock that keeps a second lab off this machine.
"""

from __future__ import annotations

import http.server
import os
import signal
import sys
import threading
from functools import partial
from pathlib import Path
from types import FrameType

from lab import mirror_faults
from lab.holder import announce, hold


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Files only: a folder is no page, and HTTP/1.1 keeps connections."""

    protocol_version = "HTTP/1.1"
    # Windows programs are no text, whatever the machine's mime types say.
    extensions_map = {"": "application/octet-stream"}  # noqa: RUF012 - as the base class has it

    def do_GET(self) -> None:
        """Answer as the present fault has it, where one is meant for this request."""
        fault = mirror_faults.next_for(self.client_address[0], self.path)
        if fault is None:
            super().do_GET()
        else:
            mirror_faults.answer(self, Path(self.translate_path(self.path)).read_bytes(), fault)

    def list_directory(self, path: str | os.PathLike[str]) -> None:
        """Answer 404 for a folder."""
        del path
        self.send_error(404)


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


def main(files: Path, address: str, port: int, lock_path: Path, run_folder: str) -> int:
    """Serve the files; return 1 at once when another lab holds the lock."""
    lock = hold(lock_path)
    if lock is None:
        print("another lab runs on this machine", file=sys.stderr)
        return 1
    server = _Server((address, port), partial(_Handler, directory=str(files)))

    def stop(_signal: int, _frame: FrameType | None) -> None:
        # From another thread: shutdown() waits for serve_forever(), which this signal has interrupted.
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    # Only now: who can read the process id knows that the server listens.
    announce(lock, run_folder, str(files))
    server.serve_forever(poll_interval=0.1)
    lock_path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]), sys.argv[5]))

"""What Windows' service manager does and Wine's does not: order at boot, and bringing failed services back.

It ends programs of services that hang in Wine while they start or exit: such a service would be neither started nor
stopped, for ever. It also gives the kubelet its client certificate under the name ``kubelet-client-current.pem``, and
starts it again: on Windows the kubelet makes a symbolic link to it, which Wine cannot, and does not find it.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from lab.windows.folder import HOME, HostFolder
from lab.windows.processes import HalfEnded, numbers_of
from lab.windows.services import Service, ServiceError, Services, in_order, parse_service
from lab.windows.wine import LOADER, wine_environment

CRASHED = 1067
"""Exit code of a service whose process ended without saying that it stops."""
_WITHIN = {"StopPending": 15.0, "StartPending": 45.0}
"""Seconds for a service that was told to stop, or to start: less than whoever told it waits."""
_CERTIFICATES = "C:/var/lib/kubelet/pki"


@dataclass
class _Failures:
    count: int = 0
    last: float = field(default_factory=time.monotonic)


class Supervision:
    """Watches the services of a host for as long as it is up."""

    def __init__(self, folder: HostFolder, seen: Callable[[Service], None] = lambda _: None) -> None:
        """Every service is shown to ``seen`` each second."""
        self._folder = folder
        self._seen = seen
        self._services = Services(folder)
        self._failures: dict[str, _Failures] = {}
        self._pending: dict[str, asyncio.Task[None]] = {}
        self._changing: dict[tuple[str, str], float] = {}

    async def run(self) -> None:
        """Start what starts by itself, then watch until cancelled."""
        await asyncio.to_thread(self._start_automatic)
        watcher = await asyncio.create_subprocess_exec(
            *LOADER, "labscm.exe", "watch",
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            env=wine_environment(self._folder), cwd=self._folder.path(HOME),
        )  # fmt: skip
        assert watcher.stdout is not None
        half_ended, ending = HalfEnded(), list[str]()
        while line := await watcher.stdout.readline():
            text = line.decode("utf-8", "replace").strip()
            if text.startswith("name="):
                service = parse_service(text)
                self._seen(service)
                self._look(service)
                self._end_late(service)
                if service.state in ("Stopped", "StopPending"):
                    ending.append(service.binary)
            elif not text:
                half_ended.end(ending)
                ending.clear()

    def _start_automatic(self) -> None:
        for service in in_order(self._services.all()):
            if service.start == "Automatic" and service.state == "Stopped":
                self._try_start(service.name)

    def _look(self, service: Service) -> None:
        if service.name in self._pending:
            return
        if service.name.lower() == "kubelet" and self._name_certificate():
            self._pending[service.name] = asyncio.create_task(self._restart(service.name, 0.0))
        elif service.state == "Stopped" and service.exit_code == CRASHED:
            actions = self._folder.read("failure-actions", {}).get(service.name.lower())
            delay = -1.0 if actions is None else self._delay(service.name, actions)
            if delay >= 0:
                self._pending[service.name] = asyncio.create_task(self._restart(service.name, delay))

    def _end_late(self, service: Service) -> None:
        """End what should have changed long ago: a kubelet that starts, or is stopped meanwhile, may hang in Wine."""
        for state, seconds in _WITHIN.items():
            if service.state != state:
                self._changing.pop((service.name, state), None)
            elif time.monotonic() - self._changing.setdefault((service.name, state), time.monotonic()) >= seconds:
                for number in numbers_of(service.binary):
                    with suppress(ProcessLookupError):
                        os.kill(number, signal.SIGKILL)

    def _delay(self, name: str, actions: dict[str, list[float]]) -> float:
        """Return the seconds until a failed service is started again, or -1 for never."""
        failures = self._failures.setdefault(name, _Failures())
        now = time.monotonic()
        if now - failures.last > actions["reset"][0]:
            failures.count = 0
        failures.count, failures.last = failures.count + 1, now
        delays = actions["restart"]
        return delays[min(failures.count, len(delays)) - 1] if delays else -1

    async def _restart(self, name: str, delay: float) -> None:
        await asyncio.sleep(delay)
        await asyncio.to_thread(self._try_restart, name)
        # The watcher's next lines may still be of the time before.
        await asyncio.sleep(1.5)
        self._pending.pop(name, None)

    def _try_restart(self, name: str) -> None:
        with suppress(ServiceError):
            self._services.stop(name)
        self._try_start(name)

    def _try_start(self, name: str) -> None:
        try:
            self._services.start(name)
        except ServiceError as error:
            print(f"service {name}: {error}", file=sys.stderr, flush=True)

    def _name_certificate(self) -> bool:
        """Give the newest client certificate its standing name; return whether it was not there yet."""
        folder = self._folder.path(_CERTIFICATES)
        with suppress(OSError):
            current = folder / "kubelet-client-current.pem"
            named = [path for path in folder.glob("kubelet-client-2*.pem") if path.stat().st_size]
            newest = max(named, key=lambda path: path.name, default=None)
            if newest is not None and (not current.exists() or current.read_bytes() != newest.read_bytes()):
                shutil.copyfile(newest, current)
                return True
        return False

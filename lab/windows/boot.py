"""A boot of a Windows host: what runs in its namespaces from power-on to shutdown.

``python -m lab.windows.boot FOLDER NAME ADDRESS RELEASE``, started by ``lab/windows/init.py`` as the only child of
process 1. Ends with 0 when the host is switched off, and with RESTARTED when it is to boot again.
"""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from lab.shell import run
from lab.windows import features, firewall
from lab.windows.folder import HostFolder
from lab.windows.hns import HnsModel
from lab.windows.hns_v1 import hns_call
from lab.windows.loopback import NOT_IMPLEMENTED, Answer, serve
from lab.windows.pods import Pods
from lab.windows.power import RESTARTED
from lab.windows.registry import DWORD, Registry
from lab.windows.services import Services
from lab.windows.ssh_server import SshServer
from lab.windows.supervision import Supervision
from lab.windows.tasks import Tasks
from lab.windows.template import BOOT_KEY, RELEASES
from lab.windows.wine import SERVER, stop_wine, wine_environment
from lab.windows.wire import ADAPTER, KernelWire

_SHUTDOWN_UNDER_WAY = 1190
_SERVICE_NOT_ACTIVE = 0x80070426
_OUTAGE = 2.0


class Host:
    """Everything of a host that lives in this process."""

    def __init__(self, folder: HostFolder, address: str, release: str) -> None:
        self.folder = folder
        self.build = RELEASES[release][0]
        powershell = [sys.executable, "-m", "lab.windows.worker", str(folder.root), release, "--"]
        self.ssh = SshServer(folder, address, powershell)
        self.tasks = Tasks(folder, powershell)
        self.wire = KernelWire(self._blink)
        self.hns = HnsModel(folder.read("hns", {}), self.wire)
        self.pods = Pods(folder, self.wire, release)
        self.exit_code: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._loop = asyncio.get_running_loop()
        self._shutdown: asyncio.TimerHandle | None = None
        self._lock = threading.Lock()

    async def run(self) -> int:
        """Boot, serve until the host goes down, and shut down in order."""
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self._end, 0)
        loopback = await serve(self.answer)
        await asyncio.to_thread(self._boot)
        await self.ssh.open()
        watch = asyncio.create_task(Supervision(self.folder).run())
        self.tasks.start_at_boot()
        code = await self.exit_code
        await self.ssh.close()
        watch.cancel()
        loopback.close()
        self.tasks.end_all()
        await asyncio.to_thread(stop_wine, self.folder)
        return code

    def _boot(self) -> None:
        number = self.folder.read("boot", {"number": 0})["number"] + 1
        subprocess.run([SERVER, "-p"], env=wine_environment(self.folder), check=True)
        self.folder.write("boot", {"number": number, "time": datetime.now(UTC).isoformat()})
        Registry(self.folder).set(BOOT_KEY.replace("HKEY_LOCAL_MACHINE", "HKLM"), "BootId", DWORD, number)
        features.apply_pending(self.folder)
        self._serve_hns(features.installed(self.folder, "Containers"))
        firewall.enforce(self.folder)
        self.hns.forget_at_boot()
        self.folder.write("hns", self.hns.state)

    def _serve_hns(self, wanted: bool) -> None:
        """Have the service ``hns`` exactly when the feature Containers is there; the model is in this process."""
        services = Services(self.folder)
        present = services.find("hns") is not None
        if wanted and not present:
            services.create("hns", "Host Network Service", r"C:\windows\system32\labservice.exe hns", "auto", ())
        elif present and not wanted:
            services.delete("hns")

    def answer(self, function: str, guid: str, text: str) -> Answer:
        """Do a function asked for on the loopback port; runs in a thread."""
        if function.startswith(("Hcn", "HNSCall")):
            if not features.installed(self.folder, "Containers"):
                return Answer(_SERVICE_NOT_ACTIVE)
            with self._lock:
                found = self._hns(function, guid, text)
                self.folder.write("hns", self.hns.state)
            return found
        if function == "Shutdown":
            return asyncio.run_coroutine_threadsafe(self._plan(text), self._loop).result()
        for part in (self.tasks, self.pods):
            found_here = part.answer(function, text)
            if found_here is not None:
                return found_here
        return Answer(NOT_IMPLEMENTED, text=function)

    def _hns(self, function: str, guid: str, text: str) -> Answer:
        with (self.folder.root / "hns.log").open("a") as log:
            log.write(f"{datetime.now(UTC).isoformat()} {function} {guid} {text}\n")
        if function == "HNSCall":
            return Answer(text=hns_call(self.hns, self.build, text))
        return self.hns.call(function, guid, text)

    async def _plan(self, text: str) -> Answer:
        seconds, kind = text.split()
        if self._shutdown is not None:
            return Answer(_SHUTDOWN_UNDER_WAY)
        self._shutdown = self._loop.call_later(float(seconds), self._end, RESTARTED if kind == "restart" else 0)
        return Answer()

    def _end(self, code: int) -> None:
        if not self.exit_code.done():
            self.exit_code.set_result(code)

    def _blink(self) -> None:
        """Take the adapter away for a moment and drop SSH, from a thread of the HNS model."""
        asyncio.run_coroutine_threadsafe(self.ssh.blink(), self._loop)
        threading.Thread(target=_blink_adapter, daemon=True).start()


def _blink_adapter() -> None:
    routes = [line for line in run(["ip", "route", "show", "default"]).splitlines() if line]
    run(["ip", "link", "set", ADAPTER, "down"])
    time.sleep(_OUTAGE)
    run(["ip", "link", "set", ADAPTER, "up"])
    for route in routes:
        with suppress(RuntimeError):
            run(["ip", "route", "replace", *route.replace("linkdown", "").split()])


async def main(arguments: list[str]) -> int:
    """Run the host named by the arguments."""
    folder, _, address, release = arguments
    return await Host(HostFolder(Path(folder)), address, release).run()


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))

"""A boot of a Windows host: what runs in its namespaces from power-on to shutdown.

``python -m lab.windows.boot FOLDER NAME ADDRESS RELEASE``, started by ``lab/windows/init.py`` as the only child of
process 1. Ends with 0 when the host is switched off, and with RESTARTED when it is to boot again.
"""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from lab.shell import run
from lab.windows import features, firewall, hns_log, openssh
from lab.windows.compute_systems import ComputeSystems
from lab.windows.events import SYSTEM, record_boot, record_event
from lab.windows.folder import HostFolder
from lab.windows.hns import HnsModel
from lab.windows.hns_v1 import hns_call
from lab.windows.loopback import NOT_IMPLEMENTED, Answer, serve
from lab.windows.pods import Pods
from lab.windows.power import RESTARTED
from lab.windows.registry import write_boot_id
from lab.windows.services import Service, Services
from lab.windows.ssh_server import SshServer
from lab.windows.supervision import Supervision
from lab.windows.tasks import Tasks
from lab.windows.template import RELEASES
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
        self.systems = ComputeSystems(self.hns)
        self.pods = Pods(folder, self.wire, release)
        self.exit_code: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._loop = asyncio.get_running_loop()
        self._shutdown: asyncio.TimerHandle | None = None
        self._lock = threading.Lock()
        self._hns_process = 0
        self._background: set[asyncio.Task[None]] = set()

    async def run(self) -> int:
        """Boot, serve until the host goes down, and shut down in order."""
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self._end, 0)
        loopback = await serve(self.answer)
        await asyncio.to_thread(self._boot)
        if not openssh.is_of_image(self.folder):
            await self.ssh.open()
        watch = asyncio.create_task(Supervision(self.folder, self._seen).run())
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
        record_boot(self.folder)
        self.folder.write("boot", {"number": number, "time": datetime.now(UTC).isoformat()})
        # What must be so before any service runs: with its first program Wine starts those that start by themselves.
        write_boot_id(self.folder, number)
        features.apply_pending(self.folder)
        firewall.enforce(self.folder)
        self.hns.forget_at_boot()
        self.folder.write("hns", self.hns.state)
        subprocess.run([SERVER, "-p"], env=wine_environment(self.folder), check=True)
        self._serve_hns(features.installed(self.folder, "Containers"))
        self._serve_ssh()
        self.folder.write("booted", number)

    def _serve_hns(self, wanted: bool) -> None:
        """Have the service ``hns`` exactly when the feature Containers is there; the model is in this process."""
        services = Services(self.folder)
        present = services.find("hns") is not None
        if wanted and not present:
            services.create("hns", "Host Network Service", r"C:\windows\system32\labservice.exe hns", "auto", ())
        elif present and not wanted:
            services.delete("hns")

    def _serve_ssh(self) -> None:
        """Have the service ``sshd`` where an image brings it."""
        services = Services(self.folder)
        if openssh.is_installed(self.folder) and services.find(openssh.SERVICE) is None:
            services.create(openssh.SERVICE, "OpenSSH SSH Server", openssh.PROGRAM, "demand", ())

    def answer(self, function: str, guid: str, text: str) -> Answer:
        """Do a function asked for on the loopback port; runs in a thread."""
        if function.startswith(("Hcn", "HNSCall", "ComputeSystem")):
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
        asked = hns_log.note(function, guid, text, self.hns.state)
        answer = self._ask_hns(function, guid, text)
        refused = json.loads(answer.text).get("ErrorCode", 0) if function == "HNSCall" else answer.result
        hns_log.write(self.folder.root, replace(asked, result=refused))
        return answer

    def _seen(self, service: Service) -> None:
        """Follow the services that are modelled in this process."""
        self._hns_seen(service)
        if service.name.lower() == openssh.SERVICE:
            task = self._loop.create_task(self.ssh.follow(service.state == "Running"))
            self._background.add(task)
            task.add_done_callback(self._background.discard)

    def _hns_seen(self, service: Service) -> None:
        """Notice that the service has ended, by itself or not: Windows loses the load balancers with it."""
        if service.name.lower() != "hns":
            return
        before, self._hns_process = self._hns_process, service.process
        if before and before != service.process:
            threading.Thread(target=self._hns_ended, daemon=True).start()

    def _hns_ended(self) -> None:
        with self._lock:
            hns_log.write(self.folder.root, hns_log.note(hns_log.SERVICE_ENDED, "", "", self.hns.state))
            self.hns.forget_load_balancers()
            self.folder.write("hns", self.hns.state)

    def _ask_hns(self, function: str, guid: str, text: str) -> Answer:
        if function == "HNSCall":
            return Answer(text=hns_call(self.hns, self.build, text))
        if function.startswith("ComputeSystem"):
            return self.systems.call(function, text)
        return self.hns.call(function, guid, text)

    async def _plan(self, text: str) -> Answer:
        seconds, kind = text.split()
        if self._shutdown is not None:
            return Answer(_SHUTDOWN_UNDER_WAY)
        asked = f"powershell.exe has initiated the {kind} of this computer."
        record_event(self.folder, SYSTEM, "User32", number=1074, text=asked)
        self._shutdown = self._loop.call_later(float(seconds), self._end, RESTARTED if kind == "restart" else 0)
        return Answer()

    def _end(self, code: int) -> None:
        if not self.exit_code.done():
            record_event(self.folder, SYSTEM, "EventLog", number=6006, text="The Event log service was stopped.")
            self.exit_code.set_result(code)

    def _blink(self) -> None:
        """Take the adapter away for a moment and drop SSH, from a thread of the HNS model."""
        asyncio.run_coroutine_threadsafe(self.ssh.blink(), self._loop)
        threading.Thread(target=_blink_adapter, args=[self.folder], daemon=True).start()


def _blink_adapter(folder: HostFolder) -> None:
    """Take the adapter down and up: the default route comes back, others do not.

    With ``switch-loses-address`` in the host's state the adapter loses its static address too, with gateway and DNS, as
    some Windows hosts do.
    """
    routes = [line for line in run(["ip", "route", "show", "default"]).splitlines() if line]
    run(["ip", "link", "set", ADAPTER, "down"])
    time.sleep(_OUTAGE)
    if folder.read("switch-loses-address", default=False):
        run(["ip", "-4", "address", "flush", "dev", ADAPTER])
        folder.write("dns", {})
        routes = []
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

"""The containers of a Windows host: each a Windows program under a Wine of its own, in its pod's network namespace.

The stand-in for containerd (``go/containerd``) decides what runs; it asks for it on the loopback port. A container has
its own drive C: and registry; what Kubernetes mounts is a link to the folder of the host.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import subprocess
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from lab.windows.folder import HostFolder
from lab.windows.loopback import Answer
from lab.windows.template import make_prefix
from lab.windows.wine import LOADER, stop_wine, wine_environment
from lab.windows.wire import KernelWire

_NO_SUCH_CONTAINER = 0x80070490
# Its own resolv.conf for the programs of a pod, which Wine reads for them.
_ENTER = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'


@dataclass
class _Container:
    folder: HostFolder
    prefix: list[str]
    environment: dict[str, str]
    process: subprocess.Popen[bytes]
    started: int
    finished: int = 0
    log: Path | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


class Pods:
    """Starts and ends the containers of one host."""

    def __init__(self, folder: HostFolder, wire: KernelWire, release: str) -> None:
        self._folder = folder
        self._wire = wire
        self._release = release
        self._containers: dict[str, _Container] = {}
        # Nothing of a container lives through a restart.
        shutil.rmtree(folder.root / "containers", ignore_errors=True)

    def answer(self, function: str, text: str) -> Answer | None:
        """Do a function whose name begins with ``Container``; its argument and answer are JSON. None for another."""
        if not function.startswith("Container"):
            return None
        request = json.loads(text)
        if function == "ContainerStart":
            self._start(request)
            return Answer()
        container = self._containers.get(request["id"])
        if container is None:
            return Answer(_NO_SUCH_CONTAINER, text=f"no container {request['id']}")
        if function == "ContainerState":
            return Answer(text=json.dumps(_state(container)))
        if function == "ContainerExec":
            return Answer(text=json.dumps(_execute(container, request["command"], request.get("seconds") or None)))
        if function in ("ContainerStop", "ContainerRemove"):
            _stop(container)
            if function == "ContainerRemove":
                del self._containers[request["id"]]
                shutil.rmtree(container.folder.root, ignore_errors=True)
        return Answer()

    def _start(self, request: dict[str, Any]) -> None:
        folder = HostFolder(self._folder.root / "containers" / request["id"])
        (folder.root / "home").mkdir(parents=True)
        make_prefix(self._release, folder.prefix)
        _furnish(folder, self._folder, request)
        dns = request.get("dns") or {}
        resolver = folder.root / "resolv.conf"
        lines = [f"nameserver {server}" for server in dns.get("servers") or []]
        lines += ["search " + " ".join(dns["searches"])] if dns.get("searches") else []
        lines += ["options " + " ".join(dns["options"])] if dns.get("options") else []
        resolver.write_text("".join(line + "\n" for line in lines) or Path("/etc/resolv.conf").read_text())
        namespace = request.get("namespace")
        enter = ["nsenter", f"--target={self._wire.sandbox(namespace)}", "--net"] if namespace else []
        prefix = [*enter, "unshare", "--mount", "sh", "-c", _ENTER, str(resolver), *LOADER]
        environment = wine_environment(folder, dict(item.split("=", 1) for item in request.get("env") or []))
        process = subprocess.Popen(
            [*prefix, *request["command"]], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=environment, cwd=folder.drive_c, start_new_session=True,
        )  # fmt: skip
        log = self._folder.path(request["log"]) if request.get("log") else None
        container = _Container(folder, prefix, environment, process, time.time_ns(), log=log)
        self._containers[request["id"]] = container
        for name, stream in (("stdout", process.stdout), ("stderr", process.stderr)):
            assert stream is not None
            threading.Thread(target=_copy_log, args=(container, name, stream), daemon=True).start()
        threading.Thread(target=_note_end, args=(container,), daemon=True).start()


def _furnish(folder: HostFolder, host: HostFolder, request: dict[str, Any]) -> None:
    """Put the image's files, and links to what is mounted, on the container's drive."""
    image = host.path(request["rootfs"])
    for path in sorted(image.rglob("*")) if image.is_dir() else ():
        target = folder.path("C:/" + str(path.relative_to(image)))
        if path.is_dir():
            target.mkdir(exist_ok=True)
        elif not target.exists():
            os.link(path, target)
    for mount in request.get("mounts") or []:
        target, source = folder.path(mount["container"]), host.path(mount["host"])
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir() and not target.is_symlink():
            shutil.rmtree(target)
        target.unlink(missing_ok=True)
        _link(target, source)


def _link(target: Path, source: Path) -> None:
    """Let a container see what the kubelet mounts.

    The kubelet writes a ConfigMap, a Secret or a token into a folder named for the time, and links to its files; the
    links are what Wine cannot make, so they are made here.
    """
    times = sorted(path for path in source.iterdir() if path.name.startswith("..2")) if source.is_dir() else []
    if not times:
        target.symlink_to(source)
        return
    target.mkdir()
    for file in times[-1].iterdir():
        (target / file.name).symlink_to(file)


def _copy_log(container: _Container, name: str, stream: IO[bytes]) -> None:
    """Append what a container prints to its log, line by line in the format of the CRI."""
    for line in stream:
        end = "F" if line.endswith(b"\n") else "P"
        moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f000Z")
        if container.log is not None:
            with container.lock, suppress(FileNotFoundError), container.log.open("ab") as log:
                log.write(f"{moment} {name} {end} ".encode() + line.rstrip(b"\r\n") + b"\n")


def _note_end(container: _Container) -> None:
    container.process.wait()
    container.finished = time.time_ns()


def _state(container: _Container) -> dict[str, Any]:
    code = container.process.poll()
    # A program ended by a signal has no exit code of Windows'; containerd gives such a one 137.
    shown = 0 if code is None else code if code >= 0 else 128 - code
    return {"running": code is None, "exit": shown, "started": container.started, "finished": container.finished}


def _execute(container: _Container, command: list[str], seconds: float | None) -> dict[str, Any]:
    try:
        done = subprocess.run(
            [*container.prefix, *command], stdin=subprocess.DEVNULL, capture_output=True, check=False,
            env=container.environment, cwd=container.folder.drive_c, timeout=seconds,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return {"exit": -1, "timeout": True}
    outputs = {"stdout": base64.b64encode(done.stdout).decode(), "stderr": base64.b64encode(done.stderr).decode()}
    return {"exit": done.returncode, **outputs}


def _stop(container: _Container) -> None:
    stop_wine(container.folder)
    with suppress(ProcessLookupError):
        os.killpg(container.process.pid, signal.SIGKILL)
    container.process.wait(timeout=10)

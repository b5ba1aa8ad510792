"""A site as a user has it: the project with a stack file of its own, and the lab's four hosts, fresh."""

from __future__ import annotations

import copy
import json
import os
import re
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from lab import cluster, run
from lab.engine import Engine, Result
from lab.linux_host import LinuxHost
from lab.snapshot import Snapshot, snapshot
from lab.windows.host import WindowsHost
from review.state_at_end import variables

STACK_FILE = Path("config/Pulumi.lab.yaml")
_PARTS = ("Pulumi.yaml", "__main__.py", "components", "config", "operations", "plan", "scripts")
TOKEN = re.compile(rb"\b[a-z0-9]{6}\.[a-z0-9]{16}\b")
PRIVATE_KEY = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----|client-key-data: ?[A-Za-z0-9+/]")


@dataclass
class Site:
    """The project, copied so that its stack file can be changed, and the engine that runs it."""

    project: Path
    engine: Engine
    base: dict[str, Any] = field(default_factory=dict)
    node_keys: dict[str, str] = field(default_factory=dict)
    """Private keys that nodes have had, as far as a test has seen them."""

    changes: dict[str, Any] = field(default_factory=dict)
    """Keys of the stack file as it stands that differ from the lab's own."""

    def configure(self, **keys: Any) -> None:
        """Write the lab's stack file with these keys over it."""
        self.changes = keys
        document = copy.deepcopy(self.base)
        document["config"] |= {f"casement:{key}": value for key, value in keys.items()}
        (self.project / STACK_FILE).write_text(yaml.safe_dump(document, sort_keys=False))

    @property
    def windows_nodes(self) -> list[dict[str, Any]]:
        """The Windows nodes of the lab's own stack file, to be changed."""
        nodes: list[dict[str, Any]] = copy.deepcopy(self.base["config"]["casement:windowsNodes"])
        return nodes

    def up(self) -> Result:
        """Run ``pulumi up`` to its end."""
        return self.engine.run("up", "--yes", "--skip-preview", timeout=1500)

    def up_killed_at(self, step: str, *, state_at_end: bool = False) -> str:
        """Run ``pulumi up``, kill it with everything it has started as soon as a step begins, and unlock the stack.

        Return what it printed. With ``state_at_end`` the state knows nothing of it. Raises AssertionError with what was
        printed when the run ends without that step.
        """
        process = self.engine.with_variables(variables(state_at_end)).start("up", "--yes", "--skip-preview")
        assert process.stdout is not None
        said: list[str] = []
        for line in process.stdout:
            said.append(line)
            if f" {step} " in line and re.search(r"(creating|updating) \(", line):
                break
        else:
            complaint = process.stderr.read() if process.stderr else ""
            raise AssertionError(f"the run has ended before {step} began:\n{(''.join(said) + complaint)[-6000:]}")
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.engine.run("cancel", "--yes")
        return "".join(said)

    def lose_state(self) -> None:
        """Have an empty stack of the same name in the place of this one."""
        self.engine.state_file.unlink()
        self.engine.prepare()

    def outputs(self) -> dict[str, Any]:
        """Return the stack's outputs, secrets included."""
        found: dict[str, Any] = json.loads(
            self.engine.run("stack", "output", "--json", "--show-secrets").checked().stdout
        )
        return found

    def secrets(self) -> dict[str, str]:
        """Return every secret there is, by a name that tells one from another."""
        found = dict(self.node_keys)
        found["kubeconfig"] = key_data(self.outputs()["kubeconfig"])
        found["ssh key"] = (run.RUN_FOLDER / "ssh/id_ed25519").read_text().splitlines()[1]
        return found

    def write_kubeconfig(self, name: str = "kubeconfig") -> Path:
        """Write the administrator's kubeconfig, the stack's output, to a file of the project, and return its path."""
        path = self.project / name
        path.touch(mode=0o600)
        path.write_text(self.outputs()["kubeconfig"])
        return path

    def kubectl(self, *arguments: str, text: str | None = None) -> str:
        """Run kubectl as the administrator whom the stack's output makes, and return what it prints."""
        return kubectl(self.write_kubeconfig(), *arguments, text=text)

    def apply(self, document: dict[str, Any]) -> None:
        """Make an object of the cluster what the document says."""
        self.kubectl("apply", "-f", "-", text=json.dumps(document))

    def nodes(self) -> dict[str, dict[str, Any]]:
        """Return the cluster's Node objects by name."""
        items = json.loads(self.kubectl("get", "nodes", "-o", "json"))["items"]
        return {item["metadata"]["name"]: item for item in items}


def key_data(kubeconfig: str) -> str:
    """Return enough of the private key that a kubeconfig holds to know it again."""
    found = re.search(r"client-key-data: (\S+)", kubeconfig)
    assert found is not None, "no private key in the kubeconfig"
    # The first half is the same for all keys of a kind.
    return found[1][60:140]


def kubectl(kubeconfig: Path, *arguments: str, text: str | None = None) -> str:
    """Run kubectl with a kubeconfig file, and return what it prints."""
    command = [str(cluster.kubectl()), "--kubeconfig", str(kubeconfig), *arguments]
    return subprocess.run(command, capture_output=True, text=True, input=text, check=True).stdout


def make_site(folder: Path) -> Site:
    """Copy the project's parts, and point it at the lab's keys and downloads."""
    folder.mkdir()
    for part in _PARTS:
        source = cluster.PROJECT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / part)
    (folder / ".lab").symlink_to(run.RUN_FOLDER)
    engine = Engine(folder, folder / "home", "lab", parallel=16).prepare()
    return Site(folder, engine, yaml.safe_load((folder / STACK_FILE).read_text()))


def linux_host(name: str) -> LinuxHost:
    """Return one of the lab's Linux hosts."""
    return run.hosts().linux[name]


def windows_host(name: str) -> WindowsHost:
    """Return one of the lab's Windows hosts."""
    host = run.hosts().windows[name]
    assert isinstance(host, WindowsHost)
    return host


_WINDOWS_VOLATILE = re.compile(r"^(users/|windows/|programdata/microsoft/|programdata/ssh)", re.IGNORECASE)
_SERVICE = re.compile(r"^\[System\\\\CurrentControlSet\\\\Services\\\\([^\\\]]+)", re.MULTILINE | re.IGNORECASE)


def windows_snapshot(host: WindowsHost) -> Snapshot:
    """Return what a Windows host consists of, as far as a node could change it; Wine's own system is left out."""
    drive = host.files.drive_c
    names = (path.relative_to(drive).as_posix() for path in drive.rglob("*"))
    files = {name: "there" for name in names if not _WINDOWS_VOLATILE.match(name + "/")}
    services = host.run(
        "powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -Command"
        " \"foreach ($n in @('containerd', 'docker', 'kubelet', 'kube-proxy')) {"
        ' if (Get-Service -Name $n -ErrorAction SilentlyContinue) { $n } }; exit 0"'
    )
    state = {
        kind: {
            json.dumps(item, sort_keys=True): ""
            for item in _items(host.files.read(kind, {}))
            if "OpenSSH" not in str(item)
        }
        for kind in ("firewall", "tasks", "defender", "trusted-roots", "dynamic-ports")
    }
    order = host.run(
        "powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -Command"
        " \"(Get-ItemProperty -Path 'HKLM:\\SYSTEM\\CurrentControlSet\\Control').PreshutdownOrder\""
    )
    path = host.run(
        "powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -Command"
        " \"[Environment]::GetEnvironmentVariable('Path', 'Machine')\""
    )
    return {
        "files": files,
        "services": dict.fromkeys(services.split(), "registered"),
        "path": {path.strip(): ""},
        "shutdown": {" ".join(order.split()): ""},
        **state,
    }


def _items(value: Any) -> Iterator[Any]:
    """Yield the things that a host's state holds, without the shells around them."""
    if isinstance(value, list):
        yield from value
    elif isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, list):
                yield from item
            elif item not in ({}, None, ""):
                yield [key, item]


def snapshots() -> dict[str, Snapshot]:
    """Return what every host of the lab consists of."""
    found = run.hosts()
    linux = {name: snapshot(host) for name, host in found.linux.items()}
    return linux | {name: windows_snapshot(windows_host(name)) for name in found.windows}


@contextmanager
def watched_processes() -> Iterator[list[bytes]]:
    """Collect every command line on this machine and its hosts that looks like a secret, as long as the block runs."""
    found: list[bytes] = []
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.02):
            for folder in Path("/proc").glob("[0-9]*"):
                try:
                    line = (folder / "cmdline").read_bytes()
                except OSError:
                    continue
                if TOKEN.search(line) or PRIVATE_KEY.search(line):
                    found.append(line)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield found
    finally:
        ended.set()
        thread.join()

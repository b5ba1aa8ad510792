"""Who is measured: for each the files that a user edits, and the one command that a user runs."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import yaml

from bench import inputs
from bench.results import OURS
from config.parse import parse
from config.stackfile import read_stack_file
from lab import cluster, run
from lab.engine import engine_programs
from tests.lab.site import STACK_FILE, Site, make_site

_HERE = Path(__file__).resolve().parent
_PROGRAMS = _HERE / ".venv/bin"
WORKERS = {"lin1": "10.77.0.12", "lin2": "10.77.0.13"}
"""Machines that can join, by name."""
DOWNLOADS_AT_ONCE = "max_concurrent_downloads"
"""The field of containerd's configuration that the phase of a changed setting changes."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the cluster shall be, as far as phases differ in it."""

    workers: tuple[str, ...]
    downloads_at_once: int | None = None

    def keys(self, base: Mapping[str, Any]) -> dict[str, Any]:
        """Return the keys of the stack file that say so, ``base`` being the lab's own configuration."""
        containerd = dict(base["casement:containerdConfiguration"])
        if self.downloads_at_once is not None:
            images = {"io.containerd.cri.v1.images": {DOWNLOADS_AT_ONCE: self.downloads_at_once}}
            containerd["plugins"] = {**containerd["plugins"], **images}
        archives = [each for each in base["casement:imageArchives"] if each["os"] == "linux"]
        return {
            "windowsNodes": [],
            "linuxWorkers": [{"name": name, "address": WORKERS[name]} for name in self.workers],
            "imageArchives": archives,
            "containerdConfiguration": containerd,
        }


@dataclass(frozen=True, slots=True)
class Command:
    """A command line, and where and with what it runs."""

    line: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def variables(self) -> dict[str, str]:
        """Return the whole environment: whoever runs the benchmark has no part in it by an SSH agent."""
        return {**os.environ, "LC_ALL": "C.UTF-8", "SSH_AUTH_SOCK": "", **self.environment}


class Contestant(Protocol):
    """A way of making a cluster."""

    def want(self, wanted: Wanted) -> None:
        """Edit the files that say what the cluster shall be."""

    def command(self) -> Command:
        """Return the command that makes it so; a new shell runs it, with nothing left of the one before."""


class Casement:
    """Our own program. ``options`` are further ones of ``pulumi up``."""

    def __init__(self, folder: Path, options: tuple[str, ...] = ()) -> None:
        self._site: Site = make_site(folder)
        self._options = options

    def want(self, wanted: Wanted) -> None:
        """Write the stack file."""
        self._site.configure(**wanted.keys(self._site.base["config"]))

    def command(self) -> Command:
        """Return ``pulumi up`` as a script runs it: with its preview, which nobody is asked about."""
        engine = self._site.engine
        line = (str(engine_programs() / "pulumi"), "up", "--yes", "--non-interactive", "--color=never")
        return Command((*line, *self._options, "--stack", engine.stack), self._site.project, engine.variables())


@dataclass(frozen=True, slots=True)
class Peer:
    """Another tool, which is told what to make by files in ``folder``."""

    folder: Path

    def want(self, wanted: Wanted) -> None:
        """Write the files, made from the lab's stack file by our own program's settings and plan."""
        stack_file = cluster.PROJECT / STACK_FILE
        base = yaml.safe_load(stack_file.read_text())["config"]
        values = read_stack_file(stack_file, "casement") | wanted.keys(base)
        known_hosts = run.SSH.known_hosts
        inputs.write(self.folder, inputs.site(parse(values, cluster.PROJECT), run.SSH.private_key, known_hosts))


class Ansible(Peer):
    """The playbook."""

    def command(self) -> Command:
        """Return ``ansible-playbook``; its sockets are this run's own, as on another day."""
        sockets = tempfile.mkdtemp(prefix="s", dir=self.folder)
        line = (str(_PROGRAMS / "ansible-playbook"), "-i", str(self.folder / "inventory.json"), "site.yml")
        return Command(line, _HERE / "ansible", {"ANSIBLE_SSH_CONTROL_PATH_DIR": sockets})


class Pyinfra(Peer):
    """The deploy."""

    def command(self) -> Command:
        """Return ``pyinfra``."""
        line = (str(_PROGRAMS / "pyinfra"), "-y", "inventory.py", "deploy.py")
        return Command(line, _HERE / "pyinfra", {"BENCH_SITE": str(self.folder / "site.json")})


class Shell(Peer):
    """The floor."""

    def command(self) -> Command:
        """Return the script."""
        return Command(("bash", str(_HERE / "shell/deploy.sh"), str(self.folder)), self.folder)


def contestant(name: str, folder: Path, options: tuple[str, ...] = ()) -> Contestant:
    """Return a contestant whose files are in a new folder.

    Raises KeyError for a name that is not in CONTESTANTS.
    """
    if name == OURS:
        return Casement(folder, options)
    peers: dict[str, Callable[[Path], Contestant]] = {"ansible": Ansible, "pyinfra": Pyinfra, "shell": Shell}
    return peers[name](folder)

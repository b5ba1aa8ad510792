"""A site whose configuration is right, to be made wrong one thing at a time."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import asyncssh

from config.downloads import needed
from config.parse import Configuration, parse
from config.problems import ConfigurationError, Problem
from config.reading import read

VALUES: Mapping[str, Any] = {
    "nodeCidrs": ["10.77.0.0/24"],
    "controlPlane": {"name": "cp1", "address": "10.77.0.11"},
    "linuxWorkers": [{"name": "lin1", "address": "10.77.0.12"}],
    "windowsNodes": [
        {"name": "win1", "managementIp": "10.77.0.21", "ssh": {"user": "Administrator"}},
        {"name": "win2", "managementIp": "10.77.0.22", "ssh": {"user": "Administrator"}},
    ],
    "ssh": {"privateKeyFile": "key", "knownHostsFile": "known_hosts"},
    "downloadsFile": "downloads.yaml",
}


@cache
def _key(algorithm: str) -> asyncssh.SSHKey:
    return asyncssh.generate_private_key(algorithm)


def private_key(algorithm: str = "ssh-ed25519") -> asyncssh.SSHKey:
    """Return a key of this type made for this run of the tests."""
    return _key(algorithm)


def host_key(algorithm: str = "ssh-ed25519") -> str:
    """Return a host key as ``TYPE BASE64``."""
    return " ".join(private_key(algorithm).export_public_key().decode().split()[:2])


@dataclass(frozen=True)
class Site:
    """The values of a stack file, and the files it names."""

    folder: Path

    def values(self, **changes: object) -> dict[str, Any]:
        """Return the right values with some others over them; ``None`` takes a key away."""
        changed = {**deepcopy(dict(VALUES)), **changes}
        return {key: value for key, value in changed.items() if value is not None}

    def parse(self, **changes: object) -> Configuration:
        return parse(self.values(**changes), self.folder)

    def listed(self, **changes: object) -> list[Problem]:
        """Return everything that is wrong with the changed values."""
        try:
            self.parse(**changes)
        except ConfigurationError as error:
            return list(error.problems)
        return []

    def problems(self, **changes: object) -> dict[str, Problem]:
        """Return what is wrong with the changed values, by key."""
        return {problem.key: problem for problem in self.listed(**changes)}

    def problem_about(self, value: str, **changes: object) -> Problem:
        """Return the problem with this value; a new version lacks its digests too."""
        (found,) = [problem for problem in self.listed(**changes) if problem.value == value]
        return found

    def only_problem(self, **changes: object) -> Problem:
        """Return what is wrong, which must be one thing."""
        found = self.problems(**changes)
        assert len(found) == 1, "\n".join(map(str, found.values()))
        return next(iter(found.values()))

    def windows(self, **changes: object) -> list[dict[str, Any]]:
        """Return the Windows nodes with the first one changed."""
        first, second = self.values()["windowsNodes"]
        return [{**first, **changes}, second]


def make_site(folder: Path) -> Site:
    """Write the files that VALUES name into a folder and return the site."""
    (folder / "key").write_bytes(private_key().export_private_key())
    hosts = "".join(f"10.77.0.{host} {host_key()}\n" for host in (11, 12, 21, 22))
    (folder / "known_hosts").write_text(hosts)
    urls = [source.url for source in needed(read(VALUES).settings)]
    (folder / "downloads.yaml").write_text("".join(f"{url}: sha256:{'0' * 64}\n" for url in urls))
    return Site(folder)

"""A whole site of machines that exist, brought up by the real engine and then changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.downloads import ARTIFACTS
from config.settings import Versions
from lab.engine import Engine
from tests.engine.cloud_site import CloudSite, cloud_site
from tests.engine.kube_cluster import Cluster
from tests.graph.conftest import BASE

NEWER = "1.36.5"
"""A version of Kubernetes whose downloads are pinned, besides the one that the site has."""


@dataclass(frozen=True)
class BuiltSite:
    """A stack that is, or will be, brought up with these keys."""

    site: CloudSite
    keys: Mapping[str, Any]

    @property
    def folder(self) -> Path:
        """The project's folder."""
        return self.site.folder / "project"

    def changed(self, **changes: Any) -> Engine:
        """Return the engine, with these keys in the stack file over those that the site was brought up with."""
        return self.site.engine({**self.keys, **changes})


@contextmanager
def built_site(folder: Path, kube: Cluster, **keys: Any) -> Iterator[BuiltSite]:
    """Bring the base configuration up, with these keys over it; its machines answer until the block ends."""
    with bare_site(folder, kube, **keys) as site:
        site.changed().up().checked()
        yield site


@contextmanager
def bare_site(folder: Path, kube: Cluster, **keys: Any) -> Iterator[BuiltSite]:
    """Like ``built_site``, but nothing is brought up yet."""
    with cloud_site(folder, kube) as site:
        at = {"host": "127.0.0.1", "port": site.server.port, "hostKey": site.server.host_key}
        nodes = {
            "controlPlane": {**BASE["controlPlane"], "ssh": at},
            "linuxWorkers": [{**node, "ssh": at} for node in BASE["linuxWorkers"]],
            "windowsNodes": [{**node, "ssh": {**node["ssh"], **at}} for node in BASE["windowsNodes"]],
        }
        yield BuiltSite(site, {**BASE, **nodes, "downloadsFile": str(pins(folder)), **keys})


def pins(folder: Path) -> Path:
    """Write a digest for every download of the versions that a site may have, and return the file."""
    file = folder / "pins.yaml"
    versions = Versions()
    urls = {
        each.template.format(version=version)
        for each in ARTIFACTS.values()
        for version in (getattr(versions, each.version_key), NEWER)
    }
    file.write_text("".join(f"{url}: sha256:{'0' * 64}\n" for url in sorted(urls)))
    return file

"""Mirrors of image registries: containerd's ``hosts.toml`` files, and as much of them as Docker can be told.

The format is containerd's ``docs/hosts.md``, the names of the folders its ``core/remotes/docker/config``.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import tomli_w
from config.settings import Os, Registry, Settings

from plan.documents import Document

_SERVERS = {"docker.io": "https://registry-1.docker.io"}
"""Registries that answer elsewhere than their images' names say."""


def hosts_files(settings: Settings, os: Os) -> dict[str, str]:
    """Return the text of each registry's ``hosts.toml``, by the folder that containerd looks for it in."""
    # A Windows folder has no colon in its name: containerd leaves it out.
    return {
        registry.host.replace(":", "") if os == "windows" else registry.host: _hosts_file(registry)
        for registry in settings.registries
    }


def _hosts_file(registry: Registry) -> str:
    return tomli_w.dumps(
        {
            "server": _SERVERS.get(registry.host, f"https://{registry.host}"),
            "host": {mirror: _mirror(mirror, registry) for mirror in registry.mirrors},
        }
    )


def _mirror(url: str, registry: Registry) -> Document:
    made: Document = {"capabilities": ["pull", "resolve"]}
    if "/v2/" in f"{urlsplit(url).path}/":
        # A project of a registry stands behind /v2/, where containerd would put another /v2.
        made["override_path"] = True
    if registry.insecure and url.startswith("https:"):
        made["skip_verify"] = True
    return made


def docker_mirrors(settings: Settings) -> Document:
    """Return the keys of ``daemon.json`` for mirrors: Docker has them for docker.io only."""
    own = [registry for registry in settings.registries if registry.host == "docker.io"]
    mirrors = [mirror for registry in own for mirror in registry.mirrors]
    insecure = [urlsplit(mirror).netloc for registry in own if registry.insecure for mirror in registry.mirrors]
    return {key: value for key, value in (("registry-mirrors", mirrors), ("insecure-registries", insecure)) if value}

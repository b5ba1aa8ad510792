"""Stand-in for a cloud's provider, for previews only: everything may be made, and nothing is.

``python -m tests.engine.cloud_preview NAME VERSION [ENGINE-ADDRESS]``.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from lab.providers.diff import Difference
from lab.providers.server import Call, Failure, Provider, ProviderError, serve
from lab.providers.values import Properties

_ROOT = Path(__file__).resolve().parents[2]


class CloudInPreview(Provider):
    """Takes any input; outputs that only a cloud can tell stay unknown."""

    def __init__(self, name: str, version: str) -> None:
        self.name, self.version = name, version

    async def check(self, call: Call) -> tuple[Properties, list[Failure]]:
        return call.inputs, []

    async def diff(self, call: Call) -> Difference:
        raise ProviderError(f"{call.urn} cannot be there yet")

    async def create(self, call: Call) -> tuple[str, Properties]:
        if not call.preview:
            raise ProviderError("nothing is made here")
        return "", call.inputs


def install_cloud(pulumi_home: Path, name: str, version: str) -> None:
    """Put the stand-in where the engine looks for the plugin of this name."""
    program = pulumi_home / "plugins" / f"resource-{name}-v{version}" / f"pulumi-resource-{name}"
    program.parent.mkdir(parents=True, exist_ok=True)
    run = f"exec {shlex.quote(sys.executable)} -m tests.engine.cloud_preview {name} {version}"
    program.write_text(f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(_ROOT))} {run} "$@"\n')
    program.chmod(0o755)


if __name__ == "__main__":
    serve(CloudInPreview(*sys.argv[1:3]), sys.argv[3:])

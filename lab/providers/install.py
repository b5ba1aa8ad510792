"""Puts the stand-ins where the engine looks for plugins."""

from __future__ import annotations

import shlex
from pathlib import Path

VERSIONS = {"azure-native": "3.29.0", "command": "1.2.1", "gcp": "10.2.0", "kubernetes": "4.34.2"}
"""Plugin to version: that of the SDK that the project pins, which is the one the engine asks for."""


def install(pulumi_home: Path, python: Path) -> None:
    """Write ``plugins/resource-NAME-vVERSION/pulumi-resource-NAME`` under ``pulumi_home`` for each stand-in.

    ``python`` is the interpreter of an environment that holds the project's development requirements.
    """
    root = Path(__file__).resolve().parents[2]
    for name, version in VERSIONS.items():
        folder = pulumi_home / "plugins" / f"resource-{name}-v{version}"
        folder.mkdir(parents=True, exist_ok=True)
        program = folder / f"pulumi-resource-{name}"
        program.write_text(
            "#!/bin/sh\n"
            f"PYTHONPATH={shlex.quote(str(root))} exec {shlex.quote(str(python))} -m lab.providers {name} "
            '"$@"\n'
        )
        program.chmod(0o755)

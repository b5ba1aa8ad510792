"""The policy pack in an environment of its own, as something that the engine can start."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from pathlib import Path

PACK = Path(__file__).resolve().parents[2] / "policy"
_SECONDS = 300
"""To make its environment, once."""


def pack_program(folder: Path) -> Path:
    """Write a program into a folder that the engine takes for the pack, and return it.

    The lab's language host is the last one that the Go module proxy has, and knows nothing of policies: a pack given as
    a folder it would start as a program. What is run here is what a newer one runs for a folder.
    """
    subprocess.run([PACK.parent / "lab/environment.sh", PACK.name], check=True, timeout=_SECONDS)
    # The engine reads what stands beside the program too.
    shutil.copy(PACK / "PulumiPolicy.yaml", folder)
    program = folder / "pulumi-analyzer-casement"
    run = shlex.join([str(PACK / ".venv/bin/python"), "-u", "-m", "pulumi.policy"])
    program.write_text(f'#!/bin/sh\nexec {run} "$1" {shlex.quote(str(PACK))}\n')
    program.chmod(0o755)
    return program

"""What only Pulumi knows of a stack: its encrypted configuration and its outputs, asked of Pulumi's command line."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from operations.problem import OperationError
from operations.redaction import Redactor

_SECONDS = 120


class PulumiStack:
    """A stack, by way of the ``pulumi`` on PATH, with the backend and the passphrase of whoever runs this."""

    def __init__(self, name: str, folder: Path) -> None:
        self._name = name
        self._folder = folder

    def configuration(self) -> dict[str, str]:
        """Return all configuration values by their full names, decrypted. Raises OperationError."""
        values: dict[str, dict[str, Any]] = json.loads(self._asked("config", "--json", "--show-secrets"))
        return {name: str(entry["value"]) for name, entry in values.items() if "value" in entry}

    def outputs(self) -> dict[str, Any]:
        """Return the stack's outputs, decrypted; of a stack that was never brought up, none. Raises OperationError."""
        outputs: dict[str, Any] = json.loads(self._asked("stack", "output", "--json", "--show-secrets"))
        return outputs

    def _asked(self, *arguments: str) -> str:
        return _ask(self._folder, *arguments, "--stack", self._name)


def stacks_there_are(folder: Path) -> tuple[str, ...]:
    """Return the names of this project's stacks that the backend knows. Raises OperationError."""
    stacks = json.loads(_ask(folder, "stack", "ls", "--json"))
    return tuple(sorted(str(each["name"]) for each in stacks))


def _ask(folder: Path, *arguments: str) -> str:
    """Return what a command prints that changes nothing."""
    what = f"pulumi {' '.join(arguments[:2])}"
    if shutil.which("pulumi") is None:
        raise OperationError(
            f"`{what}` is needed, and there is no `pulumi` on PATH", remedy="install Pulumi, or extend PATH"
        )
    command = ["pulumi", *arguments, "--non-interactive", "--color=never"]
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=os.environ | {"PULUMI_SKIP_UPDATE_CHECK": "true"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise OperationError(
            f"`{what}` did not end within {_SECONDS} s", remedy="try it by hand: is the backend reached?"
        ) from None
    if done.returncode:
        # Its stdout may hold values; its stderr holds only its complaint.
        said = Redactor().clean(" ".join(done.stderr.split()).encode()).decode()
        complaint = said or f"it ended with exit code {done.returncode}"
        raise OperationError(
            f"`{what}` failed: {complaint}",
            remedy="log in to the backend and give the passphrase (PULUMI_CONFIG_PASSPHRASE), as for `pulumi up`",
        )
    return done.stdout

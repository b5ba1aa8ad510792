"""What only Pulumi knows of a stack: its encrypted configuration and its outputs, asked of Pulumi's command line."""

from __future__ import annotations

import json
import os
import shutil
import signal
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

    def up(self, event_log: Path, yes: bool) -> int:
        """Run ``pulumi up`` in the terminal, its events into this file or pipe; return its exit code.

        ``yes`` is to begin at once, without a preview and a question. Raises OperationError if there is no pulumi.
        """
        _must_be_there("pulumi up")
        command = ["pulumi", "up", "--stack", self._name, "--event-log", str(event_log)]
        more = ["--yes", "--skip-preview"] if yes else []
        # Without it the engine does not know the option.
        environment = os.environ | {"PULUMI_DEBUG_COMMANDS": "true"}
        # Ctrl-C is for pulumi, which ends what it has begun before it ends itself.
        before = signal.signal(signal.SIGINT, lambda *_: None)
        try:
            return subprocess.run([*command, *more], cwd=self._folder, env=environment, check=False).returncode
        finally:
            signal.signal(signal.SIGINT, before)

    def dependencies(self) -> dict[str, tuple[str, ...]]:
        """Return, by URN, which resources each one of the stack waits for. Raises OperationError."""
        state = json.loads(self._asked("stack", "export"))
        found = {}
        for resource in state["deployment"].get("resources") or ():
            # A provider is referred to by its URN and its ID.
            provider = str(resource.get("provider", "")).rpartition("::")[0]
            named = (*(resource.get("dependencies") or ()), resource.get("parent"), provider)
            found[str(resource["urn"])] = tuple(str(each) for each in named if each)
        return found

    def _asked(self, *arguments: str) -> str:
        return _ask(self._folder, *arguments, "--stack", self._name)


def stacks_there_are(folder: Path) -> tuple[str, ...]:
    """Return the names of this project's stacks that the backend knows. Raises OperationError."""
    stacks = json.loads(_ask(folder, "stack", "ls", "--json"))
    return tuple(sorted(str(each["name"]) for each in stacks))


def _ask(folder: Path, *arguments: str) -> str:
    """Return what a command prints that changes nothing."""
    what = f"pulumi {' '.join(arguments[:2])}"
    _must_be_there(what)
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


def _must_be_there(what: str) -> None:
    if shutil.which("pulumi") is None:
        raise OperationError(
            f"`{what}` is needed, and there is no `pulumi` on PATH", remedy="install Pulumi, or extend PATH"
        )

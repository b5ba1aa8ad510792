"""Runs ``pulumi preview`` and reads what its engine says."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from operations.problem import OperationError
from operations.redaction import Redactor
from review.events import Events, read_events

_LONGEST = 4000


def preview(stack: str, folder: Path, policy_packs: Sequence[str] = (), seconds: int = 1800) -> Events:
    """Return the events of a preview of one stack; one that cannot even start has its reason among them.

    The stream is read as it comes and never written anywhere, because its debug messages hold secrets.
    ``seconds`` is the time after which the preview is ended, and has failed.
    """
    command = ["pulumi", "preview", "--json", "--non-interactive", "--color=never", "--stack", stack]
    command += [word for pack in policy_packs for word in ("--policy-pack", pack)]
    environment = os.environ | {"PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "true", "PULUMI_SKIP_UPDATE_CHECK": "true"}
    process = _started(command, folder, environment)
    complaints: list[str] = []
    assert process.stdout is not None  # noqa: S101 - what Popen promises for a pipe
    assert process.stderr is not None  # noqa: S101
    reading = threading.Thread(target=complaints.extend, args=(process.stderr,), daemon=True)
    reading.start()
    late = threading.Timer(seconds, process.kill)
    late.start()
    try:
        events = read_events(process.stdout)
        code = process.wait()
    finally:
        late.cancel()
        process.kill()
    reading.join()
    return _judged(events, code, "".join(complaints), f"the preview was ended after {seconds} s")


def _started(command: Sequence[str], folder: Path, environment: dict[str, str]) -> subprocess.Popen[str]:
    try:
        return subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    except FileNotFoundError:
        raise OperationError("there is no `pulumi` on PATH", remedy="install Pulumi, or extend PATH") from None


def _judged(events: Events, code: int, complaints: str, late: str) -> Events:
    """Return the events, failed where the exit code says so, and then with a reason, whatever the events told."""
    if code == 0:
        return events
    told = any(severity == "error" for severity, _ in events.diagnostics) or any(
        policy.level == "mandatory" for policy in events.policies
    )
    why = late if code < 0 else Redactor().clean(complaints.strip().encode()).decode()[-_LONGEST:]
    diagnostics = events.diagnostics if told else (*events.diagnostics, ("error", why or f"pulumi ended with {code}"))
    return replace(events, succeeded=False, diagnostics=diagnostics)

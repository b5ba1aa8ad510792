"""Runs ``pulumi preview`` and ``pulumi up``, and reads what their engine says."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from operations.moments import Moment, cleaned, moments
from operations.problem import OperationError
from operations.redaction import Redactor
from review.events import Events, read_events
from review.state_at_end import variables

_LONGEST = 4000


def preview(
    stack: str, folder: Path, policy_packs: Sequence[str] = (), seconds: int = 1800, *, refresh: bool = False
) -> Events:
    """Return the events of a preview of one stack; one that cannot even start has its reason among them.

    The stream is read as it comes and never written anywhere, because its debug messages hold secrets.
    ``seconds`` is the time after which the preview is ended, and has failed. ``refresh`` is to ask first what is there.
    """
    command = _command("preview", stack, policy_packs, refresh)
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


def _command(what: str, stack: str, policy_packs: Sequence[str], refresh: bool) -> list[str]:
    command = ["pulumi", what, "--json", "--non-interactive", "--color=never", "--stack", stack]
    command += [word for pack in policy_packs for word in ("--policy-pack", pack)]
    return [*command, *(["--refresh"] if refresh else [])]


def up(
    stack: str,
    folder: Path,
    policy_packs: Sequence[str] = (),
    *,
    refresh: bool = False,
    at_once: int = 1,
    state_at_end: bool = False,
    take: Callable[[Moment], None],
    complain: Callable[[str], None],
) -> int:
    """Run ``pulumi up`` without a preview and a question, and return its exit code.

    So many resources at least are worked on ``at_once``, unless PULUMI_PARALLEL says otherwise: steps wait for
    machines, and four for each core of this one, which is Pulumi's own choice, leaves most machines waiting.
    ``state_at_end`` is to write the state once (``review.state_at_end`` tells when that may be).
    ``take`` is given what happens when it happens, ``complain`` each line that is none of the engine's events. Ctrl-C
    and what else is to end the run is passed on, once for each time: pulumi then ends what it has begun, and itself.
    """
    command = [*_command("up", stack, policy_packs, refresh), "--yes", "--skip-preview"]
    redactor = Redactor()
    parallel = str(max(at_once, 4 * (os.cpu_count() or 1)))
    environment = {"PULUMI_PARALLEL": parallel} | os.environ | {"PULUMI_SKIP_UPDATE_CHECK": "true"}
    environment |= variables(state_at_end)
    with _signals_passed_on() as children:
        process = _started(command, folder, environment, apart=True)
        children.append(process)
        assert process.stdout is not None  # noqa: S101 - what Popen promises for a pipe
        assert process.stderr is not None  # noqa: S101
        stderr = process.stderr

        def listen() -> None:
            for line in stderr:
                complain(cleaned(line.rstrip(), redactor))

        listening = threading.Thread(target=listen, daemon=True)
        listening.start()
        try:
            for moment in moments(process.stdout, time.time):
                take(moment)
        except BaseException:
            # Nobody follows it any more: it ends what it has begun, and itself.
            process.send_signal(signal.SIGINT)
            raise
        finally:
            code = process.wait()
            listening.join()
    return code


@contextmanager
def _signals_passed_on() -> Iterator[list[subprocess.Popen[str]]]:
    """Let signals that end a program reach the processes that are put into the list, and not end this one."""
    children: list[subprocess.Popen[str]] = []

    def pass_on(number: int, _: object) -> None:
        for child in children:
            child.send_signal(number)

    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    former = {number: signal.signal(number, pass_on) for number in numbers}
    try:
        yield children
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _started(
    command: Sequence[str], folder: Path, environment: dict[str, str], *, apart: bool = False
) -> subprocess.Popen[str]:
    """Start pulumi; ``apart`` is to keep the terminal's Ctrl-C from it."""
    try:
        return subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=apart,
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

"""The runs: contestants take turns on fresh hosts, each goes through all phases, and is proven after each."""

from __future__ import annotations

import os
import shlex
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import yaml

from bench.contestants import Command, Wanted, contestant
from bench.hosts import connections, fresh_hosts, traces
from bench.results import PHASES, Failure, Measurement, Results, this_machine
from bench.verification import NotProvenError, Proof
from config.downloads import ARTIFACTS
from config.settings import Images, Versions
from lab import run
from lab.linux_host import LinuxHost
from lab.release import PULUMI
from lab.shell import say

_HERE = Path(__file__).resolve().parent
_SECONDS = 1500
"""After which a command is given up."""
_BEGINNING = Wanted(("lin1",))
_WANTED: Mapping[str, Wanted] = {
    "first": _BEGINNING,
    "unchanged": _BEGINNING,
    "setting": Wanted(("lin1",), downloads_at_once=5),
    "added": Wanted(("lin1", "lin2"), downloads_at_once=5),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What to measure."""

    contestants: Sequence[str]
    phases: Sequence[str]
    """A beginning of PHASES: each phase needs the one before."""
    repetitions: int
    our_options: tuple[str, ...] = ()


def measure(asked: Asked, output: Path, logs: Path) -> Results:
    """Run everything, writing the results so far to ``output`` after each contestant's turn; return them.

    A contestant whose command or proof fails is noted with the reason, and has its next turn.
    """
    results = Results(f"{datetime.now(UTC):%Y-%m-%d}", this_machine(), _versions(), {}, asked.repetitions)
    for repetition in range(asked.repetitions):
        # Each has each place in the order equally often: caches and noise are nobody's own.
        turn = repetition % len(asked.contestants)
        for name in (*asked.contestants[turn:], *asked.contestants[:turn]):
            folder = logs / f"{name}-{repetition}"
            _take_turn(asked, results, name, repetition, folder)
            results.write(output)
    return results


def _take_turn(asked: Asked, results: Results, name: str, repetition: int, logs: Path) -> None:
    """Have one contestant go through all phases on hosts of its own."""
    logs.mkdir(parents=True, exist_ok=True)
    phase = asked.phases[0]
    with fresh_hosts() as hosts:
        work = run.RUN_FOLDER / "bench"
        work.mkdir(exist_ok=True)
        taking_part = contestant(name, work / f"{name}-{repetition}", asked.our_options)
        proof = Proof(hosts, work / "kubeconfig", _digests(), Images().verification)
        try:
            for phase in asked.phases:
                taking_part.want(_WANTED[phase])
                command = taking_part.command()
                results.commands.setdefault(name, _shown(command))
                seconds, made = _timed(command, hosts, logs / f"{phase}.log", unchanged=phase == "unchanged")
                proof.prove(_WANTED[phase])
                results.measurements.append(Measurement(name, phase, repetition, round(seconds, 2), made))
                say(f"{name} {repetition}, {PHASES[phase]}: {seconds:.1f} s, {made} SSH connections")
        except (NotProvenError, RuntimeError, subprocess.TimeoutExpired) as error:
            results.failures.append(Failure(name, phase, repetition, str(error)[-2000:]))
            say(f"{name} {repetition}, {PHASES[phase]} failed: {error}")


def _timed(command: Command, hosts: Mapping[str, LinuxHost], log: Path, *, unchanged: bool) -> tuple[float, int]:
    """Run a command; return its seconds, and the SSH connections that the hosts have seen.

    Raises RuntimeError with the end of what it printed when it fails, and when it should have changed nothing and has.
    """
    with _watched(hosts, unchanged=unchanged) as made, log.open("wb") as output:
        # What was written before this is written by now, and not while the clock runs.
        os.sync()
        began = time.monotonic()
        done = subprocess.run(
            command.line, cwd=command.folder, env=command.variables(), stdin=subprocess.DEVNULL,
            stdout=output, stderr=subprocess.STDOUT, check=False, timeout=_SECONDS,
        )  # fmt: skip
        seconds = time.monotonic() - began
        if done.returncode:
            raise RuntimeError(f"ended with {done.returncode}: {log.read_text(errors='replace')[-1500:]}")
    return seconds, sum(made)


@contextmanager
def _watched(hosts: Mapping[str, LinuxHost], *, unchanged: bool) -> Iterator[list[int]]:
    """Fill the list with how many connections each host has seen while the block ran.

    Raises RuntimeError at the end when hosts have changed that should not.
    """
    looked_at = [host for host in hosts.values() if unchanged and host.name in ("cp1", *_BEGINNING.workers)]
    before = {host.name: traces(host) for host in looked_at}
    # Last before, and first after: looking counts as one.
    counts = {name: connections(host) for name, host in hosts.items()}
    made: list[int] = []
    yield made
    made += [connections(host) - counts[name] - 1 for name, host in hosts.items()]
    for host in looked_at:
        after = traces(host)
        if after != before[host.name]:
            lines = sorted(set(after.splitlines()) ^ set(before[host.name].splitlines()))
            raise RuntimeError(f"{host.name} was changed by a run that had nothing to do: {lines[:6]}")


def _digests() -> dict[str, str]:
    """Return the pinned SHA-256 of the programs that are downloaded as they are."""
    pins: dict[str, str] = yaml.safe_load(run.DOWNLOADS.read_text())
    found = {}
    for name in ("kubelet", "kubeadm", "kubectl", "runc"):
        artifact = ARTIFACTS[f"{name}-linux"]
        version = getattr(Versions(), artifact.version_key)
        found[name] = pins[artifact.template.format(version=version)].removeprefix("sha256:")
    return found


def _shown(command: Command) -> str:
    """Return a command line without folders that nobody but this run knows."""
    return shlex.join(part.rsplit("/", 1)[-1] if part.startswith("/") else part for part in command.line)


def _versions() -> dict[str, str]:
    pinned = dict(line.split("==", 1) for line in (_HERE / "requirements.txt").read_text().splitlines() if "==" in line)
    return {"pulumi": PULUMI, **{name: pinned[name] for name in ("ansible-core", "pyinfra")}}

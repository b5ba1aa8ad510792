"""Plays rows of the table of faults: ``up`` again and again, each time with the next fault of every step.

A step's faults are played one at a time, in the order of the table. A fault that the step was not reached for stays
armed for the next ``up``.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

from lab import run
from lab.faults import Hang, Host, wait_for_process
from lab.linux_host import LinuxHost
from lab.windows.host import WindowsHost
from tests.lab.fault_table import Row
from tests.lab.site import Site

_BEGUN = re.compile(r"\s(\S+) (creating|updating|deleting) \(")
_DONE = re.compile(r"\s(\S+) (created|updated|deleted) \(")
_FAILED = re.compile(r"\s(\S+) \*\*(creating|updating|deleting) failed\*\*")
_SECONDS_PER_RUN = 400


@dataclass
class Played:
    """What came of a row."""

    row: Row
    run: int = 0
    """Number of the run that it happened in; 0: not yet."""
    trouble: list[str] = field(default_factory=list)
    """What was not as it should be."""
    passed_in: int = 0
    """Number of the run that got past the step."""
    thread: threading.Thread | None = None

    @property
    def open(self) -> bool:
        """Whether the fault has not happened yet."""
        return self.run == 0


@dataclass
class Run:
    """One run of the engine, as it goes on."""

    number: int
    armed: list[Played]
    begun: set[str] = field(default_factory=set)
    done: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    lines: list[str] = field(default_factory=list)
    killed_at: Played | None = None
    returncode: int | None = None
    seconds: float = 0

    @property
    def text(self) -> str:
        """Everything it printed."""
        return "".join(self.lines)

    @property
    def said(self) -> str:
        """What it said of its errors, without the stack's outputs."""
        return re.split(r"^(?:Outputs|Resources):", self.text.rpartition("Diagnostics:")[2], flags=re.M)[0][-6000:]


def host_named(name: str) -> Host:
    """Return a host of the lab."""
    found = run.hosts()
    host = found.linux.get(name) or found.windows[name]
    assert isinstance(host, LinuxHost | WindowsHost)
    return host


class Story:
    """Plays all rows of one command, ``up`` or ``destroy``."""

    def __init__(
        self, site: Site, rows: Sequence[Row], command: Sequence[str], limits: Mapping[str, int] | None = None
    ) -> None:
        self.site = site
        self.command = command
        self.played = [Played(row) for row in rows]
        self.runs: list[Run] = []
        self._own_limits = dict(limits or {})
        self._limits = self._own_limits
        self.unexpected: list[str] = []
        """Runs that failed although nothing had happened to them, with what they said."""

    def play(self, most_runs: int = 60) -> None:
        """Run the command until it succeeds with every fault behind it, or until that does not come about."""
        while len(self.runs) < most_runs:
            self._run()
            last = self.runs[-1]
            happened = ", ".join(str(each.row) for each in self._in(last))
            print(f"run {last.number} ended with {last.returncode} after {last.seconds:.0f} s: {happened}", flush=True)
            if last.returncode == 0:
                return
            mine = self._in(last)
            if not mine:
                self.unexpected.append(f"run {last.number} failed by itself:\n{last.said}")
                if len(self.unexpected) > 1:
                    return

    def _run(self) -> None:
        armed: dict[str, Played] = {}
        for each in self.played:
            if each.open:
                armed.setdefault(each.row.resource, each)
        self._set_limits(list(armed.values()))
        current = Run(len(self.runs) + 1, list(armed.values()))
        self.runs.append(current)
        began = time.monotonic()
        process = self.site.engine.start(*self.command, *self._remedies(current))
        watchdog = threading.Timer(_SECONDS_PER_RUN, os.killpg, (process.pid, signal.SIGKILL))
        watchdog.start()
        assert process.stdout is not None
        assert process.stderr is not None
        errors = threading.Thread(target=_collect, args=(process.stderr, current.lines))
        errors.start()
        for line in process.stdout:
            current.lines.append(line)
            self._see(current, line, process)
        current.returncode = process.wait()
        errors.join()
        watchdog.cancel()
        current.seconds = time.monotonic() - began
        if current.returncode < 0:
            self.site.engine.run("cancel", "--yes")
        self._settle(current)

    def _remedies(self, current: Run) -> list[str]:
        """Return what the errors of the run before ask to be run with."""
        before = [each for each in self.played if each.run == current.number - 1 and not each.passed_in]
        return [word for each in before for word in each.row.remedy]

    def _set_limits(self, armed: Sequence[Played]) -> None:
        done = set().union(*(each.done for each in self.runs)) if self.runs else set()
        limits = self._own_limits | {
            each.row.step: each.row.limit
            for each in armed
            if each.row.limit and (not each.row.before or each.row.before in done)
        }
        if limits != self._limits:
            others = {key: value for key, value in self.site.changes.items() if key != "timeLimits"}
            self.site.configure(**others, **({"timeLimits": limits} if limits else {}))
            self._limits = limits

    def _see(self, current: Run, line: str, process: subprocess.Popen[str]) -> None:
        if found := _DONE.search(line):
            current.done.add(found[1])
        elif found := _FAILED.search(line):
            current.failed.add(found[1])
        elif (found := _BEGUN.search(line)) and found[1] not in current.begun:
            current.begun.add(found[1])
            for each in current.armed:
                if (each.row.resource, each.row.verb) == (found[1], found[2]):
                    self._inject(current, each, process)

    def _inject(self, current: Run, each: Played, process: subprocess.Popen[str]) -> None:
        row = each.row
        if row.limit and row.limit != self._limits.get(row.step):
            return
        if any(other.row.stumbles == row.resource for other in self._in(current)):
            return  # what an earlier step has been given makes this one fail
        each.run = current.number

        def act() -> None:
            try:
                host = host_named(row.host)
                if row.when:
                    wait_for_process(host, row.when)
                if row.fault is not None:
                    row.fault.inject(host)
                    return
                current.killed_at = each
                os.killpg(process.pid, signal.SIGKILL)
            except (RuntimeError, OSError, subprocess.SubprocessError) as error:
                each.trouble.append(f"not injected: {error}")

        each.thread = threading.Thread(target=act, daemon=True)
        each.thread.start()
        if not row.when and row.outcome == "fails":
            each.thread.join(5)

    def _settle(self, current: Run) -> None:
        """Put right what was wrong, and note what came of it."""
        for each in self.played:
            if each.run == current.number:
                self._settle_one(current, each)
            if each.run and not each.passed_in and each.row.stumbles in current.done:
                each.passed_in = current.number

    def _settle_one(self, current: Run, each: Played) -> None:
        row = each.row
        if each.thread is not None:
            each.thread.join(150)
        host = host_named(row.host)
        if row.fault is not None:
            if isinstance(row.fault, Hang) and row.outcome == "fails" and row.fault.left(host):
                each.trouble.append(f"still there after the step's end: {row.fault.left(host)}")
            try:
                row.fault.heal(host)
            except RuntimeError as error:
                each.trouble.append(f"not injected: {error}")
        if row.outcome == "fails":
            if current.killed_at is not None and row.stumbles not in current.failed:
                # Cut short by the fault of another row.
                each.run, each.trouble = (current.number + 1 if row.fails_at else 0), []
                return
            missing = [text for text in row.says if text not in " ".join(current.text.split())]
            if row.stumbles not in current.failed:
                each.trouble.append("the step did not fail")
            elif missing:
                each.trouble.append(f"the error does not say {missing}:\n{current.said}")
        elif row.outcome == "goes on":
            others = [other.row for other in self._in(current) if other is not each]
            alone = not (current.killed_at or any(other.outcome == "fails" for other in others))
            # Two faults at once: then it is enough that the error says what to do, and that the next run gets past it.
            away = row.resource in current.failed and any(other.takes_api_away for other in others)
            told = "the API server does not answer" in current.said
            if alone and row.resource not in current.done and not (away and told):
                each.trouble.append(f"the same run did not get past the step:\n{current.said}")
        elif current.killed_at is not each and not each.trouble:
            each.run = 0  # another row has killed the engine first

    def cut_short(self, resource: str) -> set[int]:
        """Return the runs that did not come to this resource, or whose engine was killed while it was being made."""
        return {
            each.number
            for each in self.runs
            if resource not in each.begun or (each.killed_at and resource not in each.failed | each.done)
        }

    def _in(self, current: Run) -> list[Played]:
        return [each for each in self.played if each.run == current.number]


def _collect(stream: IO[str], lines: list[str]) -> None:
    lines.extend(stream)

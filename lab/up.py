"""Bringing the lab up: programs, machine, base system, images, mirror, network, hosts. What is there is used."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from lab import ground, network, run
from lab.build import build_all
from lab.holder import held_by
from lab.machine import prepare_machine
from lab.mirror import mirror
from lab.release import NEWEST, OLDER, Release
from lab.run import Host
from lab.shell import timed
from lab.windows.programs import stand_ins

_PROJECT = Path(__file__).resolve().parent.parent


def programs(release: Release = NEWEST) -> dict[str, Path]:
    """Return every program that the lab's mirror and images are made of, building what is missing."""
    return build_all(release) | stand_ins(release)


def for_each(hosts: Iterable[Host], action: Callable[[Host], None]) -> None:
    """Do the same to all hosts at once; the first error is raised when all have ended."""
    chosen = list(hosts)
    with ThreadPoolExecutor(max_workers=max(len(chosen), 1)) as pool:
        for pending in [pool.submit(action, host) for host in chosen]:
            pending.result()


def _start(host: Host) -> None:
    with timed(f"{host.name} ({host.address}) answers"):
        host.start()


def check_ours() -> None:
    """Raise RuntimeError when the lab that runs on this machine belongs to another folder."""
    holder = held_by(run.LAB_LOCK)
    if holder and holder[1] != str(run.RUN_FOLDER):
        raise RuntimeError(f"the lab of {holder[1]} runs on this machine: `python -m lab down` there first")


def start_mirror(files: Path) -> None:
    """Serve these files at run.MIRROR_URL, in the place of other ones that may be served.

    Raises RuntimeError with the server's log when it does not listen within ten seconds.
    """
    holder = held_by(run.LAB_LOCK)
    if holder is not None and holder[1:] == [str(run.RUN_FOLDER), str(files)]:
        return
    stop_mirror()
    log = run.RUN_FOLDER / "mirror.log"
    arguments = [str(files), run.MIRROR_ADDRESS, str(run.MIRROR_PORT), str(run.LAB_LOCK), str(run.RUN_FOLDER)]
    with log.open("ab") as output:
        subprocess.run(
            ["setsid", "--fork", sys.executable, "-m", "lab.server", *arguments],
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=_PROJECT, check=True,
        )  # fmt: skip
    deadline = time.monotonic() + 10
    while not held_by(run.LAB_LOCK):
        if time.monotonic() > deadline:
            raise RuntimeError(f"the mirror does not listen on {run.MIRROR_URL}:\n{log.read_text()[-2000:]}")
        time.sleep(0.05)


def stop_mirror() -> None:
    """End the mirror's server, where one runs."""
    deadline = time.monotonic() + 10
    while (holder := held_by(run.LAB_LOCK)) is not None:
        if holder:
            with suppress(ProcessLookupError):
                os.kill(int(holder[0]), signal.SIGTERM)
        if time.monotonic() > deadline:
            raise RuntimeError(f"the mirror's server does not end: process {holder}")
        time.sleep(0.1)


def prepare(release: Release = NEWEST) -> Path:
    """Make what is slow to make, where the cache does not have it, and return the mirror's files."""
    prepare_machine()
    return mirror(programs(release), release)


def prepare_all() -> None:
    """Make what is slow to make of every release, so that no test has to wait for it."""
    for release in (NEWEST, OLDER):
        prepare(release)


def serve(files: Path) -> None:
    """Let hosts fetch from this mirror, and stacks take its digests."""
    start_mirror(files)
    shutil.copy(files.parent / "downloads.yaml", run.DOWNLOADS)


def up(names: tuple[str, ...] = ()) -> None:
    """Bring up the lab with these hosts, or all; quick when it is up.

    Raises RuntimeError when another lab runs on this machine, and KeyError for a host the lab does not have.
    """
    with network.locked("command"), timed("the lab is up"):
        make_ground()
        for_each(run.hosts().named(names), _start)


def make_ground() -> None:
    """Have all that hosts need before they start: network, mirror and keys; the caller holds the lock of commands.

    Raises RuntimeError when another lab runs on this machine.
    """
    check_ours()
    files = prepare()
    run.RUN_FOLDER.mkdir(exist_ok=True)
    ground.up()
    serve(files)
    run.SSH.prepare()

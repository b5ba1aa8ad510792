"""Running the machine's own programs, and saying what goes on."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager


def say(text: str) -> None:
    """Print a line of progress on standard error."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Say how many seconds the block took, once it has ended well."""
    started = time.monotonic()
    yield
    say(f"{what}: {time.monotonic() - started:.1f} s")


def run(command: Sequence[str], *, text: str | None = None, environment: dict[str, str] | None = None) -> str:
    """Run a program to its end and return its standard output; ``text`` is its standard input.

    Raises RuntimeError with the program's own last words when it fails.
    """
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip())[-3000:]
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}: {said}")
    return done.stdout


def succeeds(command: Sequence[str]) -> bool:
    """Return whether a program ends with 0; what it prints is dropped."""
    return subprocess.run(command, capture_output=True, check=False).returncode == 0

"""The project's own scripts as the remote side gets them, and a revision for each step's part of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from config.nodes import Os

from plan.documents import short_digest
from plan.shells import SHELLS
from plan.step import Step

PROJECT = Path(__file__).resolve().parent.parent
_SHARED: dict[Os, tuple[str, ...]] = {
    "linux": ("step.sh", "lib.sh", "records.sh", "versions.sh"),
    "windows": ("Invoke-Step.ps1", "Casement.psm1", "Casement/*.ps1"),
}
_SCRIPT_NAME = re.compile(r"[A-Za-z][A-Za-z-]*\.(?:sh|ps1)")


@cache
def _content(path: Path) -> bytes:
    return path.read_bytes()


def revision(step: Step, os: Os) -> str:
    """Return twelve hexadecimal digits that change when a script of the step does, or what all scripts share.

    Raises FileNotFoundError when the step names a script that the project does not have.
    """
    return _revision(step.script, step.undo, os)


@cache
def _revision(script: str, undo: str | None, os: Os) -> str:
    """Return the revision of these scripts; every node has the same ones."""
    folder = PROJECT / SHELLS[os].scripts
    paths = set(_shared(os))
    for name in (script, undo):
        if name:
            _add_with_named(folder / name, paths)
    return short_digest(b"".join(path.name.encode() + b"\0" + _content(path) for path in sorted(paths)))


def _add_with_named(path: Path, found: set[Path]) -> None:
    """Add a script, and every other one that it names: it may call them, or put them somewhere."""
    if path in found:
        return
    found.add(path)
    for name in set(_SCRIPT_NAME.findall(_content(path).decode())):
        if (path.parent / name).exists():
            _add_with_named(path.parent / name, found)


@cache
def _shared(os: Os) -> tuple[Path, ...]:
    folder = PROJECT / SHELLS[os].scripts
    return tuple(path for pattern in _SHARED[os] for path in sorted(folder.glob(pattern)))


def steps_revision(steps: Iterable[Step], os: Os) -> str:
    """Return a revision of several steps: of their scripts and of all parameters that are known now."""
    known = [(step.name, revision(step, os), sorted(step.parameters.items())) for step in steps]
    return short_digest(json.dumps(known).encode())

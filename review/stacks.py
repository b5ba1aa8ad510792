"""Which stacks a change of files touches."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import yaml

from operations.problem import OperationError

PROGRAM = ("components/", "config/", "plan/", "scripts/", "__main__.py", "Pulumi.yaml", "requirements.txt")
"""What a run of the program reads, besides the stack's own file."""
_STACK_FILE = re.compile(r"Pulumi\.(?P<stack>[^/]+)\.yaml")
_GIT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Touched:
    """What a change touches."""

    stacks: tuple[str, ...]
    """Stacks to look at, by name."""
    unknown: tuple[str, ...] = ()
    """Names of changed stack files for which the backend has no stack, as examples have none."""


def stack_files(folder: Path) -> tuple[str, ...]:
    """Return the names of all stacks that have a file."""
    found = (_STACK_FILE.fullmatch(path.name) for path in (folder / _config_folder(folder)).glob("Pulumi.*.yaml"))
    return tuple(sorted(match["stack"] for match in found if match))


def touched(files: Iterable[str], folder: Path, stacks: Iterable[str]) -> Touched:
    """Return what a change of these files touches; ``files`` are relative to the project's folder.

    A stack's own file touches that stack; whatever else the program reads touches all ``stacks`` that have a file.
    """
    known = set(stacks)
    with_file = known & set(stack_files(folder))
    found: set[str] = set()
    unknown: set[str] = set()
    for file in files:
        path = PurePosixPath(file)
        own = _STACK_FILE.fullmatch(path.name)
        if own and path.parent == PurePosixPath(_config_folder(folder)):
            (found if own["stack"] in known else unknown).add(own["stack"])
        elif file.startswith(PROGRAM):
            found |= with_file
    return Touched(tuple(sorted(found)), tuple(sorted(unknown)))


def changed_since(reference: str, folder: Path) -> tuple[str, ...]:
    """Return the files that differ between HEAD and where it left ``reference``. Raises OperationError."""
    command = ["git", "diff", "--name-only", "--no-renames", "-z", f"{reference}...HEAD", "--"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_GIT_SECONDS, check=False)
    if done.returncode:
        raise OperationError(
            f"git cannot tell what has changed since {reference}: {done.stderr.strip()}",
            remedy="name a commit that is there; in CI, check out the whole history (fetch-depth: 0)",
        )
    return tuple(file for file in done.stdout.split("\0") if file)


def _config_folder(folder: Path) -> str:
    project = yaml.safe_load((folder / "Pulumi.yaml").read_text(encoding="utf-8"))
    return str(project.get("stackConfigDir", "."))

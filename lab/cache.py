"""Where the lab keeps what is slow to make: outside the clone, one folder for each version of its recipe."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path


def cache_root() -> Path:
    """Return the project's cache folder, ``$XDG_CACHE_HOME/casement`` (by default ``~/.cache/casement``)."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "casement"


def recipe_key(recipe: Mapping[str, object]) -> str:
    """Return twelve hexadecimal digits that change whenever anything in the recipe does."""
    text = json.dumps(recipe, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def made_once(name: str, recipe: Mapping[str, object], make: Callable[[Path], None]) -> Path:
    """Return the folder ``NAME-KEY`` of the cache, calling ``make(folder)`` only where it is not there yet.

    The folder appears under its name only when ``make`` has ended: an interrupted run leaves nothing that a
    later one would take for the whole. A second caller waits for the first.
    """
    folder = cache_root() / f"{name}-{recipe_key(recipe)}"
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(folder.name + ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _make(folder, recipe, make)
    return folder


def _make(folder: Path, recipe: Mapping[str, object], make: Callable[[Path], None]) -> None:
    unfinished = folder.with_name(folder.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    make(unfinished)
    (unfinished / "recipe.json").write_text(json.dumps(recipe, indent=2, sort_keys=True) + "\n")
    unfinished.rename(folder)

"""Where a Windows host keeps its things, and where its paths are on this machine."""

from __future__ import annotations

import fcntl
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HOME = r"C:\Users\Administrator"
_DRIVE = re.compile(r"^/?([a-zA-Z]):(.*)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class HostFolder:
    """The folder of one host: its Wine prefix, the state that Wine lacks as JSON, its logs and keys."""

    root: Path

    @property
    def prefix(self) -> Path:
        """The host's Wine prefix: drives and registry."""
        return self.root / "prefix"

    @property
    def drive_c(self) -> Path:
        r"""The host's ``C:\``."""
        return self.prefix / "drive_c"

    def path(self, windows_path: str) -> Path:
        r"""Return where ``C:\k\x`` (or ``/C:/k/x``, or ``\k\x`` on the current drive) is on this machine.

        Windows compares names without regard to case: a name that exists in another case is that one.
        Raises FileNotFoundError for another drive than C:, and for a path that is not absolute.
        """
        text = windows_path.removeprefix("\\\\?\\")
        found = _DRIVE.match(text)
        if found is None and not text.startswith(("\\", "/")):
            raise FileNotFoundError(f"{windows_path} is not an absolute path")
        if found is not None and found[1].lower() != "c":
            raise FileNotFoundError(f"Cannot find drive. A drive with the name '{found[1]}' does not exist.")
        here = self.drive_c
        for part in re.split(r"[\\/]+", found[2] if found else text):
            if part == "..":
                here = here.parent if here != self.drive_c else here
            elif part not in ("", "."):
                here = _child(here, part)
        return here

    def windows_path(self, path: Path) -> str:
        r"""Return what the host calls a path of this machine, such as ``C:\k``."""
        return "C:\\" + str(path.relative_to(self.drive_c)).replace("/", "\\").removeprefix(".")

    def read(self, name: str, default: object = None) -> Any:  # noqa: ANN401 - what JSON holds
        """Return the value kept in the JSON file of that name, or ``default`` where there is none."""
        try:
            return json.loads((self.root / f"{name}.json").read_text())
        except FileNotFoundError:
            return default

    def write(self, name: str, value: object) -> None:
        """Keep a value in the JSON file of that name; a reader sees the old one or the new one, never a part."""
        path = self.root / f"{name}.json"
        unfinished = path.with_suffix(".unfinished")
        unfinished.write_text(json.dumps(value, indent=1))
        unfinished.rename(path)

    @contextmanager
    def changing(self, name: str, default: object) -> Iterator[Any]:
        """Give the value of that name to be changed in place, and keep it; other processes wait meanwhile."""
        with (self.root / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            value = self.read(name, default)
            yield value
            self.write(name, value)


def _child(folder: Path, name: str) -> Path:
    exact = folder / name
    if exact.exists() or exact.is_symlink() or not folder.is_dir():
        return exact
    lowered = name.lower()
    return next((entry for entry in folder.iterdir() if entry.name.lower() == lowered), exact)

"""Windows paths as scripts write them, and the files behind them."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path, PureWindowsPath

from lab.powershell.display import display
from lab.powershell.encodings import UNICODE
from lab.powershell.errors import Unsupported
from lab.powershell.host import Host
from lab.powershell.patterns import has_wildcards, wildcard
from lab.powershell.text import LOCAL
from lab.powershell.values import Computed, PSObject


def normal(path: str) -> str:
    """A path with backslashes only, without `.` and `..`, and without a separator at its end."""
    pure = PureWindowsPath(path)
    if not pure.drive and not pure.root:
        return path.replace("/", "\\")
    parts: list[str] = []
    for part in pure.parts[1:]:
        if part == "..":
            if parts:
                parts.pop()
        elif part != ".":
            parts.append(part)
    return pure.anchor + "\\".join(parts)


class FileSystem:
    """The files of a host. Relative paths start at the current location."""

    def __init__(self, host: Host, location: Callable[[], str]) -> None:
        self.host = host
        self.location = location

    def full(self, path: str) -> str:
        """The absolute form of a path."""
        path = path.removeprefix("Microsoft.PowerShell.Core\\FileSystem::").removeprefix("FileSystem::")
        if re.match(r"^[A-Za-z]{2,}:", path):
            raise Unsupported(f"the drive of '{path}'")
        if path.startswith(("\\", "/")) and not path.startswith(("\\\\", "//")):
            path = self.location()[:2] + path
        elif not re.match(r"^[A-Za-z]:", path):
            path = self.location().rstrip("\\") + "\\" + path
        return normal(path)

    def real(self, path: str) -> Path:
        """Where the path is on this machine."""
        return self.host.path(self.full(path))

    def appender(self, path: str, *, append: bool) -> Callable[[object], None]:
        """A sink that writes objects as lines to a file, in UTF-16 as `>` of 5.1 does."""
        real = self.real(path)
        if not append or not real.exists():
            real.write_bytes(UNICODE.preamble)

        def write(value: object) -> None:
            with real.open("ab") as file:
                for line in display(value):
                    file.write(UNICODE.encode(line + "\r\n"))

        return write

    def expand(self, path: str, *, literal: bool = False) -> list[str]:
        """The paths that exist for a path, which may hold wildcards."""
        full = self.full(path)
        if literal or not has_wildcards(full):
            return [full] if os.path.lexists(self.host.path(full)) else []
        parts = PureWindowsPath(full).parts
        found = [parts[0]]
        for part in parts[1:]:
            if has_wildcards(part):
                test = wildcard(part)
                found = [f"{base.rstrip(chr(92))}\\{name}" for base in found for name in self.names(base) if test(name)]
            else:
                found = [f"{base.rstrip(chr(92))}\\{part}" for base in found]
        return [one for one in found if os.path.lexists(self.host.path(one))]

    def names(self, folder: str) -> list[str]:
        """The names in a folder, in order; empty when it is none."""
        real = self.host.path(folder)
        return sorted((entry.name for entry in real.iterdir()), key=str.lower) if real.is_dir() else []

    def walk(self, folder: str) -> Iterator[str]:
        """All paths below a folder, each folder's files before what is in its subfolders."""
        paths = [f"{folder.rstrip(chr(92))}\\{name}" for name in self.names(folder)]
        yield from paths
        for path in paths:
            real = self.host.path(path)
            if real.is_dir() and not real.is_symlink():
                yield from self.walk(path)

    def remove(self, path: str) -> None:
        """Remove a file, or a folder with all that is in it."""
        real = self.host.path(path)
        if real.is_dir() and not real.is_symlink():
            shutil.rmtree(real)
        else:
            real.unlink()

    def item(self, path: str) -> PSObject:
        """The FileInfo or DirectoryInfo of a path."""
        real = self.host.path(path)
        folder = real.is_dir()
        pure = PureWindowsPath(path)
        properties: dict[str, object] = {
            "Name": pure.name or path,
            "FullName": path,
            "Extension": pure.suffix,
            "BaseName": pure.name if folder else pure.stem,
            "PSIsContainer": folder,
            "Exists": Computed(real.exists),
            "Attributes": "Directory" if folder else "Archive",
            "LastWriteTime": Computed(lambda: datetime.fromtimestamp(real.stat().st_mtime, LOCAL)),
            "LastWriteTimeUtc": Computed(lambda: datetime.fromtimestamp(real.stat().st_mtime, UTC)),
            "CreationTimeUtc": Computed(lambda: datetime.fromtimestamp(real.stat().st_ctime, UTC)),
        }
        if folder:
            properties["Parent"] = Computed(lambda: self.item(str(pure.parent)))
        else:
            properties["Length"] = real.stat().st_size if real.exists() else 0
            properties["DirectoryName"] = str(pure.parent)
            properties["Directory"] = Computed(lambda: self.item(str(pure.parent)))
        kind = "System.IO.DirectoryInfo" if folder else "System.IO.FileInfo"
        # A folder listing gives an item the text of its name; one that was asked for by path, its full name.
        return PSObject(properties, type_name=kind, text=path, read_only=list(properties))

"""`[IO.File]` and `[IO.Directory]`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lab.powershell.convert import elements, integer, truth
from lab.powershell.encodings import UTF8_PLAIN, Encoding, decode
from lab.powershell.faults import NetFault, os_fault
from lab.powershell.statics import NetStatics
from lab.powershell.streams import FileStream
from lab.powershell.text import text_of
from lab.powershell.values import NOTHING, PSObject, is_null

if TYPE_CHECKING:
    from lab.powershell.commands import CommandRunner


Function = Callable[..., object]


def _guarded(function: Function) -> Function:
    """Turn a failed file operation into the .NET exception for it; the first argument is the path."""

    def run(path: object, *rest: object) -> object:
        try:
            return function(text_of(path), *rest)
        except OSError as error:
            raise os_fault(error, text_of(path)) from error

    return run


class Files:
    """The members of the two types."""

    def __init__(self, engine: CommandRunner) -> None:
        self.engine = engine

    def _check_folder(self, path: str) -> None:
        if not self.engine.files.real(path).parent.is_dir():
            message = f"Could not find a part of the path '{path}'."
            raise NetFault(message, "System.IO.DirectoryNotFoundException")

    def read_text(self, path: str, *encoding: object) -> str:
        """The whole text."""
        default = encoding[0] if encoding and isinstance(encoding[0], Encoding) else UTF8_PLAIN
        return decode(self.engine.files.real(path).read_bytes(), default)

    def write_text(self, path: str, text: object, *encoding: object) -> object:
        """Write a text, with the mark of the encoding if one is given."""
        chosen = encoding[0] if encoding and isinstance(encoding[0], Encoding) else UTF8_PLAIN
        self._check_folder(path)
        self.engine.files.real(path).write_bytes(chosen.preamble + chosen.encode(text_of(text)))
        return NOTHING

    def create(self, path: str) -> FileStream:
        """Make a file, or empty the one that is there, to be written."""
        self._check_folder(path)
        return FileStream(self.engine.files.real(path), path, made=True)

    def append_text(self, path: str, text: object, *encoding: object) -> object:
        """Add a text to a file."""
        chosen = encoding[0] if encoding and isinstance(encoding[0], Encoding) else UTF8_PLAIN
        self._check_folder(path)
        with self.engine.files.real(path).open("ab") as file:
            file.write(chosen.encode(text_of(text)))
        return NOTHING

    def read_lines(self, path: str, *encoding: object) -> list[object]:
        """The lines of a file."""
        return list(self.read_text(path, *encoding).splitlines())

    def write_lines(self, path: str, lines: object, *encoding: object) -> object:
        """Write lines."""
        return self.write_text(path, "".join(text_of(line) + "\r\n" for line in elements(lines)), *encoding)

    def read_bytes(self, path: str) -> bytearray:
        """The bytes of a file."""
        return bytearray(self.engine.files.real(path).read_bytes())

    def write_bytes(self, path: str, raw: object) -> object:
        """Write bytes."""
        self._check_folder(path)
        self.engine.files.real(path).write_bytes(bytes(integer(one) for one in elements(raw)))
        return NOTHING

    def delete(self, path: str) -> object:
        """Delete a file if it is there."""
        self._check_folder(path)
        self.engine.files.real(path).unlink(missing_ok=True)
        return NOTHING

    def move(self, path: str, target: object) -> object:
        """Move a file to a place that is free."""
        if self.engine.files.real(text_of(target)).exists():
            raise NetFault("Cannot create a file when that file already exists.", "System.IO.IOException")
        self.engine.files.real(path).rename(self.engine.files.real(text_of(target)))
        return NOTHING

    def replace(self, path: str, target: object, backup: object) -> object:
        """Put a file in the place of another that exists."""
        place = self.engine.files.real(text_of(target))
        if not place.exists():
            raise NetFault("Unable to find the specified file.", "System.IO.FileNotFoundException")
        if not is_null(backup) and text_of(backup):
            self.engine.files.real(text_of(backup)).write_bytes(place.read_bytes())
        self.engine.files.real(path).replace(place)
        return NOTHING

    def copy(self, path: str, target: object, overwrite: object = False) -> object:
        """Copy a file."""
        place = self.engine.files.real(text_of(target))
        if place.exists() and not truth(overwrite):
            raise NetFault(f"The file '{text_of(target)}' already exists.", "System.IO.IOException")
        place.write_bytes(self.engine.files.real(path).read_bytes())
        return NOTHING

    def make_folder(self, path: str) -> PSObject:
        """Make a folder and those above it."""
        self.engine.files.real(path).mkdir(parents=True, exist_ok=True)
        return self.engine.files.item(self.engine.files.full(path))

    def delete_folder(self, path: str, recursive: object = False) -> object:
        """Delete a folder, which must be empty unless `recursive`."""
        if truth(recursive):
            self.engine.files.remove(self.engine.files.full(path))
        else:
            self.engine.files.real(path).rmdir()
        return NOTHING

    def listed(self, *, folders: bool) -> Function:
        """`GetFiles` or `GetDirectories`."""

        def run(path: str) -> list[object]:
            files, full = self.engine.files, self.engine.files.full(path)
            paths = [f"{full.rstrip(chr(92))}\\{name}" for name in files.names(full)]
            return [one for one in paths if files.host.path(one).is_dir() == folders]

        return run

    def types(self) -> list[NetStatics]:
        """The two types."""
        methods: dict[str, Function] = {
            "readalltext": self.read_text,
            "create": self.create,
            "writealltext": self.write_text,
            "appendalltext": self.append_text,
            "readalllines": self.read_lines,
            "writealllines": self.write_lines,
            "readallbytes": self.read_bytes,
            "writeallbytes": self.write_bytes,
            "exists": lambda path: self.engine.files.real(path).is_file(),
            "delete": self.delete,
            "move": self.move,
            "replace": self.replace,
            "copy": self.copy,
        }
        folders: dict[str, Function] = {
            "exists": lambda path: self.engine.files.real(path).is_dir(),
            "createdirectory": self.make_folder,
            "delete": self.delete_folder,
            "getfiles": self.listed(folders=False),
            "getdirectories": self.listed(folders=True),
        }
        return [
            NetStatics("System.IO.File", {name: _guarded(method) for name, method in methods.items()}),
            NetStatics("System.IO.Directory", {name: _guarded(method) for name, method in folders.items()}),
        ]

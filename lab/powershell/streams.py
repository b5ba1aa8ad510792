"""`[IO.FileStream]`, and the `[IO.StreamReader]` that makes text of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from lab.powershell.convert import elements, integer, truth
from lab.powershell.encodings import UTF8_PLAIN, decode
from lab.powershell.errors import Unsupported
from lab.powershell.faults import NetFault, os_fault
from lab.powershell.reader import TextReader
from lab.powershell.statics import NetStatics
from lab.powershell.text import text_of
from lab.powershell.values import NOTHING

_ORIGINS = {"begin": os.SEEK_SET, "current": os.SEEK_CUR, "end": os.SEEK_END}


class FileStream:
    """A file that is open: there for reading, or made for writing."""

    type_name = "System.IO.FileStream"

    def __init__(self, path: Path, shown: str, *, made: bool = False) -> None:
        """Open the file; raises NetFault where there is none, or none can be made."""
        self._shown = shown
        with self._faults():
            self._file: BinaryIO = path.open("wb" if made else "rb")

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise os_fault(error, self._shown) from error

    def seek(self, offset: object, origin: object) -> int:
        """Move to a place in the file."""
        try:
            return self._file.seek(integer(offset), _ORIGINS[text_of(origin).lower()])
        except OSError as error:
            message = "An attempt was made to move the file pointer before the beginning of the file."
            raise NetFault(message, "System.IO.IOException") from error

    def rest(self) -> bytes:
        """All that is left."""
        return self._file.read()

    def write(self, raw: object, begin: object, count: object) -> object:
        """Write so many of these bytes."""
        first = integer(begin)
        with self._faults():
            self._file.write(bytes(integer(one) for one in elements(raw)[first : first + integer(count)]))
        return NOTHING

    def flush(self, to_disk: object = False) -> object:
        """Hand over what was written, to the disk itself if wished."""
        with self._faults():
            self._file.flush()
            if truth(to_disk):
                os.fsync(self._file.fileno())
        return NOTHING

    def length(self) -> int:
        """Bytes in the file."""
        return os.fstat(self._file.fileno()).st_size

    def close(self) -> object:
        """Close the file."""
        with self._faults():
            self._file.close()
        return NOTHING

    @property
    def net_properties(self) -> Mapping[str, Callable[[FileStream], object]]:
        """What a script may read."""
        return {"length": FileStream.length}

    @property
    def net_methods(self) -> Mapping[str, Callable[..., object]]:
        """What a script may call."""
        return {
            "seek": FileStream.seek,
            "write": FileStream.write,
            "flush": FileStream.flush,
            "close": FileStream.close,
            "dispose": FileStream.close,
        }


def stream_reader() -> NetStatics:
    """The type: text in UTF-8, or as the mark at its beginning says."""

    def make(stream: object) -> TextReader:
        if not isinstance(stream, FileStream):
            raise Unsupported("a StreamReader of anything else than a FileStream")
        return TextReader(decode(stream.rest(), UTF8_PLAIN))

    return NetStatics("System.IO.StreamReader", constructor=make)

"""Standard input as `[Console]::In`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lab.powershell.values import NOTHING


class TextReader:
    """A text that is read once."""

    type_name = "System.IO.TextReader"

    def __init__(self, text: str) -> None:
        self._text = text

    def read_to_end(self) -> str:
        """All that is left."""
        text, self._text = self._text, ""
        return text

    def read_line(self) -> str | None:
        """The next line without its end, or null."""
        if not self._text:
            return None
        line, _, self._text = self._text.partition("\n")
        return line.removesuffix("\r")

    @property
    def net_methods(self) -> Mapping[str, Callable[..., object]]:
        """What a script may call."""
        return {
            "readtoend": TextReader.read_to_end,
            "readline": TextReader.read_line,
            "peek": lambda reader: ord(reader._text[0]) if reader._text else -1,
            "close": lambda _: NOTHING,
            "dispose": lambda _: NOTHING,
        }


class TextWriter:
    """`[Console]::Out` or `[Console]::Error`."""

    type_name = "System.IO.TextWriter"

    def __init__(self, write: Callable[[str], None], compose: Callable[[tuple[object, ...]], str]) -> None:
        self._write = write
        self._compose = compose

    def write(self, *arguments: object) -> object:
        """Write a text, or a format with its arguments."""
        self._write(self._compose(arguments))
        return NOTHING

    def write_line(self, *arguments: object) -> object:
        """Write a line."""
        self._write(self._compose(arguments) + "\r\n")
        return NOTHING

    @property
    def net_methods(self) -> Mapping[str, Callable[..., object]]:
        """What a script may call."""
        return {"write": TextWriter.write, "writeline": TextWriter.write_line, "flush": lambda _: NOTHING}

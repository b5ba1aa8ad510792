"""`System.Text.Encoding` and the -Encoding names of the content cmdlets in 5.1."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lab.powershell.errors import Unsupported
from lab.powershell.text import text_of


@dataclass(frozen=True)
class Encoding:
    """An encoding: Python's codec, and the mark a file begins with."""

    codec: str
    preamble: bytes
    web_name: str
    type_name: str = "System.Text.Encoding"

    def encode(self, text: str) -> bytes:
        """The text as bytes, without a mark; what does not fit becomes a question mark."""
        return text.encode(self.codec, errors="replace")

    @property
    def net_properties(self) -> Mapping[str, Callable[[Encoding], object]]:
        """What a script may read."""
        return {"webname": lambda encoding: encoding.web_name, "encodingname": lambda encoding: encoding.web_name}

    @property
    def net_methods(self) -> Mapping[str, Callable[..., object]]:
        """What a script may call."""
        return {
            "getbytes": lambda encoding, text: bytearray(encoding.encode(text_of(text))),
            "getstring": lambda encoding, raw: bytes(raw).decode(encoding.codec, errors="replace"),
            "getbytecount": lambda encoding, text: len(encoding.encode(text_of(text))),
            "getpreamble": lambda encoding: bytearray(encoding.preamble),
        }


UTF8 = Encoding("utf-8", codecs.BOM_UTF8, "utf-8", "System.Text.UTF8Encoding")
UTF8_PLAIN = Encoding("utf-8", b"", "utf-8", "System.Text.UTF8Encoding")
ASCII = Encoding("ascii", b"", "us-ascii", "System.Text.ASCIIEncoding")
UNICODE = Encoding("utf-16-le", codecs.BOM_UTF16_LE, "utf-16", "System.Text.UnicodeEncoding")
ANSI = Encoding("cp1252", b"", "windows-1252", "System.Text.SBCSCodePageEncoding")
OEM = Encoding("cp437", b"", "ibm437", "System.Text.OEMCodePageEncoding")

# In 5.1 UTF8 means "with a byte order mark"; Default is the ANSI code page.
NAMES = {
    "utf8": UTF8,
    "ascii": ASCII,
    "unicode": UNICODE,
    "default": ANSI,
    "oem": OEM,
    "string": UNICODE,
}


def named(name: str) -> Encoding:
    """The encoding of an -Encoding argument."""
    if name.lower() not in NAMES:
        raise Unsupported(f"-Encoding {name}")
    return NAMES[name.lower()]


def decode(raw: bytes, default: Encoding) -> str:
    """A file's text: by its mark, else in the default encoding."""
    for known in (UTF8, UNICODE):
        if raw.startswith(known.preamble):
            return raw[len(known.preamble) :].decode(known.codec, errors="replace")
    return raw.decode(default.codec, errors="replace")

"""Texts in the form that Go programs print them in."""

from __future__ import annotations

import errno
import os

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_ESCAPES["\v"] = "\\v"
_LATIN_END, _PLANE_END = 0x80, 0x10000


def quoted(text: str) -> str:
    """Return the text as ``%q`` prints it."""
    parts = []
    for character in text:
        code = ord(character)
        if character in _ESCAPES:
            parts.append(_ESCAPES[character])
        elif character.isprintable():
            parts.append(character)
        elif code < _LATIN_END:
            parts.append(f"\\x{code:02x}")
        else:
            parts.append(f"\\u{code:04x}" if code < _PLANE_END else f"\\U{code:08x}")
    return '"' + "".join(parts) + '"'


def system_error(error: OSError, network: str, address: str) -> str:
    """Return what ``net.Dial`` says of an error of the operating system."""
    if isinstance(error, TimeoutError) and error.errno is None:
        return f"dial {network} {address}: i/o timeout"
    text = os.strerror(error.errno) if error.errno else str(error)
    if error.errno in (errno.ETIMEDOUT,):
        return f"dial {network} {address}: connect: connection timed out"
    return f"dial {network} {address}: connect: {text[:1].lower()}{text[1:]}"

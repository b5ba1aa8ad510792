"""The content of files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from lab.powershell.builtins.shared import engine_of, existing, file_errors
from lab.powershell.cmdlet import CmdletCall, cmdlet
from lab.powershell.convert import elements, integer
from lab.powershell.display import display
from lab.powershell.encodings import ANSI, UNICODE, Encoding, decode, named
from lab.powershell.errors import Unsupported
from lab.powershell.text import text_of
from lab.powershell.values import FileLine, PSObject

_PATHS = ["LiteralPath:string[]"]


def _encoding(call: CmdletCall, default: Encoding) -> Encoding:
    return named(call.text("Encoding")) if call.given("Encoding") else default


@cmdlet(
    "Get-Content",
    positional=["Path:string[]"],
    named=[*_PATHS, "Encoding:string", "Tail:int", "TotalCount:int", "ReadCount:int"],
    switches=["Raw", "Force"],
    aliases={"Last": "Tail", "Head": "TotalCount", "First": "TotalCount"},
    pipeline="Path",
)
def get_content(call: CmdletCall) -> Iterator[object]:
    """A file's lines, or with -Raw its text; without a mark it is read in the ANSI code page, as 5.1 does."""
    for path in existing(call):
        with file_errors(call, path):
            raw = engine_of(call).host.path(path).read_bytes()
            if call.text("Encoding").lower() == "byte":
                yield from raw
                continue
            text = decode(raw, _encoding(call, ANSI))
            if call.switch("Raw"):
                if text:
                    yield FileLine(text)
                continue
            lines: list[object] = [FileLine(line) for line in text.replace("\r\n", "\n").split("\n")]
            if lines and lines[-1] == "":
                lines.pop()
            if call.given("Tail"):
                lines = lines[max(len(lines) - call.integer("Tail"), 0) :]
            yield from lines[: call.integer("TotalCount")] if call.given("TotalCount") else lines


def _raw(call: CmdletCall, values: list[object], encoding: Encoding) -> bytes:
    if call.text("Encoding").lower() == "byte":
        return bytes(integer(value) for value in values)
    ending = "" if call.switch("NoNewline") else "\r\n"
    return encoding.encode("".join(text_of(value) + ending for value in values))


def _values(call: CmdletCall) -> list[object]:
    given = call.pipeline if call.piped and not call.given("Value") else [call.get("Value")]
    return [one for value in given for one in elements(value)]


def _write(call: CmdletCall, *, append: bool) -> None:
    engine = engine_of(call)
    is_bytes = call.text("Encoding").lower() == "byte"
    encoding = ANSI if is_bytes else _encoding(call, ANSI)
    for path in [text_of(one) for one in elements(call.get("LiteralPath", call.get("Path")))]:
        full = engine.files.full(path)
        with file_errors(call, full):
            real = engine.host.path(full)
            begins = not append or not real.exists() or real.stat().st_size == 0
            mark = encoding.preamble if begins and not is_bytes else b""
            with real.open("ab" if append else "wb") as file:
                file.write(mark + _raw(call, _values(call), encoding))


@cmdlet(
    "Set-Content",
    positional=["Path:string[]", "Value"],
    named=[*_PATHS, "Encoding:string"],
    switches=["Force", "NoNewline"],
    pipeline="Value",
    should_process=True,
)
def set_content(call: CmdletCall) -> None:
    """Write a file; in the ANSI code page unless -Encoding says otherwise."""
    _write(call, append=False)


@cmdlet(
    "Add-Content",
    positional=["Path:string[]", "Value"],
    named=[*_PATHS, "Encoding:string"],
    switches=["Force", "NoNewline"],
    pipeline="Value",
    should_process=True,
)
def add_content(call: CmdletCall) -> None:
    """Add to a file."""
    _write(call, append=True)


@cmdlet("Clear-Content", positional=["Path:string[]"], named=_PATHS, switches=["Force"], pipeline="Path")
def clear_content(call: CmdletCall) -> None:
    """Empty files."""
    for path in existing(call):
        with file_errors(call, path):
            engine_of(call).host.path(path).write_bytes(b"")


@cmdlet(
    "Out-File",
    positional=["FilePath:string", "Encoding:string"],
    named=["LiteralPath:string", "InputObject", "Width:int"],
    switches=["Append", "Force", "NoNewline", "NoClobber"],
    aliases={"Path": "FilePath"},
    pipeline="InputObject",
)
def out_file(call: CmdletCall) -> None:
    """Write objects as the console shows them; in UTF-16 unless -Encoding says otherwise."""
    engine = engine_of(call)
    if call.switch("NoClobber"):
        raise Unsupported("Out-File -NoClobber")
    full = engine.files.full(call.text("LiteralPath") or call.text("FilePath"))
    encoding = _encoding(call, UNICODE)
    ending = "" if call.switch("NoNewline") else "\r\n"
    text = "".join(line + ending for item in call.items("InputObject") for line in display(item))
    with file_errors(call, full):
        real = engine.host.path(full)
        begins = not call.switch("Append") or not real.exists()
        with real.open("ab" if call.switch("Append") else "wb") as file:
            file.write((encoding.preamble if begins else b"") + encoding.encode(text))


@cmdlet("Get-FileHash", positional=["Path:string[]"], named=[*_PATHS, "Algorithm:string"], pipeline="Path")
def get_file_hash(call: CmdletCall) -> Iterator[object]:
    """The digest of files, in upper-case hexadecimal digits."""
    algorithm = call.text("Algorithm", "SHA256").upper()
    if algorithm not in ("SHA256", "SHA512", "SHA384", "SHA1", "MD5"):
        raise Unsupported(f"Get-FileHash -Algorithm {algorithm}")
    for path in existing(call):
        with file_errors(call, path), engine_of(call).host.path(path).open("rb") as file:
            digest = hashlib.file_digest(file, algorithm.lower()).hexdigest().upper()
            yield _hash_object(algorithm, digest, path)


def _hash_object(algorithm: str, digest: str, path: str) -> object:
    properties = {"Algorithm": algorithm, "Hash": digest, "Path": path}
    return PSObject(properties, type_name="Microsoft.Powershell.Utility.FileHash")


CMDLETS = (get_content, set_content, add_content, clear_content, out_file, get_file_hash)

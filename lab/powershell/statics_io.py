"""Static members for paths, the console, the environment, addresses, hashes and time."""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from collections.abc import Callable
from pathlib import PureWindowsPath
from typing import TYPE_CHECKING

from lab.powershell.convert import elements, integer, number
from lab.powershell.encodings import Encoding
from lab.powershell.errors import Unsupported
from lab.powershell.faults import NetFault
from lab.powershell.reader import TextWriter
from lab.powershell.statics import NetStatics
from lab.powershell.statics_files import Files
from lab.powershell.streams import stream_reader
from lab.powershell.text import format_string, text_of
from lab.powershell.values import NOTHING, Computed, PSObject, Version

if TYPE_CHECKING:
    from lab.powershell.commands import CommandRunner


def _combine(*parts: object) -> str:
    made = ""
    for part in (text_of(one) for one in parts):
        rooted = part.startswith("\\") or part[1:2] == ":"
        made = part if rooted or not made else f"{made.rstrip(chr(92))}\\{part}" if part else made
    return made


def _paths(engine: CommandRunner) -> NetStatics:
    def pure(path: object) -> PureWindowsPath:
        return PureWindowsPath(text_of(path))

    def temporary() -> str:
        return (engine.host.environment().get("TEMP") or r"C:\Windows\Temp").rstrip("\\") + "\\"

    def temporary_file() -> str:
        path = f"{temporary()}tmp{secrets.token_hex(4)}.tmp"
        engine.files.real(path).touch()
        return path

    return NetStatics(
        "System.IO.Path",
        {
            "combine": _combine,
            "getfilename": lambda path: text_of(path).replace("/", "\\").rpartition("\\")[2],
            "getdirectoryname": lambda path: str(pure(path).parent),
            "getextension": lambda path: pure(path).suffix,
            "getfilenamewithoutextension": lambda path: pure(path).stem,
            "getfullpath": lambda path: engine.files.full(text_of(path)),
            "getpathroot": lambda path: pure(path).anchor,
            "ispathrooted": lambda path: bool(pure(path).anchor),
            "changeextension": lambda path, suffix: str(pure(path).with_suffix("." + text_of(suffix).lstrip("."))),
            "gettemppath": temporary,
            "getrandomfilename": lambda: f"{secrets.token_hex(4)}.{secrets.token_hex(2)[:3]}",
            "gettempfilename": temporary_file,
        },
        {"directoryseparatorchar": lambda: "\\", "pathseparator": lambda: ";"},
    )


def _console(engine: CommandRunner) -> NetStatics:
    def compose(arguments: tuple[object, ...]) -> str:
        if len(arguments) > 1:
            return format_string(text_of(arguments[0]), list(arguments[1:]))
        return "".join(text_of(one) for one in arguments)

    out = TextWriter(engine.out, compose)
    err = TextWriter(engine.err, compose)

    def set_encoding(value: object) -> None:
        if not isinstance(value, Encoding):
            raise NetFault("Value cannot be null.", "System.ArgumentNullException")
        engine.output_encoding = value

    def get_encoding() -> object:
        return engine.output_encoding

    return NetStatics(
        "System.Console",
        {"write": out.write, "writeline": out.write_line, "readline": engine.stdin.read_line},
        {
            "in": lambda: engine.stdin,
            "out": lambda: out,
            "error": lambda: err,
            "outputencoding": get_encoding,
            "isinputredirected": lambda: True,
            "isoutputredirected": lambda: True,
        },
        {"outputencoding": set_encoding, "inputencoding": lambda _: None},
    )


def _environment(engine: CommandRunner) -> NetStatics:
    def scoped(target: tuple[object, ...]) -> None:
        if target and text_of(target[0]).lower() != "process":
            raise Unsupported(f"environment variables of scope {text_of(target[0])} on this host")

    def get(name: object, *target: object) -> object:
        scoped(target)
        return engine.host.environment().get(text_of(name))

    def put(name: object, value: object, *target: object) -> object:
        scoped(target)
        engine.set_variable("env", text_of(name), value)
        return NOTHING

    def variable(name: str) -> Callable[[], object]:
        return lambda: engine.host.environment().get(name)

    version = PSObject(
        {"Version": Version(10, 0, 20348, 0), "Platform": "Win32NT"},
        type_name="System.OperatingSystem",
        text="Microsoft Windows NT 10.0.20348.0",
    )
    return NetStatics(
        "System.Environment",
        {"getenvironmentvariable": get, "setenvironmentvariable": put},
        {
            "machinename": variable("COMPUTERNAME"),
            "username": variable("USERNAME"),
            "newline": lambda: "\r\n",
            "osversion": lambda: version,
            "is64bitoperatingsystem": lambda: True,
            "is64bitprocess": lambda: True,
            "processorcount": lambda: 2,
            "systemdirectory": lambda: r"C:\Windows\system32",
        },
    )


def _parse_address(text: object) -> object:
    try:
        return ipaddress.ip_address(text_of(text))
    except ValueError as error:
        raise NetFault("An invalid IP address was specified.", "System.FormatException") from error


def _addresses() -> NetStatics:
    def make(raw: object) -> object:
        return ipaddress.ip_address(bytes(integer(one) for one in elements(raw)))

    def constant(text: str) -> Callable[[], object]:
        return lambda: ipaddress.ip_address(text)

    known = {"any": "0.0.0.0", "loopback": "127.0.0.1", "broadcast": "255.255.255.255"}  # noqa: S104 - a constant of .NET
    return NetStatics(
        "System.Net.IPAddress",
        {"parse": _parse_address},
        {name: constant(text) for name, text in known.items()},
        constructor=make,
    )


def _hashes() -> list[NetStatics]:
    def algorithm(name: str) -> NetStatics:
        def compute(raw: object) -> bytearray:
            return bytearray(hashlib.new(name, bytes(integer(one) for one in elements(raw))).digest())

        full = f"System.Security.Cryptography.{name.upper()}"

        def make() -> PSObject:
            return PSObject(type_name=full, methods={"ComputeHash": compute, "Dispose": lambda: NOTHING})

        return NetStatics(full, {"create": make}, constructor=make)

    return [algorithm(name) for name in ("sha256", "sha512")]


def _clocks(engine: CommandRunner) -> list[NetStatics]:
    def start() -> PSObject:
        began = [engine.host.now()]

        def elapsed() -> object:
            return engine.host.now() - began[0]

        def restart() -> object:
            began[0] = engine.host.now()
            return NOTHING

        return PSObject(
            {
                "Elapsed": Computed(elapsed),
                "ElapsedMilliseconds": Computed(lambda: int((engine.host.now() - began[0]).total_seconds() * 1000)),
            },
            type_name="System.Diagnostics.Stopwatch",
            methods={"Restart": restart},
        )

    def pause(milliseconds: object) -> object:
        engine.host.sleep(float(number(milliseconds)) / 1000)
        return NOTHING

    return [
        NetStatics("System.Diagnostics.Stopwatch", {"startnew": start}),
        NetStatics("System.Threading.Thread", {"sleep": pause}),
    ]


def io_types(engine: CommandRunner) -> list[NetStatics]:
    """The types of this module."""
    return [
        *Files(engine).types(),
        stream_reader(),
        _paths(engine),
        _console(engine),
        _environment(engine),
        _addresses(),
        *_hashes(),
        *_clocks(engine),
    ]

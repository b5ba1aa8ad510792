"""The .NET types that are about a machine: processes, file locks, machine environment, HNS through P/Invoke."""

from __future__ import annotations

import fcntl
import hashlib
import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from lab.powershell.faults import NetFault
from lab.powershell.host import StaticType
from lab.powershell.streams import FileStream
from lab.powershell.values import NOTHING, PSObject
from lab.windows import features
from lab.windows.folder import HOME
from lab.windows.loopback import ask
from lab.windows.registry import EXPAND_SZ, SZ
from lab.windows.sockets import socket_types
from lab.windows.starting import process_object, start

if TYPE_CHECKING:
    from lab.windows.machine import WindowsMachine

HNS_TYPE = "Casement.Hns"
# The one C# source that is modelled, without its white space: whoever changes it changes the model too.
HNS_SOURCE = "af23069d64a913ab12773e1da648f98e"
_ENVIRONMENT = r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment"


def source_digest(source: str) -> str:
    """Return 32 hexadecimal digits that change with anything but white space in a C# source."""
    return hashlib.sha256(re.sub(r"\s+", "", source).encode()).hexdigest()[:32]


def static_types(machine: WindowsMachine) -> dict[str, StaticType]:
    """Return the types by their full names."""
    made = [_start_info(), _process(machine), _file(machine), _environment(machine), _hns(machine), _random()]
    return {one.name: one for one in [*made, *socket_types()]}


def _start_info() -> StaticType:
    def make(program: object = "", arguments: object = "") -> PSObject:
        properties: dict[str, object] = {
            "FileName": program, "Arguments": arguments, "WorkingDirectory": "", "UseShellExecute": True,
            "RedirectStandardInput": False, "RedirectStandardOutput": False, "RedirectStandardError": False,
        }  # fmt: skip
        return PSObject(properties, type_name="System.Diagnostics.ProcessStartInfo")

    return StaticType("System.Diagnostics.ProcessStartInfo", constructor=make)


def _process(machine: WindowsMachine) -> StaticType:
    def begin(info: object) -> PSObject:
        if not isinstance(info, PSObject):
            raise NetFault("Value cannot be null.", "System.ArgumentNullException")
        given = info.properties
        if given["RedirectStandardOutput"] or given["RedirectStandardError"] or given["UseShellExecute"]:
            raise NetFault(
                "the lab's model of Process.Start redirects standard input only", "System.NotSupportedException"
            )
        try:
            started = start(
                machine, str(given["FileName"]), str(given["Arguments"]),
                directory=str(given["WorkingDirectory"]) or HOME, feed=bool(given["RedirectStandardInput"]),
            )  # fmt: skip
        except FileNotFoundError as error:
            raise NetFault(
                "The system cannot find the file specified", "System.ComponentModel.Win32Exception"
            ) from error
        return process_object(started)

    return StaticType("System.Diagnostics.Process", {"Start": begin})


def _file(machine: WindowsMachine) -> StaticType:
    def open_file(path: object, mode: object, access: object, share: object) -> object:
        """Open a file that no other process may open meanwhile, or one that others write, to read or empty it."""
        way = (str(mode), str(access), str(share))
        if way == ("Open", "Read", "ReadWrite, Delete"):
            return FileStream(machine.path(str(path)), str(path))
        if way == ("Open", "Write", "ReadWrite"):
            return _shared(machine.path(str(path)))
        if way != ("OpenOrCreate", "ReadWrite", "None"):
            raise NetFault(f"File.Open({mode}, {access}, {share}) is not modelled", "System.NotSupportedException")
        return _exclusive(machine.path(str(path)), str(path))

    return StaticType("System.IO.File", {"Open": open_file})


def _exclusive(path: Path, shown: str) -> PSObject:
    """Return an open file through which nothing is read or written."""
    file = path.open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.close()
        message = f"The process cannot access the file '{shown}' because it is being used by another process."
        raise NetFault(message, "System.IO.IOException") from error

    def close() -> object:
        file.close()
        return NOTHING

    return PSObject(type_name="System.IO.FileStream", methods={"Dispose": close, "Close": close})


def _shared(path: Path) -> PSObject:
    """Return a file that is there as a stream that can be cut off at a length."""
    if not path.exists():
        raise NetFault(f"Could not find file '{path.name}'.", "System.IO.FileNotFoundException")
    file = path.open("r+b")

    def cut(length: object) -> object:
        file.truncate(int(str(length)))
        return NOTHING

    def close() -> object:
        file.close()
        return NOTHING

    return PSObject(type_name="System.IO.FileStream", methods={"SetLength": cut, "Dispose": close, "Close": close})


def _environment(machine: WindowsMachine) -> StaticType:
    def read(name: object, scope: object = "Process") -> object:
        if str(scope).lower() == "process":
            return machine.environment().get(str(name))
        found = machine.registry.values(_ENVIRONMENT).get(str(name).lower())
        return None if found is None else found.data

    def write(name: object, value: object, scope: object = "Process") -> object:
        if str(scope).lower() == "process":
            if value is None:
                machine.environment().pop(str(name), None)
            else:
                machine.environment()[str(name)] = str(value)
        elif value is None:
            machine.registry.delete(_ENVIRONMENT, str(name))
        else:
            machine.registry.set(_ENVIRONMENT, str(name), EXPAND_SZ if "%" in str(value) else SZ, str(value))
        return NOTHING

    return StaticType("System.Environment", {"GetEnvironmentVariable": read, "SetEnvironmentVariable": write})


def _random() -> StaticType:
    def make() -> PSObject:
        return PSObject(type_name="System.Security.Cryptography.RNGCryptoServiceProvider", methods={"GetBytes": fill})

    def fill(room: object) -> object:
        if not isinstance(room, bytearray):
            raise NetFault("Value cannot be null.", "System.ArgumentNullException")
        room[:] = secrets.token_bytes(len(room))
        return NOTHING

    return StaticType("System.Security.Cryptography.RandomNumberGenerator", {"Create": make})


def _hns(machine: WindowsMachine) -> StaticType:
    def call(method: object, path: object, body: object) -> object:
        if not features.installed(machine.folder, "Containers"):
            message = "Unable to load DLL 'vmcompute.dll': The specified module could not be found."
            raise NetFault(message, "System.DllNotFoundException")
        answer = ask("HNSCall", f"{method} {path}\n{body}")
        if answer.result:
            raise NetFault(
                f"Exception from HRESULT: 0x{answer.result:08X}", "System.Runtime.InteropServices.COMException"
            )
        return answer.text

    return StaticType(HNS_TYPE, {"Call": call})

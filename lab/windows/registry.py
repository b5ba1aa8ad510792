r"""The registry of a Windows host: Wine's own, read and written value by value (``c/reg.c``)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lab.windows.folder import HostFolder
from lab.windows.wine import run_windows_program

FILE_NOT_FOUND = 2
SZ, EXPAND_SZ, BINARY, DWORD, MULTI_SZ, QWORD = 1, 2, 3, 4, 7, 11
KINDS = {
    "string": SZ,
    "expandstring": EXPAND_SZ,
    "binary": BINARY,
    "dword": DWORD,
    "multistring": MULTI_SZ,
    "qword": QWORD,
}
"""PowerShell's words for the types of values."""
Data = str | int | bytes | list[str]
_ROOTS = re.compile(
    r"^(?:Microsoft\.PowerShell\.Core\\)?(?:Registry::)?(HKLM|HKEY_LOCAL_MACHINE|HKCU|HKEY_CURRENT_USER):?\\?",
    re.IGNORECASE,
)

_BOOT_ID = re.compile(rb'^"BootId"=dword:[0-9a-f]{8}$', re.MULTILINE)


class RegistryError(Exception):
    """The registry refused; ``code`` is the Win32 error."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(f"registry error {code}")


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a key: its name in its own case, its type and what it holds."""

    name: str
    kind: int
    data: Data


def write_boot_id(folder: HostFolder, number: int) -> None:
    """Write the number of a boot into the registry of a host on which nothing runs; Windows' kernel does so."""
    hive = folder.prefix / "system.reg"
    text, found = _BOOT_ID.subn(b'"BootId"=dword:%08x' % number, hive.read_bytes())
    if found != 1:
        raise ValueError(f"{hive} has {found} values BootId")
    hive.write_bytes(text)


def key_name(path: str) -> str:
    r"""Return ``HKLM\...`` for a path of PowerShell's (``HKLM:\...``, ``Registry::HKEY_LOCAL_MACHINE\...``).

    Raises ValueError for another hive.
    """
    found = _ROOTS.match(path)
    if found is None:
        raise ValueError(f"{path} is in no hive that the lab's hosts have")
    hive = "HKCU" if found[1].upper() in ("HKCU", "HKEY_CURRENT_USER") else "HKLM"
    return hive + "\\" + path[found.end() :].strip("\\/").replace("/", "\\")


def decode(kind: int, raw: bytes) -> Data:
    """Return what the bytes of a value of this type mean."""
    if kind in (DWORD, QWORD):
        return int.from_bytes(raw, "little")
    if kind in (SZ, EXPAND_SZ):
        return raw.decode("utf-16-le").rstrip("\0")
    if kind == MULTI_SZ:
        text = raw.decode("utf-16-le")
        return [part for part in text.split("\0") if part]
    return raw


def encode(kind: int, data: Data) -> bytes:
    """Return the bytes of a value of this type. Raises ValueError when the data cannot be of it."""
    if kind in (DWORD, QWORD) and isinstance(data, int):
        return data.to_bytes(4 if kind == DWORD else 8, "little")
    if kind in (SZ, EXPAND_SZ) and isinstance(data, str):
        return (data + "\0").encode("utf-16-le")
    if kind == MULTI_SZ and isinstance(data, list):
        return "".join(part + "\0" for part in [*data, ""]).encode("utf-16-le")
    if kind == BINARY and isinstance(data, bytes):
        return data
    raise ValueError(f"{data!r} is no registry value of type {kind}")


class Registry:
    r"""The registry of one host; keys are named as ``HKLM\...``. Every method raises RegistryError when refused."""

    def __init__(self, folder: HostFolder) -> None:
        self._folder = folder

    def _ask(self, *words: str) -> list[str]:
        _, said, _ = run_windows_program(self._folder, "labreg.exe", words)
        # Now and then an empty line stands among what a program prints in Wine: when a service has been taken away.
        lines = [line for line in said.decode("utf-8", "replace").splitlines() if line.strip()]
        if lines and lines[-1].startswith("ERROR "):
            raise RegistryError(int(lines[-1].split()[1]))
        return lines

    def values(self, key: str) -> Mapping[str, Value]:
        """Return the values of a key by their names in lower case."""
        found = {}
        for line in self._ask("get", key):
            name, *rest = line.split("\t")
            if len(rest) != 2:
                raise ValueError(f"labreg.exe said what is no value: {line!r}")
            kind, data = rest
            found[name.lower()] = Value(name, int(kind), decode(int(kind), bytes.fromhex(data)))
        return found

    def exists(self, key: str) -> bool:
        """Return whether there is such a key."""
        try:
            self._ask("get", key)
        except RegistryError as error:
            if error.code != FILE_NOT_FOUND:
                raise
            return False
        return True

    def set(self, key: str, name: str, kind: int, data: Data) -> None:
        """Set a value, making the key where it is missing."""
        self._ask("set", key, name, str(kind), encode(kind, data).hex())

    def make(self, key: str) -> None:
        """Make a key; nothing to do when it is there."""
        self._ask("make", key)

    def delete(self, key: str, name: str | None = None) -> None:
        """Take away a value, or the key with all below it."""
        self._ask("delete", key, *([] if name is None else [name]))

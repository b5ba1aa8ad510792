"""The objects scripts handle: properties and keys without regard to case, as in PowerShell.

Null is `None`; strings, doubles and booleans are Python's; an array is a `list`, a byte array a `bytearray`, a date
a `datetime`, a time span a `timedelta`. An `int` stands for Int32, or for Int64 when it does not fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Final
from zlib import crc32

Method = Callable[..., object]


class Nothing:
    """AutomationNull: the value of a command without output. Null everywhere, but no element in a pipeline."""

    def __repr__(self) -> str:
        return "NOTHING"


NOTHING: Final = Nothing()


def is_null(value: object) -> bool:
    """Whether the script sees `$null`."""
    return value is None or value is NOTHING


class Properties(MutableMapping[str, object]):
    """An ordered mapping whose keys are compared without regard to case and keep the case they were made with."""

    def __init__(self, values: Mapping[str, object] | Iterable[tuple[str, object]] = ()) -> None:
        self._entries: dict[str, tuple[str, object]] = {}
        for key, value in dict(values).items():
            self[key] = value

    def __getitem__(self, key: str) -> object:
        return self._entries[key.lower()][1]

    def __setitem__(self, key: str, value: object) -> None:
        name = self._entries[key.lower()][0] if key.lower() in self._entries else key
        self._entries[key.lower()] = (name, value)

    def __delitem__(self, key: str) -> None:
        del self._entries[key.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter([name for name, _ in self._entries.values()])

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key.lower() in self._entries


class PSObject:
    """An object with properties: `[pscustomobject]`, or what a machine's cmdlet returns.

    `type_name` is its .NET name, `methods` what a script may call on it, `text` its string form. `read_only` names
    the properties an assignment is refused for.
    """

    def __init__(
        self,
        properties: Mapping[str, object] | None = None,
        *,
        type_name: str = "System.Management.Automation.PSCustomObject",
        methods: Mapping[str, Method] | None = None,
        text: str | None = None,
        read_only: Iterable[str] = (),
    ) -> None:
        self.properties = Properties(properties or {})
        self.type_name = type_name
        self.methods: dict[str, Method] = {name.lower(): method for name, method in (methods or {}).items()}
        self.text = text
        self.read_only = frozenset(name.lower() for name in read_only)

    def __repr__(self) -> str:
        return f"PSObject({dict(self.properties)!r}, type_name={self.type_name!r})"


@dataclass(frozen=True)
class Computed:
    """A property whose value is worked out at each reading; put it among the properties of a `PSObject`."""

    read: Callable[[], object]


class Hashtable(MutableMapping[object, object]):
    """`@{}`, or `[ordered]@{}`; string keys without regard to case.

    A plain hashtable is walked in an order that is fixed but not that of its making, as on Windows, so that a script
    that relies on the order is found out.
    """

    def __init__(self, values: Mapping[str, object] | None = None, *, ordered: bool = False) -> None:
        self.ordered = ordered
        self._entries: dict[object, tuple[object, object]] = {}
        for key, value in (values or {}).items():
            self[key] = value

    @staticmethod
    def _normal(key: object) -> object:
        return key.lower() if isinstance(key, str) else key

    def __getitem__(self, key: object) -> object:
        return self._entries[self._normal(key)][1]

    def __setitem__(self, key: object, value: object) -> None:
        normal = self._normal(key)
        name = self._entries[normal][0] if normal in self._entries else key
        self._entries[normal] = (name, value)

    def __delitem__(self, key: object) -> None:
        del self._entries[self._normal(key)]

    def __iter__(self) -> Iterator[object]:
        keys = [name for name, _ in self._entries.values()]
        if self.ordered:
            return iter(keys)
        return iter(sorted(keys, key=lambda key: crc32(str(key).lower().encode())))

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: object) -> bool:
        return self._normal(key) in self._entries


class GenericList(list[object]):
    """A list that grows: ArrayList and List[T]."""


class Char(str):
    """One UTF-16 unit."""

    __slots__ = ()


class FileLine(str):
    """What Get-Content gives: a string with properties of its own, which ConvertTo-Json of 5.1 writes as an object."""

    __slots__ = ()


class EnumValue(str):
    """A member of a .NET enumeration: compares as its name, converts to its number, is a number in JSON."""

    type_name: str
    number: int

    def __new__(cls, name: str, number: int, type_name: str) -> EnumValue:
        """Make the member `name` of the enumeration `type_name`."""
        made = super().__new__(cls, name)
        made.number = number
        made.type_name = type_name
        return made


class SizedInteger(int):
    """An integer of another size than Int32; `type_name` is UInt32, Byte and so on. Arithmetic gives plain numbers."""

    type_name: str

    def __new__(cls, value: int, type_name: str) -> SizedInteger:
        """Make `value` an instance of `System.<type_name>`."""
        made = super().__new__(cls, value)
        made.type_name = type_name
        return made


@dataclass(frozen=True)
class NetType:
    """A .NET type as a value: `[int]`."""

    full_name: str

    @property
    def name(self) -> str:
        """The name without its namespace."""
        return self.full_name.rpartition(".")[2]

    def __str__(self) -> str:
        return self.full_name


@dataclass(frozen=True, order=True)
class Version:
    """`[version]`; parts that were not given are -1."""

    major: int
    minor: int
    build: int = -1
    revision: int = -1

    def __str__(self) -> str:
        return ".".join(str(part) for part in (self.major, self.minor, self.build, self.revision) if part >= 0)


@dataclass
class NetException:
    """A .NET exception as a script sees it through `$_.Exception`."""

    message: str
    type_name: str = "System.Exception"
    inner: NetException | None = None
    data: dict[str, object] = field(default_factory=dict)


@dataclass
class ErrorRecord:
    """`$_` in a `catch`: the exception, where it happened and what it was about. Its text is the message."""

    exception: NetException
    error_id: str = "RuntimeException"
    category: str = "NotSpecified"
    target: object = None
    position: str = ""
    script: str = ""
    line: int = 0
    source: str = ""
    activity: str = ""

    def __str__(self) -> str:
        return self.exception.message

"""The .NET types by name: short names, full names, enumerations, and who else knows types."""

from __future__ import annotations

import re
from collections.abc import Callable

from lab.powershell.errors import Unsupported
from lab.powershell.faults import AUTOMATION, BASES
from lab.powershell.syntax import TypeName
from lab.powershell.text import text_of
from lab.powershell.values import EnumValue, NetException

INTEGERS = {
    "System.Byte": (8, False),
    "System.SByte": (8, True),
    "System.Int16": (16, True),
    "System.UInt16": (16, False),
    "System.Int32": (32, True),
    "System.UInt32": (32, False),
    "System.Int64": (64, True),
    "System.UInt64": (64, False),
}

ACCELERATORS = {
    "int": "System.Int32",
    "long": "System.Int64",
    "bool": "System.Boolean",
    "float": "System.Single",
    "switch": f"{AUTOMATION}.SwitchParameter",
    "hashtable": "System.Collections.Hashtable",
    "ordered": "System.Collections.Specialized.OrderedDictionary",
    "pscustomobject": f"{AUTOMATION}.PSCustomObject",
    "psobject": f"{AUTOMATION}.PSCustomObject",
    "scriptblock": f"{AUTOMATION}.ScriptBlock",
    "regex": "System.Text.RegularExpressions.Regex",
    "ipaddress": "System.Net.IPAddress",
    "type": "System.Type",
    "arraylist": "System.Collections.ArrayList",
}

_PLAIN = {
    *INTEGERS,
    "System.String",
    "System.Boolean",
    "System.Char",
    "System.Double",
    "System.Single",
    "System.Decimal",
    "System.Object",
    "System.Array",
    "System.Void",
    "System.Enum",
    "System.DateTime",
    "System.TimeSpan",
    "System.Guid",
    "System.Uri",
    "System.Version",
    "System.Collections.IEnumerable",
    "System.Collections.IDictionary",
    "System.Collections.IList",
    "System.Collections.DictionaryEntry",
    f"{AUTOMATION}.ErrorRecord",
    f"{AUTOMATION}.ValidateSetAttribute",
    *ACCELERATORS.values(),
    *BASES,
    "System.Exception",
}

# Types that have static members or constructors here (statics*.py).
_WITH_STATICS = {
    "System.Array",
    "System.BitConverter",
    "System.Byte",
    "System.Char",
    "System.Collections.ArrayList",
    "System.Collections.Generic.List`1",
    "System.Collections.Hashtable",
    "System.Console",
    "System.Convert",
    "System.DateTime",
    "System.Diagnostics.Stopwatch",
    "System.Double",
    "System.Environment",
    "System.Guid",
    "System.IO.Directory",
    "System.IO.File",
    "System.IO.Path",
    "System.IO.StreamReader",
    "System.Int16",
    "System.Int32",
    "System.Int64",
    "System.Math",
    "System.Net.IPAddress",
    "System.Object",
    "System.SByte",
    "System.Security.Cryptography.SHA256",
    "System.Security.Cryptography.SHA512",
    "System.String",
    "System.Text.ASCIIEncoding",
    "System.Text.Encoding",
    "System.Text.RegularExpressions.Regex",
    "System.Text.UTF8Encoding",
    "System.Text.UnicodeEncoding",
    "System.Threading.Thread",
    "System.TimeSpan",
    "System.UInt16",
    "System.UInt32",
    "System.UInt64",
    "System.Version",
}

_GENERIC = {
    "System.Collections.Generic.List": "System.Collections.Generic.List`1",
    "System.Collections.Generic.Dictionary": "System.Collections.Generic.Dictionary`2",
    "System.Collections.Generic.HashSet": "System.Collections.Generic.HashSet`1",
    "System.Nullable": "System.Nullable`1",
}

_NAMES = {name.lower(): name for name in [*_PLAIN, *_WITH_STATICS, *_GENERIC, *_GENERIC.values()]}


# Enumerations whose members scripts name; anything else names them as strings.
ENUMS: dict[str, tuple[str, ...]] = {
    "System.StringComparison": (
        "CurrentCulture",
        "CurrentCultureIgnoreCase",
        "InvariantCulture",
        "InvariantCultureIgnoreCase",
        "Ordinal",
        "OrdinalIgnoreCase",
    ),
    "System.StringSplitOptions": ("None", "RemoveEmptyEntries"),
    "System.EnvironmentVariableTarget": ("Process", "User", "Machine"),
    "System.DateTimeKind": ("Unspecified", "Utc", "Local"),
    "System.MidpointRounding": ("ToEven", "AwayFromZero"),
    "System.IO.FileMode": ("", "CreateNew", "Create", "Open", "OpenOrCreate", "Truncate", "Append"),
    "System.IO.FileAccess": ("", "Read", "Write", "ReadWrite"),
    "System.IO.FileShare": ("None", "Read", "Write", "ReadWrite", "Delete"),
}
_NAMES.update({name.lower(): name for name in ENUMS})
_PROVIDERS: list[Callable[[], list[str]]] = []


def ask(provider: Callable[[], list[str]]) -> None:
    """Name the one who is asked for further types: the host of the current run, whose types may come later."""
    _PROVIDERS[:] = [provider]


def enum_member(type_name: str, name: str) -> EnumValue:
    """A member of a known enumeration."""
    members = ENUMS[type_name]
    at = next(index for index, member in enumerate(members) if member.lower() == name.lower())
    return EnumValue(members[at], at, type_name)


def new_exception(type_name: str, arguments: list[object]) -> NetException | None:
    """A new .NET exception with a message and perhaps an inner one; None when the type is no exception."""
    if type_name != "System.Exception" and type_name not in BASES:
        return None
    inner = arguments[1] if len(arguments) > 1 and isinstance(arguments[1], NetException) else None
    message = text_of(arguments[0]) if arguments else f"Exception of type '{type_name}' was thrown."
    return NetException(message, type_name, inner)


def resolve(name: str) -> str:
    """The full name of a type, or Unsupported."""
    lowered = name.lower()
    if lowered in ACCELERATORS:
        return ACCELERATORS[lowered]
    for candidate in (lowered, f"system.{lowered}", f"{AUTOMATION}.{name}".lower()):
        if candidate in _NAMES:
            return _NAMES[candidate]
        for provided in (one for provider in _PROVIDERS for one in provider()):
            if provided.lower() == candidate:
                return provided
    raise Unsupported(f"the .NET type [{name}]")


def full_name(name: TypeName) -> str:
    """The full name of a type as written, with arguments and brackets."""
    made = resolve(name.name)
    if name.arguments:
        made = _GENERIC.get(made, made) + "[" + ",".join(full_name(one) for one in name.arguments) + "]"
    return made + ("[]" if name.array else "")


def parse_type_name(text: str) -> TypeName:
    """A type name given as a string: `System.Collections.Generic.List[string]`."""
    found = re.fullmatch(r"\s*([\w.`]+)(?:\[([\w.,\s`]+)\])?(\[\])?\s*", text)
    if not found:
        raise Unsupported(f"the .NET type [{text}]")
    arguments = tuple(parse_type_name(part) for part in (found[2] or "").split(",") if part)
    return TypeName(found[1], arguments, bool(found[3]))

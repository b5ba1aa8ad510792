"""JSON as 5.1 reads and writes it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from lab.powershell.cmdlet import CmdletCall, cmdlet
from lab.powershell.errors import Unsupported
from lab.powershell.faults import fault
from lab.powershell.members import properties_of
from lab.powershell.text import LOCAL, text_of
from lab.powershell.values import EnumValue, FileLine, Hashtable, NetType, PSObject, Version, is_null


def _read(value: object) -> object:
    if isinstance(value, dict):
        made = PSObject()
        for key, item in value.items():
            if key in made.properties:
                raise fault(f"Cannot convert the JSON string because it has duplicated keys '{key}'.", "DuplicateKeys")
            made.properties[key] = _read(item)
        return made
    if isinstance(value, list):
        return [_read(item) for item in value]
    return value


@cmdlet("ConvertFrom-Json", positional=["InputObject"], pipeline="InputObject", mandatory=["InputObject"])
def convert_from_json(call: CmdletCall) -> Iterator[object]:
    """Read JSON. An array comes out as one object; piped lines are one text."""
    text = "\n".join(text_of(item) for item in call.items("InputObject"))
    try:
        parsed = json.loads(text, parse_float=float)
    except ValueError as error:
        raise fault(
            f"Invalid JSON primitive: {text.strip()[:20]}.",
            "System.ArgumentException,Microsoft.PowerShell.Commands.ConvertFromJsonCommand",
            type_name="System.ArgumentException",
            category="NotSpecified",
        ) from error
    yield _read(parsed)


def _plain(value: object, depth: int) -> object:  # noqa: PLR0911 - one rule per kind of value
    """The value as Python's JSON writer takes it; below the depth it becomes its text, as in 5.1."""
    if is_null(value):
        return None
    if isinstance(value, EnumValue):
        return value.number
    if isinstance(value, FileLine):
        raise Unsupported("what Get-Content gives in ConvertTo-Json, where 5.1 writes an object; cast it to [string]")
    if isinstance(value, bool | str | int | float):
        return value
    if isinstance(value, datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=LOCAL)
        return f"/Date({int(moment.timestamp() * 1000)})/"
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, bytearray | list):
        return [_plain(item, depth - 1) for item in value] if depth >= 0 else text_of(value)
    if isinstance(value, Hashtable | PSObject):
        return (
            {name: _plain(item, depth - 1) for name, item in properties_of(value).items()}
            if depth >= 0
            else text_of(value)
        )
    if isinstance(value, Version | timedelta | NetType):
        raise Unsupported(f"a {type(value).__name__} in ConvertTo-Json; make it a string")
    return text_of(value)


_DATE = re.compile(r'"/Date\(-?\d+\)/"')


def _written(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    if _DATE.fullmatch(text):
        text = text.replace("/", "\\/")
    # 5.1 escapes these, whatever is around them.
    for character in "<>&'":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _indented(value: object, indent: str) -> str:
    """The layout of 5.1: members stand below their opening bracket."""
    if isinstance(value, dict) and value:
        inner = indent + "    "
        body = []
        for name, item in value.items():
            key = _written(name)
            body.append(f"{inner}{key}:  {_indented(item, inner + ' ' * (len(key) + 3))}")
        return "{\r\n" + ",\r\n".join(body) + f"\r\n{indent}}}"
    if isinstance(value, list) and value:
        inner = indent + "    "
        return "[\r\n" + ",\r\n".join(inner + _indented(item, inner) for item in value) + f"\r\n{indent}]"
    return _written(value)


@cmdlet(
    "ConvertTo-Json", positional=["InputObject"], named=["Depth:int"], switches=["Compress"], pipeline="InputObject"
)
def convert_to_json(call: CmdletCall) -> Iterator[object]:
    """Write JSON: several piped objects become an array, one does not."""
    if call.piped and not call.given("InputObject"):
        value: object = call.pipeline[0] if len(call.pipeline) == 1 else list(call.pipeline)
    else:
        value = call.get("InputObject")
    plain = _plain(value, call.integer("Depth", 2))
    if call.switch("Compress"):
        yield _compressed(plain)
    else:
        yield _indented(plain, "")


def _compressed(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{_written(name)}:{_compressed(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_compressed(item) for item in value) + "]"
    return _written(value)


CMDLETS = (convert_from_json, convert_to_json)

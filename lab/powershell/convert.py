"""Values as truth, numbers, dates and elements: the conversions PowerShell makes by itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import isfinite

from lab.powershell.faults import AUTOMATION, fault
from lab.powershell.scanner import parse_number
from lab.powershell.text import text_of
from lab.powershell.values import NOTHING, Char, EnumValue, Hashtable, Nothing, Version, is_null

Number = int | float | Decimal


def is_array(value: object) -> bool:
    """Whether a value is a list to the language: comparison filters it, a pipeline takes it apart."""
    return isinstance(value, list | bytearray)


def elements(value: object) -> list[object]:
    """What a pipeline makes of a value: the elements of an array, nothing, or the value itself."""
    if isinstance(value, Nothing):
        return []
    if isinstance(value, list | bytearray):
        return list(value)
    return [value]


def collected(items: list[object]) -> object:
    """What a pipeline's output is as a value: nothing, the one object, or an array."""
    if not items:
        return NOTHING
    return items[0] if len(items) == 1 else items


def truth(value: object) -> bool:
    """The value as a condition."""
    if is_null(value):
        return False
    if isinstance(value, list | bytearray):
        return truth(value[0]) if len(value) == 1 else len(value) > 0
    if isinstance(value, str | int | float | Decimal):
        return bool(value)
    return True


def cannot_convert(value: object, type_name: str, reason: str = "") -> Exception:
    """The error of a conversion that failed."""
    detail = f' Error: "{reason}"' if reason else ""
    return fault(
        f'Cannot convert value "{text_of(value)}" to type "{type_name}".{detail}',
        "InvalidCastFromStringToInteger" if isinstance(value, str) else "ConvertToFinalInvalidCastException",
        type_name=f"{AUTOMATION}.PSInvalidCastException",
        category="InvalidArgument",
    )


def number(value: object) -> Number:
    """The value as an operand of arithmetic."""
    if is_null(value):
        return 0
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, EnumValue):
        return value.number
    if isinstance(value, int | float | Decimal):
        return value
    if isinstance(value, Char):
        return ord(value)
    if isinstance(value, str):
        return _parsed(value)
    raise cannot_convert(value, "System.Int32")


def _parsed(text: str) -> Number:
    stripped = text.strip()
    if not stripped:
        return 0
    sign = -1 if stripped.startswith("-") else 1
    parsed = parse_number(stripped.lstrip("+-"))
    if parsed is None:
        raise cannot_convert(text, "System.Int32", "Input string was not in a correct format.")
    return sign * parsed


def integer(value: object, type_name: str = "System.Int32", bits: int = 32, *, signed: bool = True) -> int:
    """The value as an integer of a size; a fraction is rounded half to even."""
    parsed = number(value)
    if not isfinite(parsed):
        raise cannot_convert(value, type_name, "Value was either too large or too small.")
    whole = round(parsed)
    low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
    if not low <= whole <= high:
        raise cannot_convert(value, type_name, f"Value was either too large or too small for {type_name}.")
    return whole


def version(value: object) -> Version:
    """The value as a `[version]`."""
    if isinstance(value, Version):
        return value
    found = re.fullmatch(r"\s*(\d+)\.(\d+)(?:\.(\d+)(?:\.(\d+))?)?\s*", text_of(value))
    if not found:
        raise cannot_convert(value, "System.Version", "Version string portion was too short or too long.")
    return Version(*(int(part) for part in found.groups() if part is not None))


def date(value: object) -> datetime:
    """The value as a `[datetime]`; a text with an offset becomes local time."""
    if isinstance(value, datetime):
        return value
    parsed = parse_date(text_of(value))
    if parsed is None:
        raise cannot_convert(value, "System.DateTime", "String was not recognized as a valid DateTime.")
    return parsed


def parse_date(text: str) -> datetime | None:
    """A date in ISO 8601 or in the invariant culture's order, or None."""
    from lab.powershell.text import LOCAL  # noqa: PLC0415

    trimmed = re.sub(r"(\.\d{6})\d+", r"\1", text.strip())
    try:
        made = datetime.fromisoformat(trimmed)
    except ValueError:
        return _american(trimmed)
    return made if made.tzinfo is None else made.astimezone(UTC).replace(tzinfo=LOCAL)


def _american(text: str) -> datetime | None:
    for pattern in ("%m/%d/%Y %H:%M:%S", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M", "%m/%d/%Y"):
        try:
            return datetime.strptime(text, pattern)
        except ValueError:
            continue
    return None


def timespan(value: object) -> timedelta:
    """The value as a `[timespan]`: an integer is a number of ticks of 100 ns."""
    if isinstance(value, timedelta):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return timedelta(microseconds=value / 10)
    parsed = parse_timespan(text_of(value))
    if parsed is None:
        raise cannot_convert(value, "System.TimeSpan", "String was not recognized as a valid TimeSpan.")
    return parsed


def parse_timespan(text: str) -> timedelta | None:
    """`[-][d.]hh:mm[:ss[.fffffff]]` or a number of days, or None."""
    found = re.fullmatch(r"\s*(-?)(?:(\d+)\.)?(\d+):(\d+)(?::(\d+)(\.\d+)?)?\s*|\s*(-?)(\d+)\s*", text)
    if not found:
        return None
    if found[8] is not None:
        return timedelta(days=int(found[7] + found[8]))
    days, hours, minutes, seconds = (int(found[index] or 0) for index in (2, 3, 4, 5))
    if hours > 23 or minutes > 59 or seconds > 59:
        return None
    made = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds + float(found[6] or 0))
    return -made if found[1] else made


def hashtable(value: object) -> Hashtable:
    """The value as a `[hashtable]`."""
    if isinstance(value, Hashtable):
        return value
    raise cannot_convert(value, "System.Collections.Hashtable")


Converter = Callable[[object], object]

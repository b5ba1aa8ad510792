"""Values as text: what `"$value"` gives, and `-f` with .NET format strings."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from math import isinf, isnan

from lab.powershell.errors import Unsupported
from lab.powershell.faults import fault
from lab.powershell.values import (
    Hashtable,
    NetException,
    PSObject,
    is_null,
)

# The host's clock has no offset; a local time differs from a UTC one by how it is written.
LOCAL = timezone(timedelta(0), "local")

_ITEM = re.compile(r"\{\{|\}\}|\{(\d+)(?:,(-?\d+))?(?::([^{}]*))?\}|[{}]")
_DATE = re.compile(
    r"'([^']*)'|\"([^\"]*)\"|\\(.)|%(.)|(yyyy|yy|M{1,4}|d{1,4}|HH?|hh?|mm?|ss?|f{1,7}|F{1,7}|tt?|z{1,3}|K)|(.)"
)
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def text_of(value: object) -> str:  # noqa: PLR0911 - one rule per kind of value
    """The string a value becomes in `"$value"` (invariant culture)."""
    if is_null(value):
        return ""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, float):
        return _double(value)
    if isinstance(value, list | bytearray):
        return " ".join(text_of(item) for item in value)
    if isinstance(value, datetime):
        return value.strftime("%m/%d/%Y %H:%M:%S")
    if isinstance(value, timedelta):
        return timespan_text(value)
    return _object_text(value)


def _object_text(value: object) -> str:
    if isinstance(value, Hashtable):
        return "System.Collections.Specialized.OrderedDictionary" if value.ordered else "System.Collections.Hashtable"
    if isinstance(value, PSObject):
        if value.text is not None:
            return value.text
        if not value.type_name.endswith(".PSCustomObject"):
            return value.type_name
        return "@{" + "; ".join(f"{name}={text_of(item)}" for name, item in value.properties.items()) + "}"
    if isinstance(value, NetException):
        return f"{value.type_name}: {value.message}"
    return str(value)


def _double(value: float) -> str:
    if isnan(value):
        return "NaN"
    if isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return f"{value:.15g}".replace("e", "E")


def timespan_text(value: timedelta) -> str:
    """`[-][d.]hh:mm:ss[.fffffff]`."""
    sign = "-" if value < timedelta(0) else ""
    value = abs(value)
    hours, rest = divmod(value.seconds, 3600)
    days = f"{value.days}." if value.days else ""
    fraction = f".{value.microseconds:06d}0" if value.microseconds else ""
    return f"{sign}{days}{hours:02d}:{rest // 60:02d}:{rest % 60:02d}{fraction}"


def format_string(template: str, arguments: list[object]) -> str:
    """`template -f arguments`."""

    def fill(found: re.Match[str]) -> str:
        if found.group() in ("{{", "}}"):
            return found.group()[0]
        if found[1] is None or int(found[1]) >= len(arguments):
            reason = (
                "Index (zero based) must be greater than or equal to zero and less than the size of the argument list."
            )
            if found[1] is None:
                reason = "Input string was not in a correct format."
            raise fault(f"Error formatting a string: {reason}", "FormatError")
        shown = format_value(arguments[int(found[1])], found[3] or "")
        width = int(found[2] or 0)
        return shown.ljust(-width) if width < 0 else shown.rjust(width)

    return _ITEM.sub(fill, template)


def format_value(value: object, spec: str) -> str:
    """One value under one format specifier; refuses those it does not know."""
    if isinstance(value, datetime):
        return format_date(value, spec or "G")
    if not spec or is_null(value) or isinstance(value, str | bool):
        return text_of(value)
    if isinstance(value, int | float | Decimal):
        return _format_number(value, spec)
    if isinstance(value, timedelta):
        return _format_timespan(value, spec)
    raise Unsupported(f"the format '{spec}' for this type")


def _format_number(value: float | Decimal, spec: str) -> str:  # noqa: PLR0911 - one rule per specifier
    found = re.fullmatch(r"([A-Za-z])(\d*)", spec)
    if not found:
        return _custom_number(value, spec)
    letter, digits = found[1], int(found[2]) if found[2] else None
    kind = letter.upper()
    if kind == "N":
        return f"{value:,.{2 if digits is None else digits}f}"
    if kind == "F":
        return f"{value:.{2 if digits is None else digits}f}"
    if kind == "P":
        return f"{value * 100:,.{2 if digits is None else digits}f} %"
    if kind == "D" and isinstance(value, int):
        return ("-" if value < 0 else "") + f"{abs(value):0{digits or 1}d}"
    if kind == "X" and isinstance(value, int):
        shown = f"{value if value >= 0 else value + (1 << 32):0{digits or 1}x}"
        return shown.upper() if letter == "X" else shown
    if kind in "GR" and digits is None:
        return text_of(value)
    raise Unsupported(f"the number format '{spec}'")


def _custom_number(value: float | Decimal, spec: str) -> str:
    found = re.fullmatch(r"(?P<group>#,##)?(?P<whole>#?0*)(?:\.(?P<fixed>0*)(?P<free>#*))?", spec)
    if not found:
        raise Unsupported(f"the number format '{spec}'")
    fixed, free = len(found["fixed"] or ""), len(found["free"] or "")
    shown = f"{abs(value):{',' if found['group'] else ''}.{fixed + free}f}"
    whole, _, fraction = shown.partition(".")
    whole = whole.zfill(found["whole"].count("0"))
    while len(fraction) > fixed and fraction.endswith("0"):
        fraction = fraction[:-1]
    return ("-" if value < 0 else "") + whole + (f".{fraction}" if fraction else "")


def _offset(value: datetime) -> str:
    if value.tzinfo is None:
        return ""
    return "Z" if value.tzinfo is UTC else "+00:00"


_STANDARD_DATES = {
    "s": "yyyy-MM-ddTHH:mm:ss",
    "u": "yyyy-MM-dd HH:mm:ss'Z'",
    "d": "M/d/yyyy",
    "D": "dddd, MMMM d, yyyy",
    "t": "h:mm tt",
    "T": "h:mm:ss tt",
    "g": "M/d/yyyy h:mm tt",
    "G": "M/d/yyyy h:mm:ss tt",
    "R": "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
    "r": "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
    "o": "yyyy-MM-ddTHH:mm:ss.fffffffK",
    "O": "yyyy-MM-ddTHH:mm:ss.fffffffK",
}


def format_date(value: datetime, spec: str) -> str:
    """A date under a standard (one letter) or custom format."""
    if len(spec) == 1:
        if spec not in _STANDARD_DATES:
            raise Unsupported(f"the date format '{spec}'")
        spec = _STANDARD_DATES[spec]

    def fill(found: re.Match[str]) -> str:
        quoted, doubled, escaped, single, token, other = found.groups()
        token = token or single
        if token is None:
            return next(part for part in (quoted, doubled, escaped, other) if part is not None)
        return _date_token(value, token)

    return _DATE.sub(fill, spec)


def _date_token(value: datetime, token: str) -> str:
    fraction = f"{value.microsecond:06d}0"
    if token[0] == "f":
        return fraction[: len(token)]
    if token[0] == "F":
        return fraction[: len(token)].rstrip("0")
    if token == "K":  # noqa: S105 - a part of a date format
        return _offset(value)
    if token[0] == "z":
        return {1: "+0", 2: "+00", 3: "+00:00"}[len(token)]
    tokens = {
        "yyyy": f"{value.year:04d}",
        "yy": f"{value.year % 100:02d}",
        "MMMM": _MONTHS[value.month - 1],
        "MMM": _MONTHS[value.month - 1][:3],
        "dddd": _DAYS[value.weekday()],
        "ddd": _DAYS[value.weekday()][:3],
        "tt": "AM" if value.hour < 12 else "PM",
        "t": "A" if value.hour < 12 else "P",
    }
    if token in tokens:
        return tokens[token]
    numbers = {"M": value.month, "d": value.day, "H": value.hour, "m": value.minute, "s": value.second}
    number = numbers[token[0]] if token[0] in numbers else (value.hour % 12 or 12)
    return f"{number:0{len(token)}d}"


def _format_timespan(value: timedelta, spec: str) -> str:
    if spec in ("c", "t", "T"):
        return timespan_text(value)
    seconds = abs(value).seconds
    parts = {"d": abs(value).days, "h": seconds // 3600, "m": seconds // 60 % 60, "s": seconds % 60}
    fraction = f"{abs(value).microseconds:06d}0"

    def fill(found: re.Match[str]) -> str:
        quoted, escaped, token, other = found.groups()
        if other is not None:
            raise Unsupported(f"the time span format '{spec}'")
        if token is None:
            return quoted if quoted is not None else str(escaped)
        if token[0] == "f":
            return fraction[: len(token)]
        return f"{parts[token[0]]:0{len(token)}d}"

    return re.sub(r"'([^']*)'|\\(.)|(d{1,8}|hh?|mm?|ss?|f{1,7})|(.)", fill, spec)

"""Members of `System.DateTime` and `System.TimeSpan`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from lab.powershell.convert import number, timespan
from lab.powershell.operators import subtract
from lab.powershell.text import LOCAL
from lab.powershell.values import EnumValue

Members = Mapping[str, Callable[..., object]]

_EPOCH = datetime(1, 1, 1)
_TICK = timedelta(microseconds=1)


def _ticks(value: datetime) -> int:
    return (value.replace(tzinfo=None) - _EPOCH) // _TICK * 10


def kind(value: datetime) -> EnumValue:
    """Unspecified, Utc or Local."""
    order = 0 if value.tzinfo is None else 1 if value.tzinfo is UTC else 2
    return EnumValue(("Unspecified", "Utc", "Local")[order], order, "System.DateTimeKind")


def _adder(unit: str) -> Callable[[datetime, object], datetime]:
    return lambda value, amount: value + timedelta(**{unit: float(number(amount))})


def _weekday(value: datetime) -> EnumValue:
    at = (value.weekday() + 1) % 7
    names = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
    return EnumValue(names[at], at, "System.DayOfWeek")


DATE_PROPERTIES: Members = {
    "year": lambda value: value.year,
    "month": lambda value: value.month,
    "day": lambda value: value.day,
    "hour": lambda value: value.hour,
    "minute": lambda value: value.minute,
    "second": lambda value: value.second,
    "millisecond": lambda value: value.microsecond // 1000,
    "ticks": _ticks,
    "kind": kind,
    "date": lambda value: value.replace(hour=0, minute=0, second=0, microsecond=0),
    "timeofday": lambda value: value - value.replace(hour=0, minute=0, second=0, microsecond=0),
    "dayofweek": _weekday,
}
DATE_METHODS: Members = {
    "addseconds": _adder("seconds"),
    "addminutes": _adder("minutes"),
    "addhours": _adder("hours"),
    "adddays": _adder("days"),
    "addmilliseconds": _adder("milliseconds"),
    "add": lambda value, span: value + timespan(span),
    "subtract": subtract,
    "touniversaltime": lambda value: value.replace(tzinfo=UTC),
    "tolocaltime": lambda value: value.replace(tzinfo=LOCAL),
}


def _whole(value: timedelta, unit: timedelta, wrap: int) -> int:
    count = abs(value) // unit % wrap
    return -count if value < timedelta(0) else count


SPAN_PROPERTIES: Members = {
    "days": lambda value: _whole(value, timedelta(days=1), 1 << 40),
    "hours": lambda value: _whole(value, timedelta(hours=1), 24),
    "minutes": lambda value: _whole(value, timedelta(minutes=1), 60),
    "seconds": lambda value: _whole(value, timedelta(seconds=1), 60),
    "milliseconds": lambda value: _whole(value, timedelta(milliseconds=1), 1000),
    "ticks": lambda value: value // _TICK * 10,
    "totaldays": lambda value: value / timedelta(days=1),
    "totalhours": lambda value: value / timedelta(hours=1),
    "totalminutes": lambda value: value / timedelta(minutes=1),
    "totalseconds": lambda value: value / timedelta(seconds=1),
    "totalmilliseconds": lambda value: value / timedelta(milliseconds=1),
}
SPAN_METHODS: Members = {
    "add": lambda value, other: value + timespan(other),
    "subtract": subtract,
    "negate": lambda value: -value,
    "duration": abs,
}

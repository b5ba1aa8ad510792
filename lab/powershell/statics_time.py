"""Static members of `[datetime]` and `[timespan]`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from lab.powershell.convert import date, integer, number, parse_date, parse_timespan
from lab.powershell.errors import Unsupported
from lab.powershell.faults import NetFault
from lab.powershell.host import Host
from lab.powershell.statics import NetStatics
from lab.powershell.text import LOCAL, text_of


def _new_date(*parts: object) -> datetime:
    numbers = [integer(part) for part in parts[:6]]
    zone = {"utc": UTC, "local": LOCAL}.get(text_of(parts[6]).lower()) if len(parts) > 6 else None
    return datetime(*numbers, tzinfo=zone)  # type: ignore[misc, arg-type] # up to six numbers, then the zone


def _parse_date(text: object) -> datetime:
    parsed = parse_date(text_of(text))
    if parsed is None:
        raise NetFault("String was not recognized as a valid DateTime.", "System.FormatException")
    return parsed


def _parse_span(text: object) -> timedelta:
    parsed = parse_timespan(text_of(text))
    if parsed is None:
        raise NetFault("String was not recognized as a valid TimeSpan.", "System.FormatException")
    return parsed


def _dates(host: Host) -> NetStatics:
    return NetStatics(
        "System.DateTime",
        {
            "parse": _parse_date,
            "compare": lambda left, right: (date(left) > date(right)) - (date(left) < date(right)),
        },
        {
            "utcnow": lambda: host.now().astimezone(UTC),
            "now": lambda: host.now().astimezone(LOCAL),
            "today": lambda: host.now().astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0),
            "minvalue": lambda: datetime(1, 1, 1),
            "maxvalue": lambda: datetime(9999, 12, 31, 23, 59, 59, 999999),
        },
        constructor=_new_date,
    )


def _span_of(unit: str) -> Callable[[object], timedelta]:
    return lambda amount: timedelta(**{unit: float(number(amount))})


def _new_span(*parts: object) -> timedelta:
    numbers = [integer(part) for part in parts]
    if len(numbers) == 3:
        numbers = [0, *numbers]
    if len(numbers) != 4:
        raise Unsupported("this constructor of [timespan]")
    return timedelta(days=numbers[0], hours=numbers[1], minutes=numbers[2], seconds=numbers[3])


_SPANS = NetStatics(
    "System.TimeSpan",
    {
        "fromseconds": _span_of("seconds"),
        "fromminutes": _span_of("minutes"),
        "fromhours": _span_of("hours"),
        "fromdays": _span_of("days"),
        "frommilliseconds": _span_of("milliseconds"),
        "parse": _parse_span,
    },
    {"zero": timedelta, "maxvalue": lambda: timedelta(days=10675199, hours=2, minutes=48, seconds=5)},
    constructor=_new_span,
)


def time_types(host: Host) -> list[NetStatics]:
    """The types of this module."""
    return [_SPANS, _dates(host)]

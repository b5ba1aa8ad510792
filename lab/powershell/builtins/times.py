"""Dates and waiting."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from lab.powershell.builtins.shared import engine_of
from lab.powershell.cmdlet import CmdletCall, cmdlet
from lab.powershell.convert import date, number
from lab.powershell.text import LOCAL, format_date


@cmdlet("Start-Sleep", positional=["Seconds"], named=["Milliseconds"], aliases={"s": "Seconds", "m": "Milliseconds"})
def start_sleep(call: CmdletCall) -> None:
    """Wait."""
    milliseconds = call.get("Milliseconds")
    seconds = float(number(call.get("Seconds"))) if milliseconds is None else float(number(milliseconds)) / 1000
    call.host.sleep(seconds)


@cmdlet("Get-Date", positional=["Date"], named=["Format:string"])
def get_date(call: CmdletCall) -> Iterator[object]:
    """Now, or another moment, perhaps as text."""
    moment = date(call.get("Date")) if call.given("Date") else engine_of(call).host.now().astimezone(LOCAL)
    yield format_date(moment, call.text("Format")) if call.given("Format") else moment


@cmdlet("New-TimeSpan", positional=["Start", "End"], named=["Days", "Hours", "Minutes", "Seconds"])
def new_time_span(call: CmdletCall) -> Iterator[object]:
    """A length of time, or the time between two moments."""
    if call.given("Start"):
        end = date(call.get("End")) if call.given("End") else engine_of(call).host.now()
        yield end.replace(tzinfo=None) - date(call.get("Start")).replace(tzinfo=None)
        return
    units = {name: float(number(call.get(name, 0))) for name in ("Days", "Hours", "Minutes", "Seconds")}
    yield timedelta(days=units["Days"], hours=units["Hours"], minutes=units["Minutes"], seconds=units["Seconds"])


CMDLETS = (start_sleep, get_date, new_time_span)

"""The event logs of a Windows host, as ``wevtutil.exe query-events`` shows them in text."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from lab.windows.folder import HostFolder

SYSTEM = "System"
_LOGS = re.compile(
    r"System|Application|Security|Microsoft-Windows-(Hyper-V-(Compute|VmSwitch)|Host-Network-Service)-\w+",
    re.IGNORECASE,
)
_NO_SUCH_CHANNEL = 15007
_WANTED = re.compile(r"EventID=(\d+)")
_KEPT = "events"
_UNEXPECTED = "The previous system shutdown was unexpected."


def record_event(
    folder: HostFolder, log: str, source: str, *, number: int, text: str, level: str = "Information"
) -> None:
    """Add an event to a log."""
    event = {"log": log, "source": source, "id": number, "level": level, "text": text}
    with folder.changing(_KEPT, []) as events:
        events.append({**event, "time": datetime.now(UTC).isoformat(timespec="milliseconds")})


def record_boot(folder: HostFolder) -> None:
    """Tell of the start of the host, and of the end before it when that was none of its own doing."""
    before = [event["id"] for event in folder.read(_KEPT, []) if event["log"] == SYSTEM]
    if 6005 in before and [number for number in before if number in (6005, 6006)][-1] == 6005:
        record_event(folder, SYSTEM, "EventLog", number=6008, text=_UNEXPECTED, level="Error")
    record_event(folder, SYSTEM, "EventLog", number=6005, text="The Event log service was started.")


def query_events(folder: HostFolder, computer: str, arguments: list[str]) -> tuple[int, str, str]:
    """Return exit code, stdout and stderr of ``wevtutil.exe qe LOG /q:QUERY /c:N /rd:true /f:text``.

    The query is ``*``, or names event ids joined by "or".
    """
    words = dict(word[1:].partition(":")[::2] for word in arguments[2:])
    if arguments[:1] != ["qe"] or set(words) != {"q", "c", "rd", "f"} or (words["rd"], words["f"]) != ("true", "text"):
        return 87, "", "wevtutil.exe with these parameters is not modelled\r\n"
    log = arguments[1]
    if not _LOGS.fullmatch(log):
        return _NO_SUCH_CHANNEL, "", "Failed to read events.\r\nThe specified channel could not be found.\r\n"
    wanted = {int(number) for number in _WANTED.findall(words["q"])}
    found = [
        event
        for event in reversed(folder.read(_KEPT, []))
        if event["log"].lower() == log.lower() and (not wanted or event["id"] in wanted)
    ]
    shown = (
        f"Event[{place}]\r\n  Log Name: {event['log']}\r\n  Source: {event['source']}\r\n  Date: {event['time']}\r\n"
        f"  Event ID: {event['id']}\r\n  Task: N/A\r\n  Level: {event['level']}\r\n  Opcode: N/A\r\n"
        f"  Keyword: Classic\r\n  User: N/A\r\n  User Name: N/A\r\n  Computer: {computer}\r\n"
        f"  Description: \r\n{event['text']}\r\n\r\n"
        for place, event in enumerate(found[: int(words["c"])])
    )
    return 0, "".join(shown), ""

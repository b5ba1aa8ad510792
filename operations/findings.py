"""What was found to be other than it was made, and how it is shown."""

from __future__ import annotations

import difflib
import os
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

_RED, _GREEN, _BOLD, _PLAIN = "\033[31m", "\033[32m", "\033[1m", "\033[0m"
_CONTEXT = 1
_LONG = 100


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as the stack file and the program make it."""

    place: str
    """The node it was found on, or ``cluster``."""
    kind: str
    """What kind of thing it is: ``service``, ``file``, ``firewall``, ``annotation``, ..."""
    name: str
    wanted: str
    found: str
    repair: str | None = None
    """Name of the resource whose step puts it right when it runs again; None where no step does."""
    remedy: str = ""
    """What puts it right, where no step does."""


def shown(findings: Iterable[Finding], *, colours: bool) -> Iterator[str]:
    """Yield the findings as lines for a terminal, by place, each as a unified diff of wanted and found."""
    place = ""
    for finding in findings:
        if finding.place != place:
            place = finding.place
            yield f"{_BOLD}{place}{_PLAIN}" if colours else place
        by = f"repaired by {finding.repair}" if finding.repair else finding.remedy
        yield f"  {finding.kind} {finding.name} ({by})"
        yield from (f"    {_coloured(line) if colours else line}" for line in _difference(finding))


def _difference(finding: Finding) -> list[str]:
    wanted, found = _lines(finding.wanted), _lines(finding.found)
    lines = difflib.unified_diff(wanted, found, "wanted", "found", n=_CONTEXT, lineterm="")
    # The two heads say what is obvious for a text of one line.
    return list(lines)[2 if max(len(wanted), len(found)) > 1 else 3 :]


def _lines(text: str) -> list[str]:
    """Return a text by lines; a long command line by its parameters."""
    lines = text.splitlines()
    if len(lines) == 1 and len(text) > _LONG:
        return re.split(r" (?=-)", text)
    return lines


def _coloured(line: str) -> str:
    colour = {"-": _RED, "+": _GREEN}.get(line[:1])
    return f"{colour}{line}{_PLAIN}" if colour else line


def terminal_has_colours() -> bool:
    """Tell whether to colour: on a terminal, unless NO_COLOR says otherwise."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def as_json(findings: Iterable[Finding]) -> list[dict[str, object]]:
    """Return the findings for a program to read."""
    return [asdict(finding) for finding in findings]

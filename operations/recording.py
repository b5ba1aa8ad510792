"""Repairs as they are written into a stack file, which keeps its comments and its shape."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import yaml

from operations.findings import Finding
from operations.problem import OperationError

_KEY = "repairs"
_LONGEST = 160
_FOLLOWED_BY = {
    "containers-feature-installed": ("restarted", "restart-proven"),
    "flannel-installed": ("flannel-started", "flannel-announced"),
    "flannel-started": ("flannel-announced",),
}
"""Steps that must run again after another one, because they bring about or await what it has begun."""


def repairs_of(findings: Iterable[Finding], now: datetime | None = None) -> dict[str, str]:
    """Return what to record of findings: for each step that puts something right, when it was found and what it is.

    With the time in it a step that drifts again runs again.
    """
    when = f"{(now or datetime.now(UTC)):%Y-%m-%dT%H:%M:%SZ}"
    found: dict[str, list[str]] = {}
    for finding in findings:
        if finding.repair:
            for name in (finding.repair, *_followers(finding.repair)):
                found.setdefault(name, []).append(f"{finding.kind} {finding.name}")
    return {name: _shortened(f"{when} {', '.join(what)}") for name, what in sorted(found.items())}


def _followers(name: str) -> list[str]:
    return [
        name.removesuffix(first) + follower
        for first, followers in _FOLLOWED_BY.items()
        if name.endswith(f"-{first}")
        for follower in followers
    ]


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 4] + " ..."


def record_repairs(path: Path, project: str, repairs: Mapping[str, str]) -> None:
    """Put repairs into a stack file: in place of those of the same steps, beside those of others.

    Raises OperationError, and leaves the file alone, when that cannot be done without touching anything else.
    """
    text = path.read_text(encoding="utf-8")
    before = yaml.safe_load(text)
    name = f"{project}:{_KEY}"
    known = before["config"].get(name) or {}
    block = yaml.safe_dump({name: {**known, **repairs}}, sort_keys=True, width=10_000, allow_unicode=True)
    changed = _with_block(text, name, block)
    wanted = {**before, "config": {**before["config"], name: {**known, **repairs}}}
    if not _says(changed, wanted):
        raise OperationError(
            f"{path.name} is written in a way that {_KEY} cannot be put into", remedy=f"write it in by hand:\n{block}"
        )
    path.write_text(changed, encoding="utf-8")


def _says(text: str, wanted: object) -> bool:
    try:
        return bool(yaml.safe_load(text) == wanted)
    except yaml.YAMLError:
        return False


def _with_block(text: str, name: str, block: str) -> str:
    """Return the stack file with this block under ``config:``, in place of the one of that name or as the last."""
    lines = text.splitlines(keepends=True)
    start = next(place for place, line in enumerate(lines) if re.match(r"config:\s*(#.*)?$", line))
    end = next((place for place in range(start + 1, len(lines)) if re.match(r"[^\s#]", lines[place])), len(lines))
    inside = lines[start + 1 : end]
    indent = next((line[: len(line) - len(line.lstrip())] for line in inside if re.match(r"\s+[^\s#]", line)), "  ")
    new = [f"{indent}{line}" for line in block.splitlines(keepends=True)]
    here = next(
        (place for place, line in enumerate(inside) if re.match(rf"{indent}['\"]?{re.escape(name)}\b", line)), None
    )
    if here is None:
        last = max((place for place, line in enumerate(inside, 1) if line[:1].isspace() and line.strip()), default=0)
        return "".join([*lines[: start + 1], *_ended(inside[:last]), *new, *inside[last:], *lines[end:]])
    # Blank lines within it belong to it, those behind it do not.
    deeper = [place for place in range(here + 1, len(inside)) if inside[place].strip()]
    outside = next((place for place in deeper if not inside[place].startswith(f"{indent} ")), len(inside))
    after = max((place + 1 for place in deeper if place < outside), default=here + 1)
    return "".join([*lines[: start + 1], *inside[:here], *new, *inside[after:], *lines[end:]])


def _ended(lines: list[str]) -> list[str]:
    """Return the lines with an end on the last one, which a file may lack."""
    return [*lines[:-1], lines[-1].rstrip("\n") + "\n"] if lines else []

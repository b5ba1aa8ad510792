"""Where the time of one ``pulumi up`` goes: a picture, and what its longest chain is made of."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

from operations.command import DONE, PROBLEMS, Command, Request
from operations.critical_path import CriticalPath, critical_path, waits
from operations.gantt import clock, gantt
from operations.moments import Moment, moments
from operations.problem import OperationError
from operations.timeline import Timeline, timeline
from operations.traced_up import traced_up
from plan.columns import aligned

_MOST = 10


def summary(run: Timeline, path: CriticalPath) -> list[str]:
    """Return what there is to say of a run in a few lines."""
    remote = f"{clock(path.remote)} of it work on machines and in Kubernetes"
    ratio = f"; the run took {path.ratio:.2f} times that" if path.ratio else ""
    spent = ", ".join(f"{kind} {seconds:.1f} s" for kind, seconds in path.spent.items())
    return [
        f"{clock(run.seconds)} for {sum(not work.idle for work in run.works)} steps, at most {_at_once(run)} at once",
        f"its longest chain has {len(path.links)} steps, {remote}{ratio}",
        f"along the chain: {spent}",
    ]


def _at_once(run: Timeline) -> int:
    works = [work for work in run.works if not work.idle]
    # What ends makes room for what begins at the same time.
    turns = sorted([(work.begin, 1) for work in works] + [(work.end, -1) for work in works])
    return max(accumulate(change for _, change in turns), default=0)


def table(path: CriticalPath) -> list[str]:
    """Return the steps of the chain that cost most, as a table in plain text."""
    rows = [("seconds", "step", "spent on")]
    for link in path.costliest(_MOST):
        spent = ", ".join(f"{kind} {seconds:.1f}" for kind, seconds in link.spent() if round(seconds, 1))
        rows.append((f"{link.seconds:.1f}", link.work.name, spent))
    return aligned(rows)


def as_json(run: Timeline, path: CriticalPath) -> dict[str, Any]:
    """Return the same for a program to read; all times in seconds."""
    links = [
        {"step": link.work.name, "node": link.work.node, "seconds": link.seconds, "spent": dict(link.spent())}
        for link in path.links
    ]
    return {
        "seconds": run.seconds,
        "steps": sum(not work.idle for work in run.works),
        "atOnce": _at_once(run),
        "chain": links,
        "spent": dict(path.spent),
        "remote": path.remote,
        "ratio": path.ratio,
    }


async def _run(request: Request) -> int:
    options = request.options
    seen, code = _seen(request)
    run = timeline(seen)
    if not run.works:
        raise OperationError("nothing of a run was seen", remedy="is it what `pulumi up --json` has printed?")
    dependencies = request.stack.pulumi.dependencies()
    path = critical_path(run, dependencies)
    told = summary(run, path)
    picture = gantt(f"pulumi up of {request.stack.name}", run, path, waits(run, dependencies), told)
    options.output.write_text(picture, encoding="utf-8")
    if options.json:
        options.json.write_text(json.dumps(as_json(run, path), indent=1), encoding="utf-8")
    print("\n".join([*told, "", *table(path)]))
    print(f"{options.output}: the picture", file=sys.stderr)
    return DONE if code == 0 else PROBLEMS


def _seen(request: Request) -> tuple[Sequence[Moment], int]:
    """Return what happened, and how the run ended."""
    file: Path | None = request.options.events
    if file is None:
        return traced_up(request.stack.pulumi, request.options.yes)
    try:
        return tuple(moments(_lines(file))), 0
    except OSError as error:
        what = f"{file} cannot be read: {error.strerror}"
        raise OperationError(what, remedy="name a file with what `pulumi up --json` has printed") from None


def _lines(file: Path) -> Iterator[str]:
    with file.open(encoding="utf-8") as lines:
        yield from lines


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--events", type=Path, metavar="FILE", help="run nothing; draw what `pulumi up --json >FILE` has written"
    )
    parser.add_argument("--output", type=Path, default=Path("trace.svg"), metavar="FILE", help="default: %(default)s")
    parser.add_argument("--yes", action="store_true", help="do not ask before the run, and show no preview")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the chain for a program to read")


COMMAND = Command("trace", "run `pulumi up`, and draw what its time is spent on", _run, _declare, dials=False)

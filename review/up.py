"""``python -m review up``: what will be done is shown and asked about, and then followed node by node."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown
from rich.markup import escape

from operations.command import DONE, PROBLEMS
from operations.engine import PulumiStack
from operations.problem import OperationError
from review import engine
from review.events import Events
from review.model import Review
from review.progress import Progress, State
from review.progress_view import View, lasted
from review.sections import table, verdict
from review.state_at_end import lost_if_killed, worth_it
from review.understand import understand

_MOST_ROWS = 60
_NOBODY_TO_ASK = 2
"""Exit code of pulumi itself where it must ask and cannot."""
_INTERRUPTED = 130
_AT_ONCE = 2
"""Resources worked on at once, for each machine: its own steps, and those of the control plane for it."""
_MOST_REASONS = 5
_HINT = (
    "hint: with so many resources the engine is mostly busy writing the state, unless Pulumi Cloud keeps it. They are "
    "new, and could be found again: STATE_AT_END=1 (--state-at-end) has it written once, at the end (docs/scale.md)"
)
_KILLED = (
    "pulumi was killed before it had written the state: run the same again before anything else is done with this "
    "stack; what is done is found on the machines and in the cluster"
)
_QUESTION = "Do it? [b]yes[/], [b]no[/] or [b]details[/]: "


def up(options: argparse.Namespace, folder: Path, console: Console, ask: Callable[[str], str] | None = None) -> int:
    """Preview, ask, bring up and follow one stack; return pulumi's exit code, or that of the preview that failed."""
    asking = ask or console.input
    if not options.yes and ask is None and not sys.stdin.isatty():
        print("nobody can be asked here\n  remedy: say yes beforehand, with --yes (make up YES=1)", file=sys.stderr)
        return _NOBODY_TO_ASK
    try:
        return _asked_first(options, folder, console, asking)
    except KeyboardInterrupt:
        # Once it has begun this is pulumi's to answer.
        console.print("\nnothing was done")
        return _INTERRUPTED


def _asked_first(options: argparse.Namespace, folder: Path, console: Console, asking: Callable[[str], str]) -> int:
    console.print(f"previewing {options.stack}", style="dim")
    events = engine.preview(options.stack, folder, options.policy_pack, options.time_limit, refresh=options.refresh)
    review = understand(options.stack, events)
    _show(review, console)
    if not review.succeeded or review.forbidden_by:
        return PROBLEMS
    if options.state_at_end:
        if not _may_be_at_end(events, console):
            return PROBLEMS
    elif worth_it(review, events):
        console.print(_HINT, style="yellow", soft_wrap=True)
    if not options.yes and not _agreed(options, folder, asking):
        console.print("nothing was done")
        return PROBLEMS
    return _follow(options, folder, console, events, review)


def _show(review: Review, console: Console) -> None:
    parts = [verdict(review), *review.alarms, *([table(review, _MOST_ROWS)] if review.changes else [])]
    console.print(Markdown("\n\n".join(parts)))
    policies = [(each.level, f"{each.name}, of {each.of}: {each.message}") for each in review.policies]
    told = [*(("warning", text) for text in review.warnings), *policies, *(("error", text) for text in review.errors)]
    for kind, text in told:
        style = "bold red" if kind in ("error", "mandatory") else "yellow"
        console.print(f"[{style}]{kind}[/]: {escape(text)}", soft_wrap=True)


def _may_be_at_end(events: Events, console: Console) -> bool:
    """Return whether nothing could be lost by it; else say what could."""
    lost = lost_if_killed(events)
    for why in lost[:_MOST_REASONS]:
        console.print(f"[bold red]error[/]: {escape(why)}", soft_wrap=True)
    if lost:
        more = f" ({len(lost)} reasons)" if len(lost) > _MOST_REASONS else ""
        console.print(f"so the state is not written at the end{more}: do it without STATE_AT_END (--state-at-end)")
    return not lost


def _agreed(options: argparse.Namespace, folder: Path, ask: Callable[[str], str]) -> bool:
    while True:
        try:
            answer = ask(_QUESTION).strip().lower()
        except EOFError:
            return False
        if answer in ("yes", "no"):
            return answer == "yes"
        if answer == "details":
            details = ["pulumi", "preview", "--diff", "--stack", options.stack]
            more = [word for pack in options.policy_pack for word in ("--policy-pack", pack)]
            subprocess.run([*details, *more, *(["--refresh"] if options.refresh else [])], cwd=folder, check=False)


def _follow(options: argparse.Namespace, folder: Path, console: Console, events: Events, review: Review) -> int:
    progress = Progress(events, review.nodes)
    began = time.monotonic()
    with View(progress, console, every_line=options.every_line) as view:
        code = engine.up(
            options.stack,
            folder,
            options.policy_pack,
            refresh=options.refresh,
            at_once=_AT_ONCE * len(review.nodes),
            state_at_end=options.state_at_end,
            take=view.take,
            complain=lambda line: console.print(escape(line), soft_wrap=True),
        )
    done = sum(task.state is State.DONE for task in progress.tasks)
    after = f"{done} of {len(progress.tasks)} steps are done, after {lasted(time.monotonic() - began)}"
    if code == DONE:
        console.print(f"[green]{escape(options.stack)} is up[/]: {after}\n")
        _outputs(options.stack, folder, console)
        return code
    failed = [f"{row.name}: {task.step}" for row in progress.rows for task in row.failed]
    console.print(f"[bold red]{escape(options.stack)} is not up[/]: {after}; pulumi ended with {code}", soft_wrap=True)
    if failed:
        console.print(f"failed: {escape(', '.join(failed))}; each is told above with what to do", soft_wrap=True)
    if options.state_at_end and code < 0:
        console.print(_KILLED, soft_wrap=True)
    console.print("what is done stays done: when the cause is removed, run it again")
    return code


def _outputs(stack: str, folder: Path, console: Console) -> None:
    """Show the nodes as they are now."""
    try:
        found = PulumiStack(stack, folder).outputs()
    except OperationError as error:
        console.print(escape(str(error)), style="yellow", soft_wrap=True)
        return
    if found.get("nodesTable"):
        console.print(found["nodesTable"], markup=False, highlight=False, soft_wrap=True)
    console.print("\nmore: pulumi stack output", style="dim")

"""``python -m review COMMAND``: what a change will do, told where it is approved."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from config.problems import ConfigurationError
from operations.command import DONE, PROBLEMS
from operations.engine import stacks_there_are
from operations.problem import OperationError
from operations.stack import PROJECT_FOLDER
from review.drift import MARKER as DRIFT_MARKER
from review.drift import drift_text
from review.engine import preview
from review.github import AUTHOR, GitHub
from review.markdown import MARKER, comment
from review.model import Review
from review.stacks import Touched, changed_since, touched
from review.understand import understand
from review.up import up


def _preview(options: argparse.Namespace) -> int:
    asked = Touched(tuple(options.stack)) if options.stack else _touched(options.since)
    notes = [
        f"`{name}`: its file has changed, and the backend has no stack of this name: not looked at"
        for name in asked.unknown
    ]
    reviews = [_review(stack, options) for stack in asked.stacks]
    text = comment(reviews, notes)
    if options.json:
        options.json.write_text(json.dumps([review.as_json() for review in reviews], indent=1), encoding="utf-8")
    if options.output:
        options.output.write_text(text, encoding="utf-8")
    else:
        print(text)
    return DONE if all(review.succeeded for review in reviews) else PROBLEMS


def _review(stack: str, options: argparse.Namespace) -> Review:
    print(f"previewing {stack}", file=sys.stderr)
    events = preview(stack, PROJECT_FOLDER, options.policy_pack, options.time_limit)
    return understand(stack, events)


def _stacks(options: argparse.Namespace) -> int:
    found = _touched(options.since)
    print(json.dumps(found.stacks))
    return DONE


def _touched(since: str | None) -> Touched:
    stacks = stacks_there_are(PROJECT_FOLDER)
    if since is None:
        return touched(["__main__.py"], PROJECT_FOLDER, stacks)
    return touched(changed_since(since, PROJECT_FOLDER), PROJECT_FOLDER, stacks)


def _comment(options: argparse.Namespace) -> int:
    text = options.file.read_text(encoding="utf-8")
    if MARKER not in text.splitlines():
        raise OperationError(f"{options.file} is no review", remedy="make it with `python -m review preview --output`")
    print(_github(options).comment(options.pull_request, MARKER, text))
    return DONE


def _drift_issue(options: argparse.Namespace) -> int:
    found = json.loads(options.file.read_text(encoding="utf-8"))
    marker = DRIFT_MARKER.format(stack=options.stack)
    address = _github(options).issue(marker, f"Drift in {options.stack}", drift_text(options.stack, found))
    print(address or "nothing has drifted, and no issue is open")
    return DONE


def _github(options: argparse.Namespace) -> GitHub:
    token = os.environ.get("GITHUB_TOKEN")
    if not token:
        raise OperationError("GITHUB_TOKEN is not set", remedy="give the job's token to this step by `env`")
    api = os.environ.get("GITHUB_API_URL", "https://api.github.com")
    return GitHub(api, options.repository, token, options.author)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m review", description="What a change will do, for its reviewers.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    shown = commands.add_parser("preview", help="preview the stacks that a change touches, and write it down")
    shown.add_argument("--stack", action="extend", nargs="+", default=[], help="these stacks, touched or not")
    shown.add_argument("--since", metavar="COMMIT", help="what has changed since HEAD left it (default: all stacks)")
    shown.add_argument("--output", type=Path, metavar="FILE", help="where to write it (default: standard output)")
    shown.add_argument("--json", type=Path, metavar="FILE", help="the same for programs")
    shown.set_defaults(run=_preview)
    followed = commands.add_parser("up", help="bring a stack up: shown and asked about first, then followed by node")
    followed.add_argument("--stack", required=True, help="name of the stack")
    followed.add_argument("--yes", action="store_true", help="do not ask before it is done")
    followed.add_argument("--refresh", action="store_true", help="ask first what is there, as `pulumi up --refresh`")
    followed.add_argument("--every-line", action="store_true", help="print everything that the steps tell, too")
    followed.add_argument(
        "--state-at-end", action="store_true", help="write the state once, at the end: for many new nodes"
    )
    followed.set_defaults(run=lambda options: up(options, PROJECT_FOLDER, Console(highlight=False)))
    for command in (shown, followed):
        command.add_argument("--policy-pack", action="append", default=[], metavar="FOLDER", help="policies to look at")
        command.add_argument(
            "--time-limit", type=int, default=1800, metavar="SECONDS", help="for one preview (default: 1800)"
        )
    listed = commands.add_parser("stacks", help="list the stacks that a change touches, as JSON")
    listed.add_argument("--since", metavar="COMMIT", help="what has changed since HEAD left it (default: all stacks)")
    listed.set_defaults(run=_stacks)
    told = commands.add_parser("comment", help="make or change the one comment of a pull request")
    told.add_argument("--pull-request", type=int, required=True, metavar="NUMBER")
    told.set_defaults(run=_comment)
    issue = commands.add_parser("drift-issue", help="open, change or close the one issue about a stack's drift")
    issue.add_argument("--stack", required=True)
    issue.set_defaults(run=_drift_issue)
    for command, what in ((told, "a review"), (issue, "what `make drift JSON=1` printed")):
        command.add_argument("--file", type=Path, required=True, help=what)
        command.add_argument("--repository", required=True, metavar="OWNER/NAME")
        command.add_argument("--author", default=AUTHOR, help="whose texts we change (default: %(default)s)")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out a command line; return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except (OperationError, ConfigurationError) as error:
        print(error, file=sys.stderr)
        return PROBLEMS
    return code


if __name__ == "__main__":
    sys.exit(main())

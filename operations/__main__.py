"""``python -m operations COMMAND --stack NAME [--node NODE ...]``."""

from __future__ import annotations

import argparse
import asyncio
import sys

from config.problems import ConfigurationError
from operations.command import PROBLEMS, Command, Request
from operations.commands import COMMANDS
from operations.fleet import Fleet
from operations.problem import OperationError
from operations.reach import endpoints
from operations.stack import open_stack

_AT_ONCE = 8
_SECONDS = 900


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m operations", description="Everyday work on a cluster that runs.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for each in COMMANDS:
        command = commands.add_parser(each.name, help=each.summary, description=each.summary)
        command.set_defaults(chosen=each, node=[], at_once=_AT_ONCE, time_limit=_SECONDS)
        command.add_argument("--stack", required=True, help="name of the stack")
        if each.dials:
            _declare_dialling(command)
        each.declare(command)
    return parser


def _declare_dialling(command: argparse.ArgumentParser) -> None:
    command.add_argument("--node", action="extend", nargs="+", metavar="NODE", help="only these nodes (default: all)")
    command.add_argument("--at-once", type=int, metavar="N", help="nodes at a time (default: %(default)s)")
    command.add_argument(
        "--time-limit", type=int, metavar="SECONDS", help="for the work on one node (default: %(default)s)"
    )


def main(arguments: list[str] | None = None) -> int:
    """Carry out a command line; return the exit code."""
    options = _parser().parse_args(arguments)
    command: Command = options.chosen
    try:
        stack = open_stack(options.stack)
        fleet = Fleet(endpoints(stack) if command.dials else {}, options.at_once, options.time_limit)
        request = Request(stack, stack.nodes(options.node), not options.node, fleet, options)
        return asyncio.run(_run(command, request))
    except (OperationError, ConfigurationError) as error:
        print(error, file=sys.stderr)
        return PROBLEMS


async def _run(command: Command, request: Request) -> int:
    return await command.run(request)


if __name__ == "__main__":
    sys.exit(main())

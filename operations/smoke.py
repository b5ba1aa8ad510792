"""``smoke``: the smoke test that ends every ``pulumi up``, on demand; its pods are removed afterwards."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from operations.command import DONE, PROBLEMS, Command, Request
from operations.connection import UnreachableError
from operations.fleet import say_for
from operations.problem import OperationError
from operations.remote import ScriptError, reached
from plan.checks import CHECKS, by_kind
from plan.network import plan_network
from plan.verification import verification

Result = Mapping[str, Any]


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the results as JSON, by kind of check")


async def _run(request: Request) -> int:
    if not request.everything:
        raise OperationError("smoke tests all nodes together", remedy="leave --node out")
    results = await results_of(request)
    if request.options.json:
        print(json.dumps(by_kind(results), indent=2))
    else:
        print("\n".join(shown(results)))
    return PROBLEMS if any(each["ok"] is False for each in results) else DONE


async def results_of(request: Request) -> list[Result]:
    """Make every check, and return the results, failed ones too.

    Raises OperationError when the checks could not be made.
    """
    settings = request.stack.configuration.settings
    (step,) = verification(settings, plan_network(settings), ())
    node = settings.control_plane
    try:
        async with reached(node, request.fleet.endpoints[node.name], say_for(node.name)) as host:
            printed = await host.run(step)
    except UnreachableError as error:
        raise OperationError(f"{node.name}: {error}", remedy="the smoke test runs on the control plane") from None
    except ScriptError as error:
        printed = error.printed
        if not printed.strip():
            raise OperationError(str(error), remedy="see the lines above, then run it again") from None
    results: list[Result] = json.loads(printed)
    return results


def shown(results: Sequence[Result]) -> Iterator[str]:
    """Yield the results as lines for a terminal, then cause and remedy of each kind of check that has failed."""
    check_width, of_width = (max((len(each[key]) for each in results), default=0) for key in ("check", "of"))
    words = {True: "ok", False: "FAILED", None: "skipped"}
    for each in results:
        head = f"{words[each['ok']]:<7}  {each['check']:<{check_width}}  {each['of']:<{of_width}}"
        yield f"{head}  {each['seconds']:5.1f} s  {each['detail']}"
    failed = [each for each in results if each["ok"] is False]
    for name in dict.fromkeys(each["check"] for each in failed):
        yield f"\n{name}: {CHECKS[name].cause}\n  next: {CHECKS[name].remedy}"
    yield f"\n{len(failed)} of {len(results)} checks failed." if failed else f"\n{len(results)} checks, none failed."


COMMAND = Command("smoke", "prove the cluster: traffic between nodes, services, names, logs", _run, _declare)

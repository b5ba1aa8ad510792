"""What Pulumi's Python SDK does with a program of thousands of resources, put right at its beginning and its end."""

from __future__ import annotations

import asyncio
import atexit
import gc
import sys
from functools import cache
from pathlib import Path

import pulumi
from pulumi.runtime import resource, resource_cycle_breaker
from pulumi.runtime.proto import source_pb2

_MADE_BETWEEN = 100_000
_CONSTRUCTORS = 3


def without_debug_messages() -> None:
    """Keep the SDK from telling the engine what it does.

    Of each resource it says five times how far it is, and waits each time until the engine has taken that down: of a
    preview of 100 nodes nearly half of the time. What it says also holds the stack's outputs, secrets among them.
    """
    pulumi.log.debug = _unsaid


def _unsaid(*_: object, **__: object) -> None:
    """Say nothing."""


def collecting_garbage_seldom() -> None:
    """Let Python look for garbage only after many new objects.

    As it is set, it looks after every 700, and at all of a growing program again and again: a third of the processor
    time of a preview of 100 nodes. What is found there is little: memory grows by 2 %. At the end it would look through
    all of it once more, for a second; then nothing is to be found that does not end with the program.
    """
    gc.set_threshold(_MADE_BETWEEN)
    atexit.register(gc.freeze)


def any_number_of_dependencies() -> None:
    """Let chains of dependencies be as long as they are.

    Of each dependency Pulumi looks whether it closes a circle, by a generator within a generator for each resource of
    the chain behind it. Upgrades go from node to node, so that this takes a tenth of a preview of 100 nodes, a third of
    one of 300, and ends one of 400 with a RecursionError.
    """
    resource_cycle_breaker._reachable = _reachable


def telling_only_where_each_resource_is_made() -> None:
    """Let the SDK tell the engine the line of the program that makes a resource, and not all calls that led there.

    Nothing shows those calls, and their texts are a tenth of the program's time and a quarter of the state.
    """
    resource._get_stack_trace = _place


def _place() -> source_pb2.StackTrace:
    """Return the place outside of the resource's own classes, as the SDK finds it: above three constructors."""
    frame = sys._getframe(1)
    constructors = 0
    while constructors < _CONSTRUCTORS:
        constructors += frame.f_code.co_name == "__init__"
        if frame.f_back is None:
            return source_pb2.StackTrace()
        frame = frame.f_back
    position = source_pb2.SourcePosition(uri=_uri(frame.f_code.co_filename), line=frame.f_lineno)
    return source_pb2.StackTrace(frames=[source_pb2.StackFrame(pc=position)])


@cache
def _uri(file: str) -> str:
    return Path(file).as_uri() if Path(file).is_absolute() else ""


def _reachable(from_resource: pulumi.Resource, to_resource: pulumi.Resource) -> bool:
    """Tell whether a resource is another one, or waits for it."""
    seen: set[pulumi.Resource] = set()
    left = [from_resource]
    while left:
        one = left.pop()
        if one is to_resource:
            return True
        if one not in seen:
            seen.add(one)
            left.extend(resource_cycle_breaker._deps(one))
    return False


async def all_begun() -> None:
    """Let the requests for all resources begin, for ``pulumi.run``.

    Pulumi waits for requests that have begun first, which is quick. Where none has begun yet, as at the end of a
    program that never waits, it looks again at every value that is still to come after each one that has come: with a
    thousand resources more than half of the time of a preview (``wait_for_rpcs`` in pulumi/runtime/stack.py).
    """
    await asyncio.sleep(0)

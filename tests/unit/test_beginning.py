"""What is put right of Pulumi's Python SDK, shown by the SDK's own functions."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pulumi.runtime import resource, resource_cycle_breaker

from components.beginning import any_number_of_dependencies, telling_only_where_each_resource_is_made

PROJECT = Path(__file__).resolve().parents[2]


class Thing:
    """A resource, as far as dependencies know one."""


def depends(one: Thing, other: Thing) -> bool:
    """Tell the SDK that one waits for another; return whether that closes no circle."""
    resources: tuple[Any, Any] = (one, other)
    return resource_cycle_breaker.declare_dependency(*resources)


@pytest.fixture
def chain(monkeypatch: pytest.MonkeyPatch) -> list[Thing]:
    """Return things of which each waits for the one before it, more than the interpreter may go into."""
    monkeypatch.setattr(resource_cycle_breaker, "_reachable", resource_cycle_breaker._reachable)
    any_number_of_dependencies()
    things = [Thing() for _ in range(2 * sys.getrecursionlimit())]
    # From the end, where nothing waits for anything yet: what is behind each is looked through below only.
    assert all(depends(later, earlier) for earlier, later in reversed(list(itertools.pairwise(things))))
    return things


def test_a_long_chain_of_dependencies_may_become_longer(chain: list[Thing]) -> None:
    assert depends(Thing(), chain[-1])


def test_a_circle_is_still_found(chain: list[Thing]) -> None:
    assert not depends(chain[0], chain[-1])
    assert not depends(chain[5], chain[5])
    assert depends(chain[7], chain[0])


class Made:
    """What every resource is for the SDK."""

    def __init__(self) -> None:
        self.trace = resource._get_stack_trace()
        self.place = resource._get_source_position(self.trace)


class Kind(Made):
    """As CustomResource and ComponentResource are."""

    def __init__(self) -> None:
        super().__init__()


class Command(Kind):
    """As a provider's classes are, which have a method between."""

    def __init__(self) -> None:
        self._internal_init()

    def _internal_init(self) -> None:
        super().__init__()


def made_before_and_after() -> list[Command]:
    made = []
    for _ in range(2):
        made.append(Command())
        telling_only_where_each_resource_is_made()
    return made


SHOWN = """
from tests.unit.test_beginning import made_before_and_after
for each in made_before_and_after():
    print(each.place.uri, each.place.line, len(each.trace.frames))
"""


def test_the_line_that_makes_a_resource_is_told_as_before_and_nothing_else() -> None:
    # In a process of its own: other tests run the whole program, which puts the SDK right for good.
    run = subprocess.run([sys.executable, "-c", SHOWN], cwd=PROJECT, capture_output=True, text=True, check=True)
    before, after = (line.split() for line in run.stdout.splitlines())
    assert before[:2] == after[:2]
    assert after[0] == Path(__file__).as_uri()
    assert (int(before[2]) > 1, int(after[2])) == (True, 1)

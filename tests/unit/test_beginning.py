"""What is put right of Pulumi's Python SDK, shown by the SDK's own functions."""

from __future__ import annotations

import itertools
import sys
from typing import Any

import pytest
from pulumi.runtime import resource_cycle_breaker

from components.beginning import any_number_of_dependencies


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

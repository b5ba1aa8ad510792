"""The lab for the tests that need its hosts: fresh at the start, gone at the end."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest

from lab import run
from lab.down import down, erase
from lab.up import up


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest stories last: where the time is over before all is done, that costs the fewest of them."""
    items.sort(key=_minutes)


def _minutes(item: pytest.Item) -> int:
    story = item.get_closest_marker("minutes")
    return int(story.args[0]) if story else 0


@pytest.fixture(scope="module", autouse=True)
def time_for_the_story(request: pytest.FixtureRequest) -> None:
    """Skip a story that would not end before the time (CASEMENT_DEADLINE, in seconds since 1970) when all must be over.

    A machine that has to build everything first may have none left for the last of them; half a story proves nothing.
    """
    story = request.node.get_closest_marker("minutes")
    deadline = os.environ.get("CASEMENT_DEADLINE")
    if story and deadline and time.time() + story.args[0] * 60 > float(deadline):
        pytest.skip(f"no time left: this story takes {story.args[0]} minutes; run 'pytest {request.node.nodeid}' alone")


@pytest.fixture(scope="session")
def lab_hosts() -> Iterator[None]:
    """Four fresh hosts. A lab that runs from this clone is replaced."""
    if os.geteuid() != 0:
        pytest.skip("the lab's hosts need root")
    if run.RUN_FOLDER.exists():
        erase(())
    up(())
    yield
    erase(())
    down(())

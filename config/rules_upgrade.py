"""Rules about how a running cluster gets other versions."""

from __future__ import annotations

from collections.abc import Iterator

from config.problems import Problem
from config.settings import Settings

DRAIN_SECONDS = range(10, 3601)
"""Less is no time for a process to end; more is longer than a step that drains may take."""


def some_worker_may_be_out_of_service(settings: Settings) -> Iterator[Problem]:
    """With none at all nothing could ever be upgraded."""
    given = settings.upgrade.max_unavailable
    if given < 1:
        rule = "must be 1 or more: a node is out of service while it is upgraded"
        yield Problem("upgrade.maxUnavailable", str(given), rule, "write 1 for one worker after the other")


def pods_get_time_to_leave(settings: Settings) -> Iterator[Problem]:
    """A drain that ends at once fails always, and one that never ends hides what holds it."""
    given = settings.upgrade.drain_seconds
    if given not in DRAIN_SECONDS:
        rule = f"must be {DRAIN_SECONDS[0]} to {DRAIN_SECONDS[-1]} seconds"
        remedy = "write 300, or as long as the slowest of your pods needs to end"
        yield Problem("upgrade.drainSeconds", str(given), rule, remedy)

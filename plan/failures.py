"""What is known about failures: looked up in what a failed step has printed."""

from __future__ import annotations

import re

from plan.failure import Failure
from plan.failures_of_clouds import CLOUDS
from plan.failures_of_clusters import CLUSTER
from plan.failures_of_hosts import HOST
from plan.failures_of_windows import WINDOWS

FAILURES: tuple[Failure, ...] = (*WINDOWS, *CLUSTER, *HOST, *CLOUDS)
"""All of them; where a text shows several, the first is the one that explains most."""

_EXPLAINED = re.compile(r"Likely cause: .* Next: ", re.DOTALL)
_COMMAND = re.compile(r': running ".*?":\n', re.DOTALL)


def explain(error: str) -> Failure | None:
    """Return the known failure that an error of a remote command, or of a cloud, shows, or None.

    None too where the script itself has said why it failed and what to do.
    """
    # What was run says nothing about what went wrong.
    text = _COMMAND.sub(":\n", error, count=1)
    if _EXPLAINED.search(text):
        return None
    return next((each for each in FAILURES if each.pattern.search(text)), None)

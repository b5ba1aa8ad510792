"""Rules about nodes that come from elsewhere, and nodes that go."""

from __future__ import annotations

import re
from collections.abc import Iterator

from config.problems import Problem
from config.settings import LinuxNode, Settings, WindowsNode

_FORMER_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")
_FORMER_NAME_MAX = 253
_DRAIN_SECONDS_MAX = 86400


def a_former_name_is_a_name(key: str, node: LinuxNode | WindowsNode) -> Iterator[Problem]:
    """The node that is taken over is looked for in the cluster by it."""
    if not isinstance(node, WindowsNode) or node.former_name is None:
        return
    if not _FORMER_NAME.fullmatch(node.former_name) or len(node.former_name) > _FORMER_NAME_MAX:
        rule = "must be the name of a node: lower-case letters, digits, hyphens and dots"
        remedy = "write what `kubectl get nodes` shows; leave it out if it is the node's own name"
        yield Problem(f"{key}.formerName", node.former_name or "(empty)", rule, remedy)
    elif not node.adopt:
        rule = "names the node that is to be taken over, but adopt is not true"
        yield Problem(f"{key}.formerName", node.former_name, rule, "set adopt to true, or leave formerName out")


def who_is_gone_is_not_taken_over(key: str, node: LinuxNode | WindowsNode) -> Iterator[Problem]:
    """Taking over asks the machine for what it has."""
    if isinstance(node, WindowsNode) and node.gone and node.adopt:
        rule = "cannot be true together with gone: nothing is asked of a machine that is gone"
        yield Problem(f"{key}.adopt", "true", rule, "leave adopt out")


def the_control_plane_is_not_gone(settings: Settings) -> Iterator[Problem]:
    """Without its machine there is no cluster that could let go of anything."""
    if settings.control_plane.gone:
        rule = "cannot be true for the control plane: there is no cluster without it"
        remedy = "restore the machine; or give the cluster up: `pulumi stack rm --force` forgets all of it"
        yield Problem("controlPlane.gone", "true", rule, remedy)


def what_is_replaced_is_another_one(settings: Settings) -> Iterator[Problem]:
    """The word allows the end of one cluster; naming the one that is there it would allow it for ever."""
    head = settings.control_plane
    if head.replaces == head.name:
        rule = "names the control plane itself; it is for the one whose cluster ends"
        yield Problem(
            "controlPlane.replaces", head.name, rule, "leave it out, or give the new control plane a name of its own"
        )


def pods_have_time_to_leave(settings: Settings) -> Iterator[Problem]:
    """Kubectl takes 0 for no limit, and a run would wait for ever."""
    seconds = settings.removal.drain_seconds
    if not 1 <= seconds <= _DRAIN_SECONDS_MAX:
        rule = f"must be 1 to {_DRAIN_SECONDS_MAX} seconds"
        yield Problem("removal.drainSeconds", str(seconds), rule, "leave it out for 300, or write such a number")

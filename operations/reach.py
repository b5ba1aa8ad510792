"""How each machine is dialled: as the stack file says, or, where a cloud has made it, as the program found out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from config.ssh import Login, SshEndpoint
from operations.problem import OperationError
from operations.stack import Stack


def endpoints(stack: Stack) -> Mapping[str, SshEndpoint]:
    """Return how to reach every machine that is there, by its node's name.

    Pulumi is asked only where clouds make machines. Raises OperationError if one of them is not made yet.
    """
    logins = stack.configuration.logins
    if not logins:
        return stack.configuration.endpoints
    told: Mapping[str, Any] = stack.pulumi.outputs().get("machines", {})
    settings = stack.configuration.settings
    found = dict(stack.configuration.endpoints)
    # The control plane's comes first: others are reached through it.
    for node in settings.nodes:
        if node.name in logins and not node.gone:
            through = None if node == settings.control_plane else found[settings.control_plane.name]
            found[node.name] = _endpoint(node.name, logins[node.name], told, through)
    return found


def _endpoint(name: str, login: Login, told: Mapping[str, Any], through: SshEndpoint | None) -> SshEndpoint:
    made = told.get(name, {})
    if not made.get("host") or not made.get("hostKey"):
        raise OperationError(f"nobody can reach {name}: its cloud has not made it yet", remedy="run `pulumi up` first")
    return SshEndpoint(made["host"], login.user, login.port, made["hostKey"], login.private_key, login.jump or through)

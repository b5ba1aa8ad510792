"""What refuses, in ``pulumi preview`` already, a change by which a running cluster would end or come apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import pulumi

from config.problems import ConfigurationError, Problem
from plan.identity import changes_of_what_is_made_once, moves, replacements


class Identity(pulumi.ComponentResource):
    """Where the cluster is. Nothing is made of it: it is kept in the stack, to be compared with."""

    def __init__(self, name: str, identity: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        """Keep it.

        Args:
            name: name of the cluster's part.
            identity: what ``plan.identity`` says of the cluster.
            opts: resource options.
        """
        hook = pulumi.ResourceHook("cluster-goes-on", _goes_on, pulumi.ResourceHookOptions(on_dry_run=True))
        own = pulumi.ResourceOptions(hooks=pulumi.ResourceHookBinding(before_update=[hook]))
        merged = pulumi.ResourceOptions.merge(opts, own)
        super().__init__("casement:cluster:Identity", f"{name}-identity", dict(identity), merged)
        self.register_outputs({})


@cache
def making_gate() -> pulumi.ResourceHook:
    """Return the hook for the step that has made the control plane, and makes no other one."""
    return pulumi.ResourceHook("cluster-keeps-values", _keeps_values, pulumi.ResourceHookOptions(on_dry_run=True))


def _goes_on(args: pulumi.ResourceHookArgs) -> None:
    # A stack that an older program brought up has none: then there is nothing to compare with.
    old, new = args.old_inputs or {}, args.new_inputs or {}
    _refuse([*replacements(old, new), *moves(old, new)])


def _keeps_values(args: pulumi.ResourceHookArgs) -> None:
    old, new = ((inputs or {}).get("stdin") for inputs in (args.old_inputs, args.new_inputs))
    if isinstance(old, str) and isinstance(new, str):
        _refuse(changes_of_what_is_made_once(old, new))


def _refuse(problems: Iterable[Problem]) -> None:
    listed = list(problems)
    if listed:
        raise ConfigurationError(listed)

"""Nodes whose machines are gone: what was done on them stays in the state as it is, and nobody is asked any more."""

from __future__ import annotations

import pulumi

_COMMAND = "command:remote:Command"
_INPUTS = ["connection", "create", "update", "delete", "stdin", "logging"]


def leaving_alone(gone: bool) -> pulumi.ResourceOptions:
    """Return the options of a component whose remote commands, if its machine is gone, are never run again.

    A command that exists keeps what it was given, and its undo is not run when it is deleted. One that does not exist
    yet is made without a command, with which pulumi-command does nothing and dials nobody.
    """
    return pulumi.ResourceOptions(transformations=[_left_alone] if gone else None)


def _left_alone(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
    if args.type_ != _COMMAND:
        return None
    options = pulumi.ResourceOptions(ignore_changes=_INPUTS, retain_on_delete=True)
    props = {**args.props, "create": None, "update": None, "delete": None}
    return pulumi.ResourceTransformationResult(props, pulumi.ResourceOptions.merge(args.opts, options))

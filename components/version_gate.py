"""What refuses an upgrade that cannot be, in ``pulumi preview`` already."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import pulumi

from config.settings import Versions
from plan.skew import control_plane_refusals, node_refusals, versions_in, warnings


class VersionChangeRefusedError(Exception):
    """A change of versions that cannot be; the text says why, and what to do instead."""


@cache
def control_plane_gate() -> pulumi.ResourceHook:
    """Return the hook for the step that upgrades the control plane."""
    return _gate("control-plane-version-may-change", control_plane_refusals)


@cache
def node_gate() -> pulumi.ResourceHook:
    """Return the hook for the step that upgrades one node."""
    return _gate("node-version-may-change", node_refusals)


def _gate(name: str, refusals: Callable[[str, str], Iterator[str]]) -> pulumi.ResourceHook:
    def check(args: pulumi.ResourceHookArgs) -> None:
        old, new = (
            versions_in(str((inputs or {}).get("stdin")), Versions.model_fields)
            for inputs in (args.old_inputs, args.new_inputs)
        )
        if "kubernetes" in old and "kubernetes" in new:
            for refusal in refusals(old["kubernetes"], new["kubernetes"]):
                raise VersionChangeRefusedError(refusal)
        for warning in warnings(old, new):
            pulumi.log.warn(f"{args.name}: {warning}")

    return pulumi.ResourceHook(name, check, pulumi.ResourceHookOptions(on_dry_run=True))

"""Rules about the time that steps may take."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from config.problems import Problem, shown
from config.settings import Settings

SECONDS_MIN, SECONDS_MAX = 10, 86400
"""A step needs some seconds to connect and to look; what takes more than a day does not get on."""
STEPS = (
    "preflight-passed",
    "underlay-proven",
    "underlay-answering",
    "underlay-released",
    "port-range-set",
    "host-packages-present",
    "kernel-set",
    "swap-off",
    "containers-feature-installed",
    "restarted",
    "restart-proven",
    "containerd-running",
    "node-binaries-verified",
    "images-present",
    "firewall-open",
    "kubelet-service-registered",
    "control-plane-initialised",
    "kubeconfig-read",
    "credential-requested",
    "credential-issued",
    "joined",
    "registered",
    "flannel-installed",
    "flannel-started",
    "flannel-announced",
    "kube-proxy-running",
    "ready",
    "upgrade-staged",
    "control-plane-upgraded",
    "drained",
    "upgrade-activated",
    "in-service",
    "cluster-verified",
)
"""The names that a stack file may give a limit to: those of all steps of the plan (a test compares them)."""


def time_limits_are_for_steps(settings: Settings) -> Iterator[Problem]:
    """A limit for a step that is none would be silently without effect."""
    for name, seconds in settings.time_limits.items():
        if name not in STEPS:
            near = difflib.get_close_matches(name, STEPS, n=1, cutoff=0.5)
            rule = "is no step: limits are given by the names that `pulumi up` shows, without the node in front"
            remedy = f"write {near[0]}" if near else f"write one of {', '.join(STEPS)}"
            yield Problem(f"timeLimits.{name}", shown(seconds), rule, remedy)
        elif not SECONDS_MIN <= seconds <= SECONDS_MAX:
            rule = f"must be from {SECONDS_MIN} to {SECONDS_MAX} seconds"
            remedy = "leave it out to have the usual limit, or write more than the step takes on a slow day"
            yield Problem(f"timeLimits.{name}", shown(seconds), rule, remedy)

"""A cluster with one Windows node, and the steps it is made with."""

from __future__ import annotations

from collections.abc import Callable

from config.downloads import Downloads, needed
from config.settings import Settings
from operations import drift_steps, log_steps
from plan import preflight, windows_node
from plan.bundle import steps_revision
from plan.step import Step
from plan.upgrade import worker_upgrades

AUTHORITY = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
"""What has the form of a certificate, which is all that the plan looks at."""


def settings(**changes: object) -> Settings:
    """Return settings with one Windows node, with other keys (as in a stack file) over them."""
    values: dict[str, object] = {
        "nodeCidrs": ["10.77.0.0/24"],
        "controlPlane": {"name": "cp1", "address": "10.77.0.11"},
        "windowsNodes": [{"name": "win1", "managementIp": "10.77.0.21"}],
        "checksumOffload": False,
        "imageArchives": [{"os": "windows", "url": "https://images.example.org/windows.tar"}],
    }
    return Settings.model_validate(values | changes)


def docker(**changes: object) -> Settings:
    """Return settings whose Windows node runs Docker Engine, with other keys over them."""
    return settings(windowsNodes=[{"name": "win1", "managementIp": "10.77.0.21", "runtime": "docker"}], **changes)


def steps(chosen: Settings, digest: Callable[[str], str] = lambda _url: "0" * 64) -> dict[str, Step]:
    """Return all steps that run on the first Windows node, by name, in their order, with digests by address."""
    node = chosen.windows_nodes[0]
    downloads = Downloads(chosen, {source.url: digest(source.url) for source in needed(chosen)})
    looked_at = preflight.windows(chosen, node, ssh_port=22)
    joining = windows_node.joining(chosen, node)
    (upgrade,) = worker_upgrades(chosen, downloads)
    ordered = (
        *looked_at.inspecting,
        *looked_at.releasing,
        *windows_node.preparation(chosen, node, downloads),
        *windows_node.requesting(chosen, node, steps_revision(joining, "windows")),
        *joining,
        *windows_node.networking(chosen, node),
        *windows_node.services(chosen, node),
        *upgrade.staging,
        *upgrade.activating,
    )
    return {step.name: step for step in ordered}


def observing_steps(chosen: Settings) -> tuple[Step, ...]:
    """Return the steps by which commands look at the first Windows node."""
    node = chosen.windows_nodes[0]
    return log_steps.collecting(node, 600), log_steps.packing(node), drift_steps.comparing(node)


def adopting(chosen: Settings) -> tuple[Step, ...]:
    """Return the steps that take over the first Windows node, in their order."""
    node = chosen.windows_nodes[0]
    return (
        *windows_node.reporting_former(),
        *windows_node.stopping_former(node),
        *windows_node.putting_former_away(),
    )


SITES = {"containerd": settings(windowsUpdate="manual", caBundle=AUTHORITY), "docker": docker()}
"""Settings that have every script of ours in their plans, between them."""


def all_steps(digest: Callable[[str], str] = lambda _url: "0" * 64) -> dict[tuple[str, str], Step]:
    """Return every step of every site, by the names of both."""
    return {
        (site, step.name): step
        for site, chosen in SITES.items()
        for step in (*steps(chosen, digest).values(), *observing_steps(chosen), *adopting(chosen))
    }

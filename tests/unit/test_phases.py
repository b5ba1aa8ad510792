"""Every step is of the phase in which it makes its node what the phase is named for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from plan.cluster import AdoptionPlan, LinuxPlan, MembershipPlan, WindowsPlan, plan_cluster
from plan.phases import Phase, phase_of
from plan.step import Step
from plan.upgrade import NodeUpgrade
from tests.unit.example_site import Site

COMMAND = "command:remote:Command"


def of_upgrade(plan: NodeUpgrade | None) -> tuple[Step, ...]:
    assert plan is not None
    return (*plan.staging, *plan.cluster, *plan.draining, *plan.activating, *plan.returning)


def of_adoption(plan: AdoptionPlan | None) -> tuple[Step, ...]:
    assert plan is not None
    return (*plan.reporting, *plan.draining, *plan.stopping, *plan.deleting, *plan.putting_away)


def of_joining(plan: MembershipPlan) -> tuple[Step, ...]:
    return (*plan.requesting, *plan.issuing, *plan.joining, *plan.admitting)


def expected(site: Site) -> Iterator[tuple[Phase, Iterable[Step]]]:
    """Yield the steps of the whole plan by the place that they have in it."""
    windows = [{**node, "adopt": True} for node in site.values()["windowsNodes"]]
    plan = plan_cluster(site.parse(windowsNodes=windows, checksumOffload=False, windowsUpdate="manual"))
    for looked_at in plan.preflight:
        yield Phase.PREFLIGHT, (*looked_at.inspecting, *looked_at.probing, *looked_at.releasing)
    *preparing, initialised = plan.control_plane.making
    yield Phase.PREPARED, preparing
    yield Phase.JOINED, (initialised, *plan.control_plane.reading)
    yield Phase.UPGRADED, of_upgrade(plan.control_plane.upgrade)
    for upgrade in plan.upgrades:
        yield Phase.UPGRADED, of_upgrade(upgrade)
    workers: tuple[LinuxPlan | WindowsPlan, ...] = (*plan.linux_workers, *plan.windows_nodes)
    for node in workers:
        yield Phase.PREPARED, node.membership.preparation
        yield Phase.JOINED, of_joining(node.membership)
        yield Phase.READY, node.completing
    for each in plan.windows_nodes:
        yield Phase.TAKEN_OVER, of_adoption(each.membership.adoption)
        yield Phase.NETWORKED, (*each.networking, *each.awaiting_flannel, *each.services)
    yield Phase.PROVEN, plan.verification


def test_every_step_has_the_phase_of_its_place_in_the_plan(site: Site) -> None:
    steps = [(phase, step.name) for phase, group in expected(site) for step in group]
    assert {phase for phase, _ in steps} == set(Phase) - {Phase.MACHINE, Phase.TAKEN_BACK}
    assert [(name, phase_of(COMMAND, name)) for phase, name in steps if phase_of(COMMAND, name) is not phase] == []


@pytest.mark.parametrize(
    ("kind", "name", "phase"),
    [
        (COMMAND, "workspace", Phase.MACHINE),
        ("command:remote:CopyToRemote", "scripts", Phase.MACHINE),
        ("azure-native:compute:VirtualMachine", "win1", Phase.MACHINE),
        ("gcp:compute/instance:Instance", "win1", Phase.MACHINE),
        ("kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding", "networking", Phase.NETWORKED),
        ("kubernetes:apps/v1:DaemonSet", "flannel", Phase.NETWORKED),
    ],
)
def test_what_is_no_step_has_a_phase_by_its_kind(kind: str, name: str, phase: Phase) -> None:
    assert phase_of(kind, name) is phase

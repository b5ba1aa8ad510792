"""The upgrade of 100 Windows nodes, ten at a time, played through on the plan with a clock of its own."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address

import pytest

from plan.cluster import ClusterPlan, plan_cluster
from plan.upgrade import NodeUpgrade
from tests.unit.example_site import Site, host_key

NODES, WIDTH = 100, 10


@pytest.fixture
def plan(site: Site) -> ClusterPlan:
    """The plan of a cluster with a hundred Windows nodes."""
    first = IPv4Address("10.77.1.1")
    windows = [
        {"name": f"win{index}", "managementIp": str(first + index), "ssh": {"user": "Admin", "hostKey": host_key()}}
        for index in range(NODES)
    ]
    configuration = site.parse(
        nodeCidrs=["10.77.0.0/16"], linuxWorkers=[], windowsNodes=windows, upgrade={"maxUnavailable": WIDTH}
    )
    return plan_cluster(configuration)


@dataclass(frozen=True)
class Outage:
    """When a node was out of service."""

    name: str
    begin: float
    end: float


def played(
    upgrades: Sequence[NodeUpgrade], seconds: Callable[[str], float], failing: frozenset[str] = frozenset()
) -> list[Outage]:
    """Return the outages if each node is drained as soon as the plan lets it, and is back after so many seconds.

    A node that fails stays out of service, and whoever waits for it is never drained.
    """
    followers: dict[str | None, list[str]] = {}
    for each in upgrades:
        followers.setdefault(each.after, []).append(each.name)
    outages: list[Outage] = []
    under_way: list[tuple[float, str]] = []

    def drain(names: Sequence[str], now: float) -> None:
        for name in names:
            end = float("inf") if name in failing else now + seconds(name)
            outages.append(Outage(name, now, end))
            if name not in failing:
                heapq.heappush(under_way, (end, name))

    drain(followers.get(None, []), 0.0)
    while under_way:
        now, name = heapq.heappop(under_way)
        drain(followers.get(name, []), now)
    return outages


def most_at_once(outages: Sequence[Outage]) -> int:
    """Return how many nodes were out of service at the same time, at worst."""
    turns = [(each.begin, 1) for each in outages] + [(each.end, -1) for each in outages]
    now = most = 0
    for _, change in sorted(turns):
        now += change
        most = max(most, now)
    return most


def test_ten_are_out_of_service_at_once_and_never_more_however_long_each_takes(plan: ClusterPlan) -> None:
    for seed in range(20):
        chance = random.Random(seed)  # noqa: S311 - a different order each time, the same in each run
        lasting = {each.name: chance.uniform(60, 1200) for each in plan.upgrades}
        outages = played(plan.upgrades, lasting.__getitem__)
        assert sorted(each.name for each in outages) == sorted(lasting)
        assert most_at_once(outages) == WIDTH


def test_alike_nodes_go_in_ten_rounds_in_the_order_of_the_stack_file(plan: ClusterPlan) -> None:
    outages = played(plan.upgrades, lambda name: 300.0)
    rounds: Mapping[float, list[str]] = {
        begin: [each.name for each in outages if each.begin == begin] for begin in {each.begin for each in outages}
    }
    assert sorted(rounds) == [300.0 * each for each in range(NODES // WIDTH)]
    for begin, names in rounds.items():
        first = int(begin / 300.0) * WIDTH
        assert names == [f"win{index}" for index in range(first, first + WIDTH)]


def test_a_node_that_does_not_come_back_holds_up_its_own_lane_only(plan: ClusterPlan) -> None:
    outages = played(plan.upgrades, lambda name: 300.0, frozenset({"win23"}))
    never = {f"win{index}" for index in range(33, NODES, WIDTH)}
    assert {each.name for each in plan.upgrades} - {each.name for each in outages} == never
    assert most_at_once(outages) == WIDTH


def test_every_node_but_the_first_ten_waits_for_one_other_and_has_the_same_steps(plan: ClusterPlan) -> None:
    assert [each.staging[0].name for each in plan.upgrades] == ["upgrade-staged"] * NODES
    assert len({each.after for each in plan.upgrades} - {None}) == NODES - WIDTH
    for each in plan.upgrades:
        assert [step.name for step in (*each.draining, *each.activating, *each.returning)] == [
            "drained", "upgrade-activated", "in-service",
        ]  # fmt: skip

"""How machines are looked at, and how what was found is shown."""

from __future__ import annotations

from typing import Any

import pytest

from plan import preflight
from tests.windows import sample

FACTS: dict[str, Any] = {
    "system": "Microsoft Windows Server 2022 Datacenter",
    "build": "20348",
    "revision": 2340,
    "memoryMiB": 8192,
    "freeDiskMiB": 51200,
    "adapter": {"name": "Ethernet", "addresses": ["10.77.0.21/24"], "dhcp": False, "mtu": 1500},
    "apiEndpoint": {"answer": "refused"},
    "warnings": ["the computer is named OLD"],
    "underlay": {"underlay": "full-size datagrams arrive", "clockOffsetMs": -1540, "warnings": ["it loses some"]},
}
LINUX: dict[str, Any] = {
    "system": "debian 12",
    "build": "6.1.0-30-amd64",
    "memoryMiB": 4096,
    "freeDiskMiB": 20000,
    "adapter": {"name": "eth0", "addresses": ["10.77.0.11/24"], "dhcp": True, "mtu": 1500},
    "apiEndpoint": {"answer": "refused"},
    "warnings": [],
}


def test_the_table_has_a_line_for_each_machine_and_all_warnings_below() -> None:
    head, first, second, empty, *warned = preflight.table({"cp1": LINUX, "win1": FACTS}).splitlines()
    assert head.split() == [
        *("machine", "system", "build", "memory", "free", "disk", "adapter", "address", "mtu", "API", "UDP", "clock")
    ]
    assert first.split("  ")[0] == "cp1"
    assert "10.77.0.11/24 DHCP" in first
    for part in ("Windows Server 2022 Datacenter", "20348.2340", "10.77.0.21/24 static", "datagrams arrive", "-1.5 s"):
        assert part in second
    assert empty == ""
    assert warned == ["win1: the computer is named OLD", "win1: it loses some"]


def test_machines_of_different_mtu_are_told_which_one_to_set() -> None:
    jumbo = FACTS | {"adapter": FACTS["adapter"] | {"mtu": 9000}, "warnings": [], "underlay": {}}
    last = preflight.table({"cp1": LINUX, "win1": jumbo}).splitlines()[-1]
    assert "the MTU of the machines differs (1500, 9000): set casement:mtu to 1500" in last


def test_without_warnings_there_is_only_the_table() -> None:
    assert len(preflight.table({"cp1": LINUX}).splitlines()) == 2


@pytest.mark.parametrize(
    ("endpoint", "existing", "must"),
    [(None, False, True), ("api.example.org:6443", False, False), ("api.example.org:6443", True, True)],
)
def test_a_load_balancer_need_not_answer_before_there_is_a_cluster(
    endpoint: str | None, existing: bool, must: bool
) -> None:
    head = {"name": "cp1", "address": "10.77.0.11", "existing": existing, "endpoint": endpoint}
    settings = sample.settings(controlPlane=head)
    windows = preflight.windows(settings, settings.windows_nodes[0], ssh_port=22)
    assert windows.inspecting[0].parameters["ApiMustAnswer"] is must
    assert preflight.control_plane(settings).inspecting[0].parameters["api_must_answer"] is must


def test_the_probe_is_given_the_mtu_that_the_stack_file_asks_for_and_nothing_that_changes_with_other_nodes() -> None:
    settings = sample.settings(mtu=1400)
    plan = preflight.windows(settings, settings.windows_nodes[0], ssh_port=2222)
    assert plan.probing[0].parameters == {
        "node": "win1", "known_as": "win1", "system": "windows", "address": "10.77.0.21",
        "ssh_port": 2222, "port": 4789, "mtu": 1400,
    }  # fmt: skip
    others = [{"name": "win1", "managementIp": "10.77.0.21"}, {"name": "win2", "managementIp": "10.77.0.22"}]
    more = sample.settings(mtu=1400, windowsNodes=others)
    assert preflight.windows(more, more.windows_nodes[0], ssh_port=2222) == plan

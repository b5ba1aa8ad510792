"""The stand-in for Google refuses what Google refuses, in its words, and keeps what it has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.providers.cloud_machines import NoHosts
from lab.providers.cloud_state import Circumstances, CloudFolder
from lab.providers.gcp import Gcp
from tests.engine.stand_in import CallError, StandIn, stand_in
from tests.engine.test_stand_in_azure import Hosts, changed

NETWORK, SUBNET = "projects/p/global/networks/n", "projects/p/regions/europe-west4/subnetworks/n"
PLACED = {"name": "n", "project": "p", "region": "europe-west4"}
LOGS = {"metadata": "EXCLUDE_ALL_METADATA"}
MADE: dict[str, tuple[str, dict[str, Any]]] = {
    "network": (
        "gcp:compute/network:Network",
        {"name": "n", "project": "p", "autoCreateSubnetworks": False, "routingMode": "REGIONAL", "mtu": 1500},
    ),
    "subnet": (
        "gcp:compute/subnetwork:Subnetwork",
        {**PLACED, "network": NETWORK, "ipCidrRange": "10.240.0.0/24", "logConfig": {"flowSampling": 0.5}},
    ),
    "router": ("gcp:compute/router:Router", {**PLACED, "network": NETWORK}),
    "nat": (
        "gcp:compute/routerNat:RouterNat",
        {
            **PLACED,
            "router": "n",
            "natIpAllocateOption": "AUTO_ONLY",
            "sourceSubnetworkIpRangesToNat": "LIST_OF_SUBNETWORKS",
            "subnetworks": [{"name": SUBNET, "sourceIpRangesToNats": ["ALL_IP_RANGES"]}],
        },
    ),
    "account": ("gcp:serviceaccount/account:Account", {"accountId": "nodes", "project": "p"}),
    "address": (
        "gcp:compute/address:Address",
        {
            **PLACED,
            "addressType": "INTERNAL",
            "purpose": "GCE_ENDPOINT",
            "subnetwork": SUBNET,
            "address": "10.240.0.10",
        },
    ),
    "instance": (
        "gcp:compute/instance:Instance",
        {
            "name": "one",
            "project": "p",
            "zone": "europe-west4-a",
            "machineType": "e2-standard-4",
            "allowStoppingForUpdate": True,
            "tags": ["node"],
            "metadata": {"windows-startup-script-ps1": "exit 0"},
            "serviceAccount": {"email": "nodes@p.iam.gserviceaccount.com", "scopes": []},
            "bootDisk": {"autoDelete": True, "initializeParams": {"image": "w/i", "size": 64, "type": "pd-balanced"}},
            "networkInterfaces": [{"subnetwork": SUBNET, "networkIp": "10.240.0.10"}],
        },
    ),
}


class Google:
    def __init__(self, provider: StandIn, clouds: CloudFolder) -> None:
        self.provider, self.clouds = provider, clouds

    def make(self, name: str, /, **changes: Any) -> tuple[str, dict[str, Any]]:
        return self.provider.of(MADE[name][0]).create(changed(MADE[name][1], changes))

    def all_until(self, name: str) -> None:
        for each in list(MADE)[: list(MADE).index(name)]:
            self.make(each)

    @property
    def ids(self) -> set[str]:
        return set(self.clouds.things("gcp"))


@pytest.fixture
def google(tmp_path: Path) -> Iterator[Google]:
    clouds = CloudFolder(tmp_path)
    clouds.set(Circumstances(host_key="ssh-ed25519 AAAA"))
    with stand_in(Gcp(clouds, NoHosts()), "") as provider:
        provider.configure({})
        yield Google(provider, clouds)


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("network", {"routingMode": "LOCAL"}, "is none of"),
    ("subnet", {"network": "projects/p/global/networks/m"}, "was not found"),
    ("nat", {"router": "m"}, "was not found"),
    ("address", {"address": "10.241.0.10"}, "out of range"),
    ("address", {"address": "10.240.0.1"}, "out of range"),
    ("address", {"colour": "red"}, "unknown field"),
    ("instance", {"machineType": "large"}, "machineType"),
    ("instance", {"zone": "us-central1-a"}, "is not in region"),
    ("instance", {"serviceAccount.email": "other@p.iam.gserviceaccount.com"}, "was not found"),
    ("instance", {"name": "Not_A_Name"}, "does not match"),
]


@pytest.mark.parametrize(("name", "changes", "said"), REFUSED, ids=lambda value: str(value)[:40])
def test_google_refuses_and_nothing_is_there_then(
    google: Google, name: str, changes: dict[str, Any], said: str
) -> None:
    google.all_until(name)
    before = google.ids
    with pytest.raises(CallError, match=said):
        google.make(name, **changes)
    assert google.ids == before


def test_names_ranges_and_addresses_are_taken_once(google: Google) -> None:
    google.all_until("instance")
    google.make("instance")
    for name, changes, said in (
        ("network", {}, "already exists, alreadyExists"),
        ("subnet", {"name": "m"}, "conflicts with existing subnetwork"),
        ("address", {"name": "m"}, "in-use"),
        ("instance", {"name": "two"}, "already being used"),
    ):
        with pytest.raises(CallError, match=said):
            google.make(name, **changes)


def test_what_is_in_use_is_not_deleted_and_an_instance_takes_its_disk_with_it(google: Google) -> None:
    google.all_until("instance")
    id, _ = google.make("instance")
    for name, used in (
        ("network", NETWORK),
        ("subnet", SUBNET),
        ("address", SUBNET.replace("subnetworks", "addresses")),
    ):
        with pytest.raises(CallError, match="already being used"):
            google.provider.of(MADE[name][0]).delete({}, used)
    google.provider.of(MADE["instance"][0]).delete({}, id)
    assert not [each for each in google.ids if "/disks/" in each or "/instances/" in each]
    google.provider.of(MADE["router"][0]).delete({}, "projects/p/regions/europe-west4/routers/n")
    assert "p/europe-west4/n/n" not in google.ids, "the NAT is a part of its router"


def test_what_google_has_no_room_or_quota_for_is_not_there_then(google: Google) -> None:
    google.all_until("instance")
    google.clouds.set(Circumstances(no_room_for=("one",)))
    with pytest.raises(CallError, match="does not have enough resources"):
        google.make("instance")
    google.clouds.set(Circumstances(quotas={"CPUS": 3}))
    with pytest.raises(CallError, match=r"Quota 'CPUS' exceeded\.  Limit: 3\.0 in region europe-west4"):
        google.make("instance")
    assert not [each for each in google.ids if "/disks/" in each or "/instances/" in each]


def test_an_instance_whose_host_publishes_nothing_is_not_there_then(tmp_path: Path) -> None:
    clouds, hosts = CloudFolder(tmp_path), Hosts()
    with stand_in(Gcp(clouds, hosts), "") as provider:
        provider.configure({})
        google = Google(provider, clouds)
        google.all_until("instance")
        before = google.ids
        with pytest.raises(CallError, match="no disk is left"):
            google.make("instance")
        assert google.ids == before
        google.make("instance")
    assert hosts.started == ["10.240.0.10", "10.240.0.10"]


def test_what_asks_for_a_new_resource_is_what_the_provider_says(google: Google) -> None:
    token, inputs = MADE["instance"]
    instance = google.provider.of(token)
    assert list(instance.diff(inputs, {**inputs, "zone": "europe-west4-b"}).replaces) == ["zone"]
    assert list(instance.diff(inputs, {**inputs, "machineType": "e2-standard-8"}).replaces) == []
    disk = changed(inputs, {"bootDisk.initializeParams.size": 128})
    assert list(instance.diff(inputs, disk).replaces) == ["bootDisk.initializeParams.size"]

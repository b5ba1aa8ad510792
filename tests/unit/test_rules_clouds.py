"""Rules about machines in clouds that hold for every cloud, tried with one of them or with both."""

from __future__ import annotations

from typing import Any

import pytest

from config.sources import cloud_nodes, shape_of
from tests.unit.cloud_site import NODES, azure_values, gce_values
from tests.unit.example_site import Site, host_key

BASTION = {"host": "bastion", "hostKey": host_key()}


def nodes(**changes: object) -> dict[str, Any]:
    """Return nodes of which the first Windows node is changed."""
    first, *others = NODES["windowsNodes"]
    return {"windowsNodes": [{**first, **changes}, *others]}


def test_machines_can_be_made_on_either_cloud(site: Site) -> None:
    assert site.problems(**azure_values()) == {}
    assert site.problems(**gce_values()) == {}


def test_one_cluster_can_have_machines_from_everywhere(site: Site) -> None:
    values = {**azure_values(subnetCidr="10.240.0.0/24"), "gce": gce_values()["gce"], "source": "azure"}
    values |= {"nodeCidrs": ["10.240.0.0/24", "10.77.0.0/24"], "clusterName": "casement"}
    values |= {"controlPlane": {"name": "cp1", "address": "10.77.0.11", "source": "onPremises"}}
    values |= nodes(source="gce")
    configuration = site.parse(**values)
    assert set(configuration.endpoints) == {"cp1"}
    assert set(configuration.logins) == {"lin1", "win1", "win2"}


def test_what_a_node_says_counts_first_then_its_pool_then_its_cloud_then_what_is_usual(site: Site) -> None:
    values = azure_values(
        windows={"image": "P:O:w-g2:1.2.3", "diskGib": 200, "labels": {"of": "windows", "more": "x"}},
        pools=[{"name": "old", "image": "P:O:p-g2:1.2.3", "size": "Standard_D8s_v5", "labels": {"of": "pool"}}],
    )
    values |= nodes(pool="old", machine={"size": "Standard_E4s_v5"})
    settings = site.parse(**values).settings
    assert settings.azure is not None
    shape = shape_of(settings.azure, settings.windows_nodes[0])
    assert (shape.size, shape.image, shape.disk_gib) == ("Standard_E4s_v5", "P:O:p-g2:1.2.3", 200)
    assert (shape.disk_type, shape.spot) == ("Premium_LRS", None)
    assert shape.labels == {"of": "pool", "more": "x"}
    (win1,) = (each for each in cloud_nodes(settings) if each.node.name == "win1")
    where = {field: win1.where(field) for field in ("size", "image", "disk_gib", "zone")}
    assert where == {
        "size": "windowsNodes[0].machine.size",
        "image": "azure.pools[0].image",
        "disk_gib": "azure.windows.diskGib",
        "zone": "azure.windows.zone",
    }


@pytest.mark.parametrize("source", ["azure", "gce"])
def test_a_cloud_that_nothing_is_said_about_is_refused(site: Site, source: str) -> None:
    problem = site.only_problem(**NODES, source=source)
    assert (problem.key, problem.value) == ("source", source)
    assert f"config/Pulumi.{source}.yaml" in problem.remedy
    problem = site.only_problem(windowsNodes=site.windows(source=source))
    assert problem.key == "windowsNodes[0].source"


@pytest.mark.parametrize("said", [{"pool": "big"}, {"machine": {"size": "Standard_D2s_v5"}}])
def test_a_machine_that_exists_has_no_size(site: Site, said: dict[str, Any]) -> None:
    problem = site.only_problem(windowsNodes=site.windows(**said))
    assert problem.key == f"windowsNodes[0].{next(iter(said))}"
    assert "set source" in problem.remedy


def test_a_pool_that_there_is_not_is_refused_with_those_that_there_are(site: Site) -> None:
    problem = site.only_problem(**azure_values() | nodes(pool="odl"))
    assert problem.key == "windowsNodes[0].pool"
    assert "name one of old" in problem.remedy


def test_two_pools_of_one_name_are_refused(site: Site) -> None:
    pools = gce_values()["gce"]["pools"]
    problem = site.only_problem(**gce_values(pools=[*pools, *pools]))
    assert problem.key == "gce.pools[1].name"
    assert "its own name" in problem.remedy


def test_admins_must_be_named(site: Site) -> None:
    problem = site.only_problem(**azure_values(adminCidrs=None))
    assert (problem.key, problem.rule) == ("azure.adminCidrs", "is required")
    problem = site.only_problem(**azure_values(adminCidrs=[]))
    assert problem.key == "azure.adminCidrs"
    assert "203.0.113.0/24" in problem.remedy


@pytest.mark.parametrize("open_range", ["0.0.0.0/0", "128.0.0.0/1", "192.0.0.0/7"])
def test_the_internet_is_no_admin_unless_that_is_said(site: Site, open_range: str) -> None:
    given = ["203.0.113.0/24", open_range]
    problem = site.only_problem(**gce_values(adminCidrs=given))
    assert (problem.key, problem.value) == ("gce.adminCidrs[1]", open_range)
    assert "gce.allowOpenAccess" in problem.remedy
    assert site.problems(**gce_values(adminCidrs=given, allowOpenAccess=True)) == {}


@pytest.mark.parametrize("existing", [None, "both"])
def test_a_network_is_made_or_named_and_not_both(site: Site, existing: str | None) -> None:
    subnet = "projects/my-project-1/regions/europe-west4/subnetworks/nodes"
    changes = {"existingSubnet": subnet} if existing else {"subnetCidr": None}
    problem = site.only_problem(**gce_values(**changes))
    assert problem.key == "gce.subnetCidr"
    assert "existingSubnet" in problem.rule
    assert site.problems(**gce_values(subnetCidr=None, existingSubnet=subnet)) == {}


def test_a_network_outside_of_node_cidrs_is_refused(site: Site) -> None:
    problems = site.problems(**azure_values(subnetCidr="10.240.0.0/23"))
    assert set(problems) == {"azure.subnetCidr"}
    assert "nodeCidrs" in problems["azure.subnetCidr"].remedy


@pytest.mark.parametrize(
    ("values", "address", "lowest"),
    [
        (azure_values(), "10.240.0.3", "10.240.0.4"),
        (gce_values(), "10.240.0.1", "10.240.0.2"),
        (gce_values(), "10.240.0.254", "10.240.0.2"),
    ],
)
def test_an_address_that_the_cloud_keeps_is_refused(
    site: Site, values: dict[str, Any], address: str, lowest: str
) -> None:
    problem = site.only_problem(**values | nodes(managementIp=address))
    assert (problem.key, problem.value) == ("windowsNodes[0].managementIp", address)
    assert f"from {lowest} to" in problem.remedy


def test_spot_is_refused_for_the_control_plane_wherever_it_is_said(site: Site) -> None:
    control_plane = {**NODES["controlPlane"], "machine": {"spot": True}}
    problem = site.only_problem(**azure_values() | {"controlPlane": control_plane})
    assert problem.key == "controlPlane.machine.spot"
    linux = {**gce_values()["gce"]["linux"], "spot": True}
    problem = site.only_problem(**gce_values(linux=linux))
    assert problem.key == "gce.linux.spot"
    assert "controlPlane.machine.spot to false" in problem.remedy
    values = gce_values(linux=linux) | {"controlPlane": {**NODES["controlPlane"], "machine": {"spot": False}}}
    assert site.problems(**values) == {}


def test_a_machine_that_is_made_is_neither_adopted_nor_has_a_cluster(site: Site) -> None:
    assert "source to onPremises" in site.only_problem(**azure_values() | nodes(adopt=True)).remedy
    control_plane = {**NODES["controlPlane"], "existing": True}
    assert site.only_problem(**azure_values() | {"controlPlane": control_plane}).key == "controlPlane.existing"


@pytest.mark.parametrize(
    ("key", "value"),
    [("user", "Administrator"), ("host", "h"), ("port", 2222), ("hostKey", host_key())],
    ids=["user", "host", "port", "host key"],
)
def test_how_a_machine_that_is_made_is_reached_cannot_be_chosen(site: Site, key: str, value: object) -> None:
    problem = site.only_problem(**azure_values() | nodes(ssh={key: value}))
    assert problem.key == f"windowsNodes[0].ssh.{key}"
    assert "leave it out" in problem.remedy


def test_a_machine_that_is_made_is_reached_through_the_jump_host_of_all_or_its_own(site: Site) -> None:
    ssh = {**site.values()["ssh"], "jumpHost": BASTION}
    own = {**BASTION, "host": "other"}
    logins = site.parse(**azure_values() | nodes(ssh={"jumpHost": own}), ssh=ssh).logins
    hosts = {name: login.jump.host for name, login in logins.items() if login.jump}
    assert hosts == {"cp1": "bastion", "lin1": "bastion", "win1": "other", "win2": "bastion"}


def test_a_windows_machine_is_not_named_like_its_administrator(site: Site) -> None:
    problem = site.only_problem(**azure_values() | nodes(name="casement"))
    assert (problem.key, problem.remedy) == ("windowsNodes[0].name", "write casement1, or another adminUser")


def test_two_jumps_in_a_row_are_refused(site: Site) -> None:
    control_plane = {**NODES["controlPlane"], "ssh": {"jumpHost": BASTION}}
    problems = site.problems(**azure_values() | {"controlPlane": control_plane})
    assert set(problems) == {f"{key}.ssh.jumpHost" for key in ("linuxWorkers[0]", "windowsNodes[0]", "windowsNodes[1]")}
    assert all("ssh.jumpHost" in problem.remedy for problem in problems.values())


@pytest.mark.parametrize(("gib", "proposal"), [(63, "write 128"), (4096, "write 128")])
def test_a_disk_that_is_too_small_or_too_large_is_refused(site: Site, gib: int, proposal: str) -> None:
    problem = site.only_problem(**gce_values() | nodes(machine={"diskGib": gib}))
    assert (problem.key, problem.remedy) == ("windowsNodes[0].machine.diskGib", proposal)


def test_an_image_must_be_named(site: Site) -> None:
    problems = site.problems(**azure_values(windows=None))
    assert set(problems) == {"azure.windows.image"}
    assert "config/Pulumi.azure.yaml" in problems["azure.windows.image"].remedy


def test_the_machines_are_made_with_the_public_part_of_the_key(site: Site) -> None:
    assert site.parse(**azure_values()).logins["win1"].public_key == host_key()


def test_a_key_that_cannot_be_read_is_refused(site: Site) -> None:
    key = "-----BEGIN OPENSSH PRIVATE KEY-----\nYWJj\n-----END OPENSSH PRIVATE KEY-----\n"
    problems = site.problems(**azure_values(), ssh={}, sshPrivateKey=key)
    assert problems["windowsNodes[0].ssh.privateKeyFile"].value == "(private key)"
    assert "ssh-keygen -y" in problems["windowsNodes[0].ssh.privateKeyFile"].remedy

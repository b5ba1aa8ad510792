"""Machines on Google Compute Engine: what is asked for, how it is closed, and how it is reached."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from pulumi_gcp import compute

from components.sources import gce_machine
from plan.first_boot import PUBLISHED
from tests.graph.clouds import made, plain
from tests.graph.conftest import Deploy
from tests.graph.engine import CLOUD_HOST_KEY, PUBLIC_ADDRESS, Recorder
from tests.graph.test_program import ancestors, commands
from tests.unit.cloud_site import GCE, NODES, gce_values
from tests.unit.example_site import host_key

INSTANCE = "gcp:compute/instance:Instance"
FIREWALL = "gcp:compute/firewall:Firewall"
ADDRESS = "gcp:compute/address:Address"
SUBNET = "projects/other/regions/europe-west4/subnetworks/nodes"


@pytest.fixture
def gce(deploy: Deploy) -> Recorder:
    return deploy(**gce_values())


def test_every_node_has_an_instance_with_the_planned_name_and_address(gce: Recorder) -> None:
    instances, addresses = made(gce, INSTANCE), made(gce, ADDRESS)
    planned = {"cp1": "10.240.0.10", "lin1": "10.240.0.11", "win1": "10.240.0.21", "win2": "10.240.0.22"}
    assert {each["name"]: each["networkInterfaces"][0]["networkIp"] for each in instances.values()} == planned
    for name, address in planned.items():
        reserved = addresses[f"{name}-internal"]
        assert (reserved["address"], reserved["addressType"]) == (address, "INTERNAL")
    images = {name: each["bootDisk"]["initializeParams"]["image"] for name, each in instances.items()}
    assert images["win2"] == "windows-cloud/windows-server-2022-dc-core-v20251014"


def test_only_the_control_plane_has_a_public_address(gce: Recorder) -> None:
    public = {n: each["networkInterfaces"][0].get("accessConfigs") for n, each in made(gce, INSTANCE).items()}
    assert {name for name, access in public.items() if access} == {"cp1"}
    assert public["cp1"][0]["natIp"] == PUBLIC_ADDRESS


def test_instances_are_closed_have_no_rights_and_leave_no_disk_behind(gce: Recorder) -> None:
    for instance in made(gce, INSTANCE).values():
        shielded = {"enableSecureBoot": True, "enableVtpm": True, "enableIntegrityMonitoring": True}
        assert instance["shieldedInstanceConfig"] == shielded
        assert instance["serviceAccount"]["email"] == "casement-nodes@my-project-1.iam.gserviceaccount.com"
        assert all("cloud-platform" not in scope for scope in instance["serviceAccount"]["scopes"])
        metadata = instance["metadata"]
        assert (metadata["block-project-ssh-keys"], metadata["serial-port-enable"]) == ("true", "FALSE")
        assert "enable-oslogin" not in metadata
        assert instance["canIpForward"] is False
        assert instance["bootDisk"]["autoDelete"] is True
        assert instance["scheduling"]["provisioningModel"] == "STANDARD"


def test_nothing_secret_is_in_the_metadata_which_every_pod_could_read(gce: Recorder) -> None:
    for instance in made(gce, INSTANCE).values():
        assert "PRIVATE KEY" not in str(instance)


def test_linux_gets_its_key_and_windows_opens_ssh_itself_with_the_mtu_that_vxlan_needs(gce: Recorder) -> None:
    instances = made(gce, INSTANCE)
    assert instances["lin1"]["metadata"]["ssh-keys"].startswith("casement:ssh-ed25519 ")
    on_linux = instances["lin1"]["metadata"]["startup-script"]
    assert PUBLISHED in on_linux
    assert "/guest-attributes/hostkeys 'Metadata-Flavor: Google'\n" in on_linux
    script = instances["win1"]["metadata"]["windows-startup-script-ps1"]
    assert "PasswordAuthentication no" in script
    assert "-Mtu 1500\n" in script
    assert "guest-attributes/hostkeys" in script
    assert instances["win1"]["metadata"]["disable-address-manager"] == "true"
    (network,) = made(gce, "gcp:compute/network:Network").values()
    assert (network["mtu"], network["autoCreateSubnetworks"]) == (1500, False)


def test_no_machine_is_dialled_before_its_host_key_is_known(gce: Recorder) -> None:
    for each in commands(gce).values():
        way = each.inputs["connection"]["value"]
        assert way["hostKey"] == CLOUD_HOST_KEY
        assert "proxy" not in way or way["proxy"]["hostKey"] == CLOUD_HOST_KEY
    for node in ("cp1", "win1"):
        assert node in ancestors(gce, f"{node}-workspace")
    assert {each["name"] for each in gce.asked} == {"cp1", "lin1", "win1", "win2"}


def test_workers_are_reached_through_the_control_plane_at_its_public_address(gce: Recorder) -> None:
    ways = {name: each.inputs["connection"]["value"] for name, each in commands(gce).items()}
    assert (ways["cp1-workspace"]["host"], ways["cp1-workspace"]["user"]) == (PUBLIC_ADDRESS, "casement")
    assert (ways["win1-workspace"]["host"], ways["win1-workspace"]["proxy"]["host"]) == ("10.240.0.21", PUBLIC_ADDRESS)
    (provider,) = (each for each in gce.resources.values() if each.type == "pulumi:providers:kubernetes")
    cluster = yaml.safe_load(plain(provider.inputs["kubeconfig"]))["clusters"][0]["cluster"]
    assert cluster == {"server": f"https://{PUBLIC_ADDRESS}:6443", "tls-server-name": "10.240.0.10"}


def test_the_firewall_lets_in_no_more_than_is_needed(gce: Recorder) -> None:
    given = {
        each["name"]: (each["allows"], each["sourceRanges"], each["targetTags"])
        for each in made(gce, FIREWALL).values()
    }
    admins, nodes, to_nodes, to_head = (
        ["203.0.113.0/24"],
        ["10.240.0.0/24"],
        ["casement-node"],
        ["casement-control-plane"],
    )

    def only(protocol: str, port: str) -> list[dict[str, Any]]:
        return [{"protocol": protocol, "ports": [port]}]

    assert given == {
        "casement-ssh-from-admins": (only("tcp", "22"), admins, to_head),
        "casement-ssh-from-control-plane": (only("tcp", "22"), ["10.240.0.10/32"], to_nodes),
        "casement-api-from-admins": (only("tcp", "6443"), admins, to_head),
        "casement-api-from-nodes": (only("tcp", "6443"), nodes, to_head),
        "casement-vxlan": (only("udp", "4789"), nodes, to_nodes),
        "casement-kubelet": (only("tcp", "10250"), nodes, to_nodes),
        "casement-icmp": ([{"protocol": "icmp"}], nodes, to_nodes),
    }
    tags = {name: each["tags"] for name, each in made(gce, INSTANCE).items()}
    assert tags["cp1"] == ["casement-node", "casement-control-plane"]
    assert tags["win1"] == ["casement-node"]


def test_the_subnet_has_flow_logs_and_the_way_out_is_cloud_nat(gce: Recorder) -> None:
    (subnet,) = made(gce, "gcp:compute/subnetwork:Subnetwork").values()
    assert subnet["logConfig"]["metadata"] == "INCLUDE_ALL_METADATA"
    assert subnet["privateIpGoogleAccess"] is True
    (nat,) = made(gce, "gcp:compute/routerNat:RouterNat").values()
    assert nat["subnetworks"] == [{"name": "casement-nodes-id", "sourceIpRangesToNats": ["ALL_IP_RANGES"]}]


def test_a_network_and_an_account_that_exist_are_used_and_not_made(deploy: Deploy) -> None:
    account = "nodes@my-project-1.iam.gserviceaccount.com"
    recorder = deploy(**gce_values(subnetCidr=None, existingSubnet=SUBNET, serviceAccount=account))
    kinds = {each.type.rpartition(":")[2] for each in recorder.resources.values() if each.type.startswith("gcp:")}
    assert kinds == {"Firewall", "Address", "Instance"}
    assert {each["network"] for each in made(recorder, FIREWALL).values()} == {"projects/other/global/networks/theirs"}
    instances = made(recorder, INSTANCE)
    assert {each["serviceAccount"]["email"] for each in instances.values()} == {account}
    assert {each["networkInterfaces"][0]["subnetwork"] for each in instances.values()} == {SUBNET}
    assert "-Mtu 0\n" in instances["win1"]["metadata"]["windows-startup-script-ps1"], "others decide on it"


def test_what_the_stack_file_says_about_machines_is_asked_for(deploy: Deploy) -> None:
    key = "projects/p/locations/l/keyRings/r/cryptoKeys/k"
    pool = {**GCE["pools"][0], "size": "n2-standard-4", "diskType": "pd-ssd", "spot": True, "labels": {"kind": "old"}}
    bastion = {"host": "bastion.example.com", "hostKey": host_key()}
    values = gce_values(kmsKey=key, pools=[pool], publicControlPlane=False)
    recorder = deploy(**values, ssh={"jumpHost": bastion})
    instances = made(recorder, INSTANCE)
    two = instances["win2"]
    assert two["machineType"] == "n2-standard-4"
    assert two["labels"] == {"project": "casement", "kind": "old"}
    assert two["bootDisk"]["initializeParams"]["type"] == "pd-ssd"
    assert (two["scheduling"]["provisioningModel"], two["scheduling"]["automaticRestart"]) == ("SPOT", False)
    assert {each["bootDisk"]["kmsKeySelfLink"] for each in instances.values()} == {key}
    assert not any(each["networkInterfaces"][0].get("accessConfigs") for each in instances.values())
    hosts = {each.inputs["connection"]["value"]["proxy"]["host"] for each in commands(recorder).values()}
    assert hosts == {"bastion.example.com"}
    assert made(recorder, FIREWALL)["casement-ssh-from-admins"]["targetTags"] == ["casement-node"]


def test_what_was_done_on_a_machine_goes_with_it_and_another_image_makes_no_other_machine(gce: Recorder) -> None:
    assert commands(gce)["win1-joined"].goes_with == "win1"
    assert commands(gce)["win1-ready"].goes_with == "cp1"
    (instance,) = (each for each in gce.resources.values() if each.type == INSTANCE and each.name == "win1")
    assert "bootDisk" in instance.ignored


def test_of_a_machine_that_is_gone_nothing_is_made(deploy: Deploy) -> None:
    first, second = NODES["windowsNodes"]
    recorder = deploy(**gce_values() | {"windowsNodes": [{**first, "gone": True}, second]})
    assert set(made(recorder, INSTANCE)) == {"cp1", "lin1", "win2"}


class Console:
    """The console of a machine that says something more each time it is looked at."""

    def __init__(self, *texts: str) -> None:
        self.texts = list(texts)
        self.asked: list[dict[str, Any]] = []

    def look(self, **asked: Any) -> Any:
        self.asked.append(asked)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        answer.set_result(SimpleNamespace(contents=self.texts.pop(0) if len(self.texts) > 1 else self.texts[0]))

        class Told:
            def future(self) -> asyncio.Future[Any]:
                return answer

        return Told()


def wait(console: Console, monkeypatch: pytest.MonkeyPatch, age: timedelta = timedelta(minutes=1)) -> None:
    monkeypatch.setattr(compute, "get_instance_serial_port_output", console.look)
    monkeypatch.setattr(gce_machine, "_SECONDS_BETWEEN", 0)
    made_at = (datetime.now(UTC) - age).isoformat()
    assert asyncio.run(gce_machine.once_published("win1", "p", "z", made_at)) == "win1"


def test_a_new_machine_is_waited_for_until_it_has_published_its_host_key(monkeypatch: pytest.MonkeyPatch) -> None:
    console = Console("", "booting", f"windows-startup-script-ps1: {PUBLISHED}")
    wait(console, monkeypatch)
    assert console.asked == [{"instance": "win1", "project": "p", "zone": "z", "port": 1}] * 3


def test_a_machine_that_was_made_long_ago_is_not_asked_for_what_its_console_may_have_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    console = Console("")
    wait(console, monkeypatch, age=timedelta(days=1))
    assert console.asked == []


def test_a_machine_that_publishes_nothing_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TimeoutError, match="win1 has not published its SSH host key"):
        wait(Console("kernel panic"), monkeypatch)

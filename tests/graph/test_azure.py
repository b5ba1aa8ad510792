"""Machines on Azure: what is asked for, how it is closed, and how it is reached."""

from __future__ import annotations

import base64
import subprocess
import sys
from typing import Any

import pytest
import yaml

from tests.graph.clouds import made, plain
from tests.graph.conftest import PROJECT, Deploy
from tests.graph.engine import CLOUD_HOST_KEY, PUBLIC_ADDRESS, Recorder, is_secret
from tests.graph.test_program import ancestors, commands
from tests.unit.cloud_site import AZURE, NODES, azure_values
from tests.unit.example_site import host_key

VM = "azure-native:compute:VirtualMachine"
NIC = "azure-native:network:NetworkInterface"
SUBNET = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/nodes"
BASTION = {"host": "bastion.example.com", "user": "ops", "hostKey": host_key()}


def rules(recorder: Recorder) -> list[dict[str, Any]]:
    (group,) = made(recorder, "azure-native:network:NetworkSecurityGroup").values()
    found: list[dict[str, Any]] = group["securityRules"]
    return found


@pytest.fixture
def azure(deploy: Deploy) -> Recorder:
    return deploy(**azure_values())


def test_every_node_has_a_machine_with_the_planned_name_and_address(azure: Recorder) -> None:
    machines, adapters = made(azure, VM), made(azure, NIC)
    addresses = {"cp1": "10.240.0.10", "lin1": "10.240.0.11", "win1": "10.240.0.21", "win2": "10.240.0.22"}
    assert {name: each["osProfile"]["computerName"] for name, each in machines.items()} == {n: n for n in addresses}
    for name, address in addresses.items():
        (configuration,) = adapters[name]["ipConfigurations"]
        assert (configuration["privateIPAddress"], configuration["privateIPAllocationMethod"]) == (address, "Static")
    skus = {name: each["storageProfile"]["imageReference"]["sku"] for name, each in machines.items()}
    assert skus == {
        "cp1": "server",
        "lin1": "server",
        "win1": "2025-datacenter-core-g2",
        "win2": "2022-datacenter-core-g2",
    }
    assert all(each["storageProfile"]["imageReference"]["version"] != "latest" for each in machines.values())


def test_only_the_control_plane_has_a_public_address(azure: Recorder) -> None:
    adapters = made(azure, NIC)
    public = {name for name, each in adapters.items() if "publicIPAddress" in each["ipConfigurations"][0]}
    assert public == {"cp1"}
    assert not any(each["enableIPForwarding"] for each in adapters.values())


def test_machines_are_closed_encrypted_and_leave_no_disk_behind(azure: Recorder) -> None:
    for machine in made(azure, VM).values():
        security = machine["securityProfile"]
        assert security["securityType"] == "TrustedLaunch"
        assert security["encryptionAtHost"] is True
        assert security["uefiSettings"] == {"secureBootEnabled": True, "vTpmEnabled": True}
        assert machine["storageProfile"]["osDisk"]["deleteOption"] == "Delete"
        assert machine["diagnosticsProfile"]["bootDiagnostics"] == {"enabled": False}, "no serial console"
        assert "identity" not in machine
        assert "priority" not in machine


def test_linux_takes_no_password_and_has_the_mtu_that_azure_carries(azure: Recorder) -> None:
    profile = made(azure, VM)["lin1"]["osProfile"]
    assert profile["linuxConfiguration"]["disablePasswordAuthentication"] is True
    assert "adminPassword" not in profile
    text = base64.b64decode(profile["customData"]).decode()
    assert text.startswith("#cloud-config\n")
    (file,) = yaml.safe_load(text)["write_files"]
    assert yaml.safe_load(file["content"])["network"]["ethernets"]["eth0"] == {"mtu": 1400}


def test_the_password_that_azure_asks_for_is_a_secret_that_changes_nothing(azure: Recorder) -> None:
    (machine,) = (each for each in azure.resources.values() if each.type == VM and each.name == "win1")
    assert is_secret(machine.inputs["osProfile"]) or is_secret(machine.inputs["osProfile"]["adminPassword"])
    assert {"osProfile", "storageProfile.imageReference"} <= machine.ignored
    password = plain(machine.inputs["osProfile"])["adminPassword"]
    assert 60 < len(password) <= 123
    whole = str([each.inputs for each in azure.resources.values() if each.name != "win1"])
    assert password not in whole


def test_ssh_is_opened_by_a_run_command_that_goes_with_its_machine(azure: Recorder) -> None:
    found = made(azure, "azure-native:compute:VirtualMachineRunCommandByVirtualMachine")
    assert "PasswordAuthentication no" in found["win1-ssh"]["source"]["script"]
    assert host_key().split()[0] in found["win1-ssh"]["source"]["script"]
    assert "ssh_host_ed25519_key.pub" in found["lin1-ssh"]["source"]["script"]
    for name, each in found.items():
        assert each["treatFailureAsDeploymentFailure"] is True
        (asked,) = (one for one in azure.resources.values() if one.name == name)
        assert asked.goes_with == name.removesuffix("-ssh")


def test_no_machine_is_dialled_before_its_host_key_is_known(azure: Recorder) -> None:
    found = commands(azure)
    assert len(found) > 80
    for each in found.values():
        way = each.inputs["connection"]["value"]
        assert way["hostKey"] == CLOUD_HOST_KEY
        assert "proxy" not in way or way["proxy"]["hostKey"] == CLOUD_HOST_KEY
    for node in ("cp1", "win1"):
        assert f"{node}-ssh" in ancestors(azure, f"{node}-workspace")
    assert {each["vmName"] for each in azure.asked} == {"cp1", "lin1", "win1", "win2"}
    assert {each["expand"] for each in azure.asked} == {"instanceView"}
    assert azure.outputs["machines"]["cp1"] == {"host": PUBLIC_ADDRESS, "hostKey": CLOUD_HOST_KEY}


def test_workers_are_reached_through_the_control_plane_at_its_public_address(azure: Recorder) -> None:
    ways = {name: each.inputs["connection"]["value"] for name, each in commands(azure).items()}
    assert (ways["cp1-workspace"]["host"], ways["cp1-workspace"]["user"]) == (PUBLIC_ADDRESS, "casement")
    assert "proxy" not in ways["cp1-workspace"]
    assert ways["win1-workspace"]["host"] == "10.240.0.21"
    assert ways["win1-workspace"]["proxy"]["host"] == PUBLIC_ADDRESS


def test_what_was_done_on_a_machine_goes_with_it_and_what_was_done_for_it_elsewhere_does_not(azure: Recorder) -> None:
    found = commands(azure)
    assert found["win1-joined"].goes_with == "win1"
    assert found["win1-ready"].goes_with == "cp1", "the control plane lets go of a node whose machine is taken away"


def test_the_security_group_lets_in_no_more_than_is_needed(azure: Recorder) -> None:
    given = {
        each["name"]: (each["protocol"], each["destinationPortRange"], each.get("sourceAddressPrefixes"))
        for each in rules(azure)
    }
    admins, nodes = ["203.0.113.0/24"], ["10.240.0.0/24"]
    assert given == {
        "ssh-from-admins": ("Tcp", "22", admins),
        "ssh-from-control-plane": ("Tcp", "22", ["10.240.0.10/32"]),
        "api-from-admins": ("Tcp", "6443", admins),
        "api-from-nodes": ("Tcp", "6443", nodes),
        "vxlan": ("Udp", "4789", nodes),
        "kubelet": ("Tcp", "10250", nodes),
        "icmp": ("Icmp", "*", nodes),
        "nothing-else": ("*", "*", None),
    }
    by_name = {each["name"]: each for each in rules(azure)}
    for name in ("ssh-from-admins", "api-from-admins", "api-from-nodes"):
        assert by_name[name]["destinationAddressPrefixes"] == ["10.240.0.10/32"]
    assert (by_name["nothing-else"]["access"], by_name["nothing-else"]["priority"]) == ("Deny", 4096)
    assert len({each["priority"] for each in rules(azure)}) == len(rules(azure))


def test_subnet_and_adapters_have_the_security_group_and_the_way_out_is_a_nat_gateway(azure: Recorder) -> None:
    (subnet,) = made(azure, "azure-native:network:Subnet").values()
    assert subnet["networkSecurityGroup"] == {"id": "kubernetes-nodes-id"}
    assert subnet["natGateway"] == {"id": "kubernetes-nat-id"}
    assert subnet["defaultOutboundAccess"] is False
    assert all(each["networkSecurityGroup"] == {"id": "kubernetes-nodes-id"} for each in made(azure, NIC).values())


def test_the_kubeconfig_reaches_the_api_from_outside(azure: Recorder) -> None:
    (provider,) = (each for each in azure.resources.values() if each.type == "pulumi:providers:kubernetes")
    cluster = yaml.safe_load(plain(provider.inputs["kubeconfig"]))["clusters"][0]["cluster"]
    assert cluster == {"server": f"https://{PUBLIC_ADDRESS}:6443", "tls-server-name": "10.240.0.10"}


def test_a_preview_of_a_new_stack_asks_azure_nothing(deploy: Deploy) -> None:
    recorder = deploy(preview=True, **azure_values())
    assert recorder.asked == []
    assert set(made(recorder, VM)) == {"cp1", "lin1", "win1", "win2"}
    quota, price = recorder.outputs["costs"]
    assert "12 vCPUs" in quota
    assert "USD a month" in price


def test_a_network_and_a_group_that_exist_are_used_and_not_made(deploy: Deploy) -> None:
    recorder = deploy(**azure_values(subnetCidr=None, existingSubnet=SUBNET, existingResourceGroup=True))
    kinds = {each.type for each in recorder.resources.values() if each.type.startswith("azure-native:")}
    assert {kind.rpartition(":")[2] for kind in kinds} == {
        "NetworkSecurityGroup",
        "NetworkInterface",
        "PublicIPAddress",
        "VirtualMachine",
        "VirtualMachineRunCommandByVirtualMachine",
    }
    assert {each["ipConfigurations"][0]["subnet"]["id"] for each in made(recorder, NIC).values()} == {SUBNET}
    assert {each["resourceGroupName"] for each in made(recorder, VM).values()} == {"casement"}


def test_without_a_public_address_every_machine_is_reached_through_the_bastion(deploy: Deploy) -> None:
    recorder = deploy(**azure_values(publicControlPlane=False), ssh={"jumpHost": BASTION})
    public = made(recorder, "azure-native:network:PublicIPAddress")
    assert set(public) == {"kubernetes-nat"}
    for name, each in commands(recorder).items():
        way = each.inputs["connection"]["value"]
        assert way["proxy"]["host"] == "bastion.example.com"
        assert name != "cp1-workspace" or way["host"] == "10.240.0.10"
    (ssh,) = (each for each in rules(recorder) if each["name"] == "ssh-from-admins")
    assert len(ssh["destinationAddressPrefixes"]) == 4
    (provider,) = (each for each in recorder.resources.values() if each.type == "pulumi:providers:kubernetes")
    cluster = yaml.safe_load(plain(provider.inputs["kubeconfig"]))["clusters"][0]["cluster"]
    assert cluster == {"server": "https://10.240.0.10:6443"}


def test_what_the_stack_file_says_about_machines_is_asked_for(deploy: Deploy) -> None:
    keys = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/diskEncryptionSets/k"
    values = azure_values(
        diskEncryptionSet=keys,
        hybridBenefit=True,
        encryptionAtHost=False,
        linuxMtu=1350,
        pools=[{**AZURE["pools"][0], "size": "Standard_B4ms", "spot": True, "zone": "2", "labels": {"kind": "old"}}],
    )
    recorder = deploy(**values, windowsUpdate="manual")
    machines = made(recorder, VM)
    two = machines["win2"]
    assert (two["priority"], two["evictionPolicy"], two["billingProfile"]) == ("Spot", "Deallocate", {"maxPrice": -1})
    assert (two["zones"], two["hardwareProfile"]) == (["2"], {"vmSize": "Standard_B4ms"})
    assert two["tags"] == {"project": "casement", "kind": "old"}
    assert (two["licenseType"], "licenseType" in machines["lin1"]) == ("Windows_Server", False)
    configuration = two["osProfile"]["windowsConfiguration"]
    assert configuration["patchSettings"]["patchMode"] == "Manual"
    assert configuration["enableAutomaticUpdates"] is False
    assert {
        each["storageProfile"]["osDisk"]["managedDisk"]["diskEncryptionSet"]["id"] for each in machines.values()
    } == {keys}
    assert machines["cp1"]["securityProfile"]["encryptionAtHost"] is False
    adapters = made(recorder, NIC)
    assert {name for name, each in adapters.items() if not each["enableAcceleratedNetworking"]} == {"win2"}
    slower = made(deploy(**azure_values(acceleratedNetworking=False)), NIC)
    assert not any(each["enableAcceleratedNetworking"] for each in slower.values())


def test_of_a_machine_that_is_gone_nothing_is_made(deploy: Deploy) -> None:
    first, second = NODES["windowsNodes"]
    recorder = deploy(**azure_values() | {"windowsNodes": [{**first, "gone": True}, second]})
    assert set(made(recorder, VM)) == {"cp1", "lin1", "win2"}
    assert commands(recorder)["win1-forgotten"].goes_with == "cp1"


def test_in_a_mixed_cluster_only_nodes_of_the_cloud_are_made_and_reached_through_the_control_plane(
    deploy: Deploy,
) -> None:
    values = azure_values(publicControlPlane=False)
    values |= {"nodeCidrs": ["10.77.0.0/24", "10.240.0.0/24"], "source": "onPremises", "linuxWorkers": []}
    values |= {"controlPlane": {"name": "cp1", "address": "10.77.0.11"}}
    values["windowsNodes"] = [{**NODES["windowsNodes"][0], "source": "azure"}]
    recorder = deploy(**values)
    assert set(made(recorder, VM)) == {"win1"}
    way = commands(recorder)["win1-workspace"].inputs["connection"]["value"]
    assert (way["host"], way["proxy"]["host"]) == ("10.240.0.21", "10.77.0.11")
    assert "6443" not in {each["destinationPortRange"] for each in rules(recorder)}
    assert commands(recorder)["win1-ready"].goes_with == "", "the node is drained: its control plane stays"


def test_machines_that_exist_need_no_cloud(deploy: Deploy) -> None:
    kinds = {each.type.partition(":")[0] for each in deploy().resources.values()}
    assert not kinds & {"azure-native", "gcp"}
    assert deploy().outputs["costs"] == []


def test_a_site_without_clouds_needs_neither_sdk() -> None:
    text = "import sys, components.sources\nprint([n for n in sys.modules if n.startswith(('pulumi_a', 'pulumi_g'))])"
    ran = subprocess.run([sys.executable, "-c", text], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"

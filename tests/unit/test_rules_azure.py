"""Rules about machines on Azure."""

from __future__ import annotations

from typing import Any

import pytest

from config.sizes import azure_size
from tests.unit.cloud_site import AZURE, NODES, azure_values
from tests.unit.example_site import Site, private_key

VNET = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v"


@pytest.mark.parametrize(
    ("key", "value", "remedy"),
    [
        ("location", "West Europe", "az account list-locations"),
        ("resourceGroup", "ends-in-a-point.", "casement"),
        ("diskEncryptionSet", "my-keys", "az resource list"),
        ("linuxMtu", 9001, "1400"),
        ("labels", {"a/b": "c"}, "correct the names"),
        ("adminUser", "admin", "casement"),
        ("adminUser", "a" * 21, "casement"),
    ],
)
def test_what_azure_would_refuse_is_refused_before(site: Site, key: str, value: object, remedy: str) -> None:
    problems = [each for each in site.listed(**azure_values(**{key: value})) if each.key == f"azure.{key}"]
    assert remedy in problems[0].remedy


def test_a_subnet_that_exists_is_named_by_its_id(site: Site) -> None:
    problem = site.only_problem(**azure_values(subnetCidr=None, existingSubnet="nodes"))
    assert problem.key == "azure.existingSubnet"
    assert "resource ID" in problem.rule
    assert site.problems(**azure_values(subnetCidr=None, existingSubnet=f"{VNET}/subnets/nodes")) == {}


@pytest.mark.parametrize(
    ("machine", "rule"),
    [
        ({"zone": "westeurope-1"}, "1, 2, 3"),
        ({"image": "MicrosoftWindowsServer:WindowsServer:2025-datacenter-core-g2:latest"}, "never latest"),
        ({"image": "MicrosoftWindowsServer:WindowsServer:2025-datacenter-core:1.2.3"}, "first generation"),
        ({"size": "D4s_v5"}, "not the name of a size"),
        ({"size": "Standard_D4ps_v5"}, "ARM"),
        ({"size": "Standard_B1ms"}, "too small"),
        ({"size": "Standard_B2ts_v2"}, "too small"),
        ({"size": "Standard_D4_v5"}, "takes no disks of type Premium_LRS"),
        ({"size": "Standard_D4_v3", "diskType": "StandardSSD_LRS"}, "trusted launch"),
        ({"diskType": "UltraSSD_LRS"}, "must be one of"),
    ],
)
def test_a_machine_that_cannot_be_made_so_is_refused(site: Site, machine: dict[str, Any], rule: str) -> None:
    first, *others = NODES["windowsNodes"]
    problem = site.only_problem(**azure_values() | {"windowsNodes": [{**first, "machine": machine}, *others]})
    assert problem.key == f"windowsNodes[0].machine.{next(iter(machine))}"
    assert rule in problem.rule
    assert problem.remedy


@pytest.mark.parametrize("size", ["Standard_D2as_v5", "Standard_E4-2s_v5", "Standard_B2s", "Standard_DS2_v2"])
def test_sizes_that_have_what_is_needed_are_taken(site: Site, size: str) -> None:
    assert site.problems(**azure_values(linux={**AZURE["linux"], "size": size})) == {}


def test_the_name_of_a_size_tells_what_it_counts_as() -> None:
    found = {name: azure_size(name) for name in ("Standard_D2s_v5", "Standard_E4ads_v5", "Standard_B2ms")}
    assert {name: (size.vcpus, size.memory_gib, size.quota) for name, size in found.items() if size} == {
        "Standard_D2s_v5": (2, 8.0, "Standard DSv5 Family"),
        "Standard_E4ads_v5": (4, 32.0, "Standard EADSv5 Family"),
        "Standard_B2ms": (2, 8.0, "Standard BS Family"),
    }


def test_azure_takes_no_ecdsa_key(site: Site) -> None:
    key = private_key("ecdsa-sha2-nistp256").export_private_key().decode()
    problems = site.problems(**azure_values(), ssh={}, sshPrivateKey=key)
    assert "ecdsa" in problems["controlPlane.ssh.privateKeyFile"].value
    assert "ed25519" in problems["controlPlane.ssh.privateKeyFile"].remedy

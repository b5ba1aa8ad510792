"""The stand-in for Azure refuses what Azure refuses, in its words, and keeps what it has."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from lab.providers.azure_native import AzureNative
from lab.providers.cloud_machines import MachineError, NewMachine, NoHosts, Ran
from lab.providers.cloud_state import Circumstances, CloudFolder
from lab.providers.values import Secret
from tests.engine.stand_in import CallError, StandIn, stand_in

NETWORK, COMPUTE = "azure-native:network:", "azure-native:compute:"
GROUP = "/subscriptions/s/resourceGroups/g"
SUBNET = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/v/subnets/nodes"
ADAPTER = f"{GROUP}/providers/Microsoft.Network/networkInterfaces/one"
PLACED = {"resourceGroupName": "g", "location": "westeurope"}
MADE: dict[str, tuple[str, dict[str, Any]]] = {
    "group": ("azure-native:resources:ResourceGroup", PLACED),
    "network": (
        f"{NETWORK}VirtualNetwork",
        {**PLACED, "virtualNetworkName": "v", "addressSpace": {"addressPrefixes": ["10.240.0.0/16"]}},
    ),
    "subnet": (
        f"{NETWORK}Subnet",
        {
            "resourceGroupName": "g",
            "virtualNetworkName": "v",
            "subnetName": "nodes",
            "addressPrefix": "10.240.0.0/24",
        },
    ),
    "adapter": (
        f"{NETWORK}NetworkInterface",
        {
            **PLACED,
            "networkInterfaceName": "one",
            "ipConfigurations": [
                {
                    "name": "primary",
                    "subnet": {"id": SUBNET},
                    "privateIPAddress": "10.240.0.10",
                    "privateIPAllocationMethod": "Static",
                }
            ],
        },
    ),
    "machine": (
        f"{COMPUTE}VirtualMachine",
        {
            **PLACED,
            "vmName": "one",
            "hardwareProfile": {"vmSize": "Standard_D4s_v5"},
            "networkProfile": {"networkInterfaces": [{"id": ADAPTER}]},
            "osProfile": {
                "computerName": "one",
                "adminUsername": "casement",
                "adminPassword": Secret("correct Horse 1"),
                "windowsConfiguration": {"provisionVMAgent": True},
            },
            "storageProfile": {
                "imageReference": {"publisher": "p", "offer": "o", "sku": "s", "version": "1"},
                "osDisk": {"name": "one-system", "createOption": "FromImage", "deleteOption": "Delete"},
            },
        },
    ),
    "command": (
        f"{COMPUTE}VirtualMachineRunCommandByVirtualMachine",
        {
            **PLACED,
            "vmName": "one",
            "runCommandName": "ssh",
            "source": {"script": "cat key"},
            "treatFailureAsDeploymentFailure": True,
        },
    ),
}


class Hosts(NoHosts):
    """Machines of which the first does not start, and whose scripts fail."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self.ran: list[str] = []

    async def start(self, machine: NewMachine) -> str:
        self.started.append(machine.address)
        if len(self.started) == 1:
            raise MachineError("no disk is left")
        return ""

    async def run(self, name: str, script: str, host_key: str) -> Ran:
        self.ran.append(script)
        return Ran(3, "", "no key")


class Azure:
    def __init__(self, provider: StandIn, clouds: CloudFolder) -> None:
        self.provider, self.clouds = provider, clouds

    def make(self, name: str, /, **changes: Any) -> tuple[str, dict[str, Any]]:
        """Make one of the above, with changes at places such as ``osProfile.adminUsername``."""
        token, inputs = MADE[name][0], changed(MADE[name][1], changes)
        return self.provider.of(token).create(inputs)

    def all_until(self, name: str) -> None:
        for each in list(MADE)[: list(MADE).index(name)]:
            self.make(each)

    @property
    def ids(self) -> set[str]:
        return set(self.clouds.things("azure-native"))


def changed(inputs: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    copy = deepcopy(inputs)
    for place, value in changes.items():
        *parents, last = [int(part) if part.isdigit() else part for part in place.split(".")]
        target: Any = copy
        for part in parents:
            target = target[part]
        target[last] = value
    return copy


@pytest.fixture
def azure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Azure]:
    monkeypatch.setenv("ARM_SUBSCRIPTION_ID", "s")
    clouds = CloudFolder(tmp_path)
    clouds.set(Circumstances(host_key="ssh-ed25519 AAAA"))
    with stand_in(AzureNative(clouds, NoHosts()), "") as provider:
        provider.configure({})
        yield Azure(provider, clouds)


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("network", {"resourceGroupName": "other"}, "ResourceGroupNotFound"),
    ("network", {"adressSpace": {}}, "unknown property"),
    ("subnet", {"addressPrefix": "10.241.0.0/24"}, "NetcfgSubnetRangeOutsideVnet"),
    ("subnet", {"virtualNetworkName": "none"}, "ParentResourceNotFound"),
    ("adapter", {"ipConfigurations.0.subnet.id": f"{SUBNET}-2"}, "InvalidResourceReference"),
    ("adapter", {"ipConfigurations.0.privateIPAddress": "10.240.1.10"}, "PrivateIPAddressNotInSubnet"),
    ("adapter", {"ipConfigurations.0.privateIPAddress": "10.240.0.3"}, "PrivateIPAddressInReservedRange"),
    ("adapter", {"ipConfigurations.0.privateIPAllocationMethod": "static"}, "is none of"),
    ("machine", {"storageProfile.osDisk": {"name": "x"}}, "lacks createOption"),
    ("machine", {"osProfile.adminUsername": "Administrator"}, "Admin Username"),
    ("machine", {"osProfile.adminPassword": "simple"}, "password complexity"),
    ("machine", {"osProfile.computerName": "a-name-of-16-let"}, "15 characters"),
    ("machine", {"hardwareProfile.vmSize": "Large"}, "not valid"),
    ("machine", {"location": "eastus"}, "InvalidResourceReference"),
    ("command", {"vmName": "two"}, "ParentResourceNotFound"),
]


@pytest.mark.parametrize(("name", "changes", "said"), REFUSED, ids=lambda value: str(value)[:40])
def test_azure_refuses_and_nothing_is_there_then(azure: Azure, name: str, changes: dict[str, Any], said: str) -> None:
    azure.all_until(name)
    before = azure.ids
    with pytest.raises(CallError, match=said):
        azure.make(name, **changes)
    assert azure.ids == before


def test_what_exists_is_not_made_again_and_an_address_and_an_adapter_are_taken_once(azure: Azure) -> None:
    azure.all_until("command")
    for name, changes, said in (
        ("subnet", {}, "cannot create already existing resource"),
        ("subnet", {"subnetName": "other"}, "NetcfgSubnetRangesOverlap"),
        ("adapter", {"networkInterfaceName": "two"}, "PrivateIPAddressInUse"),
        ("machine", {"vmName": "two", "storageProfile.osDisk.name": "two-system"}, "NicInUse"),
    ):
        with pytest.raises(CallError, match=said):
            azure.make(name, **changes)


def test_what_is_in_use_is_not_deleted_and_a_machine_takes_its_disk_and_commands_with_it(azure: Azure) -> None:
    azure.all_until("command")
    azure.make("command")
    for id, said in ((SUBNET, "InUseSubnetCannotBeDeleted"), (ADAPTER, "NicInUse")):
        token = MADE["subnet" if id == SUBNET else "adapter"][0]
        with pytest.raises(CallError, match=said):
            azure.provider.of(token).delete({}, id)
    machine = f"{GROUP}/providers/Microsoft.Compute/virtualMachines/one"
    assert f"{GROUP}/providers/Microsoft.Compute/disks/one-system" in azure.ids
    azure.provider.of(MADE["machine"][0]).delete({}, machine)
    assert not [id for id in azure.ids if "Microsoft.Compute" in id]
    azure.provider.of(MADE["adapter"][0]).delete({}, ADAPTER)


def test_a_quota_counts_what_is_there(azure: Azure) -> None:
    azure.clouds.set(Circumstances(quotas={"Standard DSv5 Family": 7}))
    azure.all_until("command")
    azure.make("adapter", **{"networkInterfaceName": "two", "ipConfigurations.0.privateIPAddress": "10.240.0.11"})
    with pytest.raises(CallError, match=r"Current Limit: 7, Current Usage: 4, Additional Required: 4"):
        azure.make(
            "machine",
            **{
                "vmName": "two",
                "storageProfile.osDisk.name": "two-system",
                "networkProfile.networkInterfaces": [{"id": ADAPTER.replace("one", "two")}],
            },
        )


def test_a_machine_that_does_not_come_up_stays_and_is_started_by_an_update(azure: Azure) -> None:
    azure.all_until("machine")
    azure.clouds.set(Circumstances(never_boots=("one",)))
    with pytest.raises(CallError, match="OSProvisioningTimedOut") as failed:
        azure.make("machine")
    assert failed.value.partial
    with pytest.raises(CallError, match="not running"):
        azure.make("command")
    azure.clouds.set(Circumstances())
    token, inputs = MADE["machine"]
    id = f"{GROUP}/providers/Microsoft.Compute/virtualMachines/one"
    assert azure.provider.of(token).update({}, inputs, id)["provisioningState"] == "Succeeded"
    with pytest.raises(CallError, match="PropertyChangeNotAllowed"):
        azure.provider.of(token).update({}, changed(inputs, {"storageProfile.imageReference.version": "2"}), id)


def test_a_machine_whose_host_does_not_come_up_stays_and_a_run_command_ends_as_its_script_does(tmp_path: Path) -> None:
    clouds, hosts = CloudFolder(tmp_path), Hosts()
    with stand_in(AzureNative(clouds, hosts), "") as provider:
        provider.configure({"subscriptionId": "s"})
        azure = Azure(provider, clouds)
        azure.all_until("machine")
        with pytest.raises(CallError, match="no disk is left"):
            azure.make("machine")
        token, inputs = MADE["machine"]
        id = f"{GROUP}/providers/Microsoft.Compute/virtualMachines/one"
        azure.provider.of(token).update({}, inputs, id)
        with pytest.raises(CallError, match="exit code 3: no key"):
            azure.make("command")
    assert (hosts.started, hosts.ran) == (["10.240.0.10", "10.240.0.10"], ["cat key"])


def test_the_password_is_told_nobody_and_a_run_command_tells_only_who_asks(azure: Azure) -> None:
    azure.all_until("machine")
    _, told = azure.make("machine")
    assert "adminPassword" not in told["osProfile"]
    assert "correct Horse" not in (azure.clouds.folder / "azure-native.json").read_text()
    _, told = azure.make("command")
    assert "instanceView" not in told


def test_what_asks_for_a_new_resource_is_what_the_provider_says(azure: Azure) -> None:
    token, inputs = MADE["machine"]
    machine = azure.provider.of(token)
    assert list(machine.diff(inputs, {**inputs, "location": "eastus"}).replaces) == ["location"]
    assert list(machine.diff(inputs, {**inputs, "zones": ["2"]}).replaces) == []
    adapter = azure.provider.of(MADE["adapter"][0])
    moved = changed(MADE["adapter"][1], {"ipConfigurations.0.privateIPAddress": "10.240.0.12"})
    assert list(adapter.diff(MADE["adapter"][1], moved).replaces) == []

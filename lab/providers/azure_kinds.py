"""The types of azure-native that the project asks for."""

from __future__ import annotations

from collections.abc import Mapping

from lab.providers.azure_compute import MACHINE, RUN_COMMAND
from lab.providers.cloud import Kind

_GROUP = "/subscriptions/{subscription}/resourceGroups/{resourceGroupName}"
_NETWORK, _COMPUTE = f"{_GROUP}/providers/Microsoft.Network", f"{_GROUP}/providers/Microsoft.Compute"
GROUP = "azure-native:resources:ResourceGroup"
_SUBNET = "azure-native:network:Subnet"
KINDS: Mapping[str, Kind] = {
    GROUP: Kind(_GROUP, "resourceGroupName", ("resourceGroupName", "location")),
    "azure-native:network:NetworkSecurityGroup": Kind(
        f"{_NETWORK}/networkSecurityGroups/{{networkSecurityGroupName}}",
        "networkSecurityGroupName",
        ("resourceGroupName", "networkSecurityGroupName"),
    ),
    "azure-native:network:PublicIPAddress": Kind(
        f"{_NETWORK}/publicIPAddresses/{{publicIpAddressName}}",
        "publicIpAddressName",
        ("resourceGroupName", "publicIpAddressName", "location", "publicIPAddressVersion", "publicIPPrefix", "sku"),
    ),
    "azure-native:network:NatGateway": Kind(
        f"{_NETWORK}/natGateways/{{natGatewayName}}", "natGatewayName", ("resourceGroupName", "natGatewayName")
    ),
    "azure-native:network:VirtualNetwork": Kind(
        f"{_NETWORK}/virtualNetworks/{{virtualNetworkName}}",
        "virtualNetworkName",
        ("resourceGroupName", "virtualNetworkName", "location"),
    ),
    _SUBNET: Kind(
        f"{_NETWORK}/virtualNetworks/{{virtualNetworkName}}/subnets/{{subnetName}}",
        "subnetName",
        ("resourceGroupName", "virtualNetworkName", "subnetName"),
    ),
    "azure-native:network:NetworkInterface": Kind(
        f"{_NETWORK}/networkInterfaces/{{networkInterfaceName}}",
        "networkInterfaceName",
        ("resourceGroupName", "networkInterfaceName"),
    ),
    MACHINE: Kind(f"{_COMPUTE}/virtualMachines/{{vmName}}", "vmName", ("resourceGroupName", "vmName", "location")),
    RUN_COMMAND: Kind(
        f"{_COMPUTE}/virtualMachines/{{vmName}}/runCommands/{{runCommandName}}",
        "runCommandName",
        ("resourceGroupName", "vmName", "runCommandName", "location"),
    ),
}
"""Every type that the project asks for. Of what is replaced the provider's table knows names, places, and few more."""

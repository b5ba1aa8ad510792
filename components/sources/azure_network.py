"""The network that machines on Azure are in, made or found, and what its security group lets through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
from pulumi_azure_native import network, resources

from components.retry import when_refused
from components.sources.azure_types import without_versioned_names
from config.settings import AzureCloud
from plan.openings import Opening

_PROTOCOLS = {"tcp": "Tcp", "udp": "Udp", "icmp": "Icmp"}
_FIRST_PRIORITY, _BETWEEN_PRIORITIES, _LAST_PRIORITY = 100, 10, 4096


class AzureNetwork(pulumi.ComponentResource):
    """A subnet for machines: who may come in is decided here, and the way out goes through a NAT gateway."""

    group: pulumi.Input[str]
    """Name of the resource group."""
    subnet_id: pulumi.Input[str]

    def __init__(
        self,
        name: str,
        cloud: AzureCloud,
        openings: Sequence[Opening],
        addresses: Mapping[str, str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Make what does not exist.

        Args:
            name: the cluster's; names of what is made begin with it.
            cloud: what the stack file says.
            openings: what is let through.
            addresses: the nodes' addresses by their names.
            opts: resource options.
        """
        lean = pulumi.ResourceOptions(transformations=[without_versioned_names])
        super().__init__("casement:azure:Network", f"{name}-azure", None, pulumi.ResourceOptions.merge(opts, lean))
        self._name, self._cloud = name, cloud
        self.child = pulumi.ResourceOptions(parent=self, delete_before_replace=True, hooks=when_refused())
        self.group = self._group()
        self.placed = {"resource_group_name": self.group, "location": cloud.location, "tags": dict(cloud.labels)}
        """What is asked of every resource: group, region and tags."""
        self.security_group = network.NetworkSecurityGroup(
            f"{name}-nodes",
            network_security_group_name=f"{name}-nodes",
            security_rules=_rules(openings, addresses),
            opts=self.child,
            **self.placed,
        )
        self.subnet_id = cloud.existing_subnet or self._subnet()
        self.register_outputs({})

    def public_address(self, name: str, opts: pulumi.ResourceOptions) -> network.PublicIPAddress:
        """Make an address that does not change."""
        return network.PublicIPAddress(
            name,
            public_ip_address_name=name,
            sku=network.PublicIPAddressSkuArgs(name="Standard", tier="Regional"),
            public_ip_allocation_method="Static",
            public_ip_address_version="IPv4",
            opts=opts,
            **self.placed,
        )

    def _group(self) -> pulumi.Input[str]:
        cloud = self._cloud
        if cloud.existing_resource_group:
            return cloud.resource_group
        group = resources.ResourceGroup(
            cloud.resource_group,
            resource_group_name=cloud.resource_group,
            location=cloud.location,
            tags=dict(cloud.labels),
            opts=pulumi.ResourceOptions(parent=self, hooks=when_refused()),
        )
        name: pulumi.Output[str] = group.name
        return name

    def _subnet(self) -> pulumi.Input[str]:
        name = self._name
        way_out = network.NatGateway(
            f"{name}-nat",
            nat_gateway_name=f"{name}-nat",
            sku=network.NatGatewaySkuArgs(name="Standard"),
            idle_timeout_in_minutes=10,
            public_ip_addresses=[network.SubResourceArgs(id=self.public_address(f"{name}-nat", self.child).id)],
            opts=self.child,
            **self.placed,
        )
        whole = network.VirtualNetwork(
            name,
            virtual_network_name=name,
            address_space=network.AddressSpaceArgs(address_prefixes=[str(self._cloud.subnet_cidr)]),
            # Its subnet is a resource of its own.
            opts=pulumi.ResourceOptions.merge(self.child, pulumi.ResourceOptions(ignore_changes=["subnets"])),
            **self.placed,
        )
        subnet = network.Subnet(
            f"{name}-nodes",
            resource_group_name=self.group,
            virtual_network_name=whole.name,
            subnet_name="nodes",
            address_prefix=str(self._cloud.subnet_cidr),
            # Azure's own way out is about to be withdrawn, and cannot be seen in any rule.
            default_outbound_access=False,
            network_security_group=network.NetworkSecurityGroupArgs(id=self.security_group.id),
            nat_gateway=network.SubResourceArgs(id=way_out.id),
            opts=self.child,
        )
        made: pulumi.Output[str] = subnet.id
        return made


def _rules(openings: Sequence[Opening], addresses: Mapping[str, str]) -> list[network.SecurityRuleArgs]:
    rules = [
        network.SecurityRuleArgs(
            name=opening.name,
            priority=_FIRST_PRIORITY + _BETWEEN_PRIORITIES * position,
            direction="Inbound",
            access="Allow",
            protocol=_PROTOCOLS[opening.protocol],
            source_port_range="*",
            source_address_prefixes=list(opening.sources),
            destination_port_range="*" if opening.port is None else str(opening.port),
            destination_address_prefixes=[f"{addresses[name]}/32" for name in opening.targets],
        )
        for position, opening in enumerate(openings)
    ]
    # Azure's own rules let everything through within the network, and what is peered with it.
    closed = network.SecurityRuleArgs(
        name="nothing-else",
        priority=_LAST_PRIORITY,
        direction="Inbound",
        access="Deny",
        protocol="*",
        source_port_range="*",
        source_address_prefix="*",
        destination_port_range="*",
        destination_address_prefix="*",
    )
    return [*rules, closed]

"""The network that machines on Google are in, made or found, and what its firewall lets through."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
from pulumi_gcp import compute, serviceaccount

from components.retry import when_refused
from config.settings import GceCloud
from plan.openings import Opening


class GceNetwork(pulumi.ComponentResource):
    """A subnet for machines: who may come in is decided here, and the way out goes through Cloud NAT."""

    subnet: pulumi.Input[str]
    account: pulumi.Input[str]
    """E-mail address of the service account that machines run as."""

    def __init__(
        self,
        name: str,
        cloud: GceCloud,
        openings: Sequence[Opening],
        *,
        control_plane: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Make what does not exist.

        Args:
            name: the cluster's; names of what is made begin with it.
            cloud: what the stack file says.
            openings: what is let through.
            control_plane: name of the control plane's node.
            opts: resource options.
        """
        super().__init__("casement:gce:Network", f"{name}-gce", None, opts)
        self._name, self._cloud = name, cloud
        self._child = pulumi.ResourceOptions(parent=self, delete_before_replace=True, hooks=when_refused())
        self.node_tag, self.control_plane_tag = f"{name}-node", f"{name}-control-plane"
        self.account = cloud.service_account or self._account()
        network: pulumi.Input[str]
        if cloud.existing_subnet:
            self.subnet = cloud.existing_subnet
            network = compute.get_subnetwork_output(self_link=cloud.existing_subnet).network
        else:
            whole = self._network()
            network, self.subnet = whole.id, self._subnet(whole)
        for opening in openings:
            only_control_plane = opening.targets == (control_plane,)
            self._let_through(opening, network, self.control_plane_tag if only_control_plane else self.node_tag)
        self.register_outputs({})

    def _account(self) -> pulumi.Input[str]:
        account = serviceaccount.Account(
            f"{self._name}-nodes",
            account_id=f"{self._name}-nodes",
            project=self._cloud.project,
            display_name=f"Nodes of {self._name}; without rights",
            opts=self._child,
        )
        email: pulumi.Output[str] = account.email
        return email

    def _network(self) -> compute.Network:
        return compute.Network(
            self._name,
            name=self._name,
            project=self._cloud.project,
            auto_create_subnetworks=False,
            routing_mode="REGIONAL",
            mtu=self._cloud.network_mtu,
            opts=self._child,
        )

    def _subnet(self, network: compute.Network) -> pulumi.Input[str]:
        name, placed = self._name, {"project": self._cloud.project, "region": self._cloud.region}
        subnet = compute.Subnetwork(
            f"{name}-nodes",
            name=f"{name}-nodes",
            network=network.id,
            ip_cidr_range=str(self._cloud.subnet_cidr),
            stack_type="IPV4_ONLY",
            # Windows is activated, and images are fetched from Google, without a public address.
            private_ip_google_access=True,
            log_config=compute.SubnetworkLogConfigArgs(
                aggregation_interval="INTERVAL_5_SEC", flow_sampling=0.5, metadata="INCLUDE_ALL_METADATA"
            ),
            opts=self._child,
            **placed,
        )
        router = compute.Router(name, name=name, network=network.id, opts=self._child, **placed)
        compute.RouterNat(
            name,
            name=name,
            router=router.name,
            nat_ip_allocate_option="AUTO_ONLY",
            source_subnetwork_ip_ranges_to_nat="LIST_OF_SUBNETWORKS",
            subnetworks=[
                compute.RouterNatSubnetworkArgs(name=subnet.id, source_ip_ranges_to_nats=["ALL_IP_RANGES"]),
            ],
            log_config=compute.RouterNatLogConfigArgs(enable=True, filter="ERRORS_ONLY"),
            opts=self._child,
            **placed,
        )
        made: pulumi.Output[str] = subnet.id
        return made

    def _let_through(self, opening: Opening, network: pulumi.Input[str], tag: str) -> None:
        ports = None if opening.port is None else [str(opening.port)]
        compute.Firewall(
            f"{self._name}-{opening.name}",
            name=f"{self._name}-{opening.name}",
            project=self._cloud.project,
            network=network,
            direction="INGRESS",
            priority=1000,
            allows=[compute.FirewallAllowArgs(protocol=opening.protocol, ports=ports)],
            source_ranges=list(opening.sources),
            target_tags=[tag],
            log_config=compute.FirewallLogConfigArgs(metadata="EXCLUDE_ALL_METADATA"),
            opts=self._child,
        )

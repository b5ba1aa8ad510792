"""One instance on Google Compute Engine, with its addresses, and SSH open to its administrator."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pulumi
from pulumi_gcp import compute

from components.retry import when_refused
from components.sources.gce_network import GceNetwork
from config.settings import GceCloud, LinuxNode, Shape, WindowsNode
from config.ssh import Login
from plan.first_boot import PUBLISHED, Publication, linux_boot, windows_boot

_SCOPES = [f"https://www.googleapis.com/auth/{name}" for name in ("logging.write", "monitoring.write")]
_PUBLICATION = Publication(
    # By its address: name resolution may be the cluster's by then.
    "http://169.254.169.254/computeMetadata/v1/instance/guest-attributes/hostkeys",
    "Metadata-Flavor: Google",
)
_SECONDS_BETWEEN = 10
_MOST_LOOKS = 180
"""Half an hour: Server 2022 fetches OpenSSH from Windows Update."""
_MADE_LATELY = timedelta(hours=2)
"""More than that, so that clocks may differ."""


class GceMachine(pulumi.ComponentResource):
    """A machine that keeps its address, has no rights in its project, and takes its disk with it when it goes."""

    instance: compute.Instance
    public_address: pulumi.Output[str] | None

    def __init__(
        self,
        node: LinuxNode | WindowsNode,
        cloud: GceCloud,
        shape: Shape,
        place: GceNetwork,
        login: Login,
        *,
        public: bool,
        is_control_plane: bool,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Make the machine.

        Args:
            node: the node it is for, which gives it name and address.
            cloud: what the stack file says about Google.
            shape: what it says about this machine.
            place: where the machine is put.
            login: who is let in by SSH.
            public: whether it has a public address.
            is_control_plane: whether it is the control plane's.
            opts: resource options.
        """
        super().__init__("casement:gce:Machine", f"{node.name}-gce", None, opts)
        self._node, self._cloud, self._shape, self._login, self._place = node, cloud, shape, login, place
        self._labels = {**cloud.labels, **(shape.labels or {})}
        self._child = pulumi.ResourceOptions(parent=self, delete_before_replace=True, hooks=when_refused())
        own = self._address(
            "internal",
            address_type="INTERNAL",
            purpose="GCE_ENDPOINT",
            subnetwork=place.subnet,
            address=str(node.address),
        )
        outside = self._address("public", address_type="EXTERNAL", network_tier="PREMIUM") if public else None
        self.public_address = outside.address if outside else None
        tags = [place.node_tag, *([place.control_plane_tag] if is_control_plane else [])]
        self.instance = self._instance(own, tags)
        self.register_outputs({})

    def _address(self, kind: str, **said: pulumi.Input[str]) -> compute.Address:
        name = f"{self._node.name}-{kind}"
        return compute.Address(
            name,
            name=name,
            project=self._cloud.project,
            region=self._cloud.region,
            labels=self._labels,
            opts=self._child,
            **said,
        )

    def _instance(self, own: compute.Address, tags: list[str]) -> compute.Instance:
        shape = self._shape
        outside = (
            [compute.InstanceNetworkInterfaceAccessConfigArgs(nat_ip=self.public_address, network_tier="PREMIUM")]
            if self.public_address is not None
            else None
        )
        # Another image, size, label or key of its disk would mean another machine; it keeps what it was made with.
        options = pulumi.ResourceOptions(
            ignore_changes=["bootDisk"],
        )
        return compute.Instance(
            self._node.name,
            name=self._node.name,
            project=self._cloud.project,
            zone=shape.zone,
            machine_type=shape.size,
            tags=tags,
            labels=self._labels,
            # VXLAN's outer addresses are the nodes' own.
            can_ip_forward=False,
            allow_stopping_for_update=True,
            metadata=self._metadata(),
            boot_disk=compute.InstanceBootDiskArgs(
                auto_delete=True,
                kms_key_self_link=self._cloud.kms_key,
                initialize_params=compute.InstanceBootDiskInitializeParamsArgs(
                    image=shape.image, size=shape.disk_gib, type=shape.disk_type, labels=self._labels
                ),
            ),
            network_interfaces=[
                compute.InstanceNetworkInterfaceArgs(
                    subnetwork=self._place.subnet,
                    network_ip=own.address,
                    stack_type="IPV4_ONLY",
                    access_configs=outside,
                )
            ],
            service_account=compute.InstanceServiceAccountArgs(email=self._place.account, scopes=_SCOPES),
            shielded_instance_config=compute.InstanceShieldedInstanceConfigArgs(
                enable_secure_boot=True, enable_vtpm=True, enable_integrity_monitoring=True
            ),
            scheduling=_spot() if shape.spot else _standard(),
            opts=pulumi.ResourceOptions.merge(self._child, options),
        )

    def _metadata(self) -> dict[str, str]:
        closed = {
            "block-project-ssh-keys": "true",
            "serial-port-enable": "FALSE",
            # Here the machine publishes its host key.
            "enable-guest-attributes": "TRUE",
        }
        user, key = self._login.user, self._login.public_key
        if self._node.os == "linux":
            return {**closed, "ssh-keys": f"{user}:{key} {user}", "startup-script": linux_boot(_PUBLICATION)}
        mtu = 0 if self._cloud.existing_subnet else self._cloud.network_mtu
        return {
            **closed,
            # The agent would take addresses off the virtual switch's adapter.
            "disable-address-manager": "true",
            "windows-startup-script-ps1": windows_boot(user, key, mtu, _PUBLICATION),
        }


def _standard() -> compute.InstanceSchedulingArgs:
    return compute.InstanceSchedulingArgs(
        automatic_restart=True, on_host_maintenance="MIGRATE", provisioning_model="STANDARD"
    )


def _spot() -> compute.InstanceSchedulingArgs:
    return compute.InstanceSchedulingArgs(
        automatic_restart=False,
        preemptible=True,
        on_host_maintenance="TERMINATE",
        provisioning_model="SPOT",
        instance_termination_action="STOP",
    )


async def once_published(name: str, project: str, zone: str, made_at: str) -> str:
    """Return the name of a machine once its console says that its host key is published; half an hour at most.

    Google answers a question for what is not published yet with an error, which would end the run; its console can be
    read from the first moment. Of a machine that was not just made it may have forgotten that, and is not asked. A hook
    of the resource is no place to wait: the engine then writes no state, and a provider that it needs for the first
    time meanwhile, as for the first command, is never started.

    Args:
        name: the machine's.
        project: where it is.
        zone: where it is.
        made_at: when it was made, as Google writes times.

    Raises:
        TimeoutError: it has said nothing for so long.
    """
    if datetime.now(UTC) - datetime.fromisoformat(made_at) > _MADE_LATELY:
        return name
    for look in range(_MOST_LOOKS):
        if look:
            await asyncio.sleep(_SECONDS_BETWEEN)
        console = await compute.get_instance_serial_port_output(
            instance=name, project=project, zone=zone, port=1
        ).future()
        if console is not None and PUBLISHED in console.contents:
            return name
    raise TimeoutError(f"{name} has not published its SSH host key within half an hour; its console shows why")

"""One virtual machine on Azure, with its adapter, and SSH open to its administrator."""

from __future__ import annotations

import base64
import secrets

import pulumi
from pulumi_azure_native import compute, network

from components.retry import when_refused
from components.sources.azure_network import AzureNetwork
from components.sources.azure_types import without_versioned_names
from config.settings import AzureCloud, LinuxNode, Shape, WindowsNode
from config.sizes import azure_size
from config.ssh import Login
from plan.first_boot import PRINT_HOST_KEY, linux_with_mtu, open_ssh

SSH_COMMAND = "casement-ssh"
"""Name of the run command on each machine."""
_SSH_SECONDS = 1800
"""Server 2022 fetches OpenSSH from Windows Update."""
_MADE_WITH = ["osProfile", "storageProfile.imageReference"]
"""What a machine was made with, and keeps: another image or password would mean another machine."""


class AzureMachine(pulumi.ComponentResource):
    """A machine that keeps its address, gives nobody else an opening, and takes its disk with it when it goes."""

    vm: compute.VirtualMachine
    opened: compute.VirtualMachineRunCommandByVirtualMachine
    """What has made SSH answer, and printed the host key."""
    public_address: pulumi.Output[str] | None

    def __init__(
        self,
        node: LinuxNode | WindowsNode,
        cloud: AzureCloud,
        shape: Shape,
        place: AzureNetwork,
        login: Login,
        *,
        public: bool,
        updates_by_hand: bool,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Make the machine.

        Args:
            node: the node it is for, which gives it name and address.
            cloud: what the stack file says about Azure.
            shape: what it says about this machine.
            place: where the machine is put.
            login: who is let in by SSH.
            public: whether it has a public address.
            updates_by_hand: whether Windows installs updates only when an administrator does.
            opts: resource options.
        """
        lean = pulumi.ResourceOptions(transformations=[without_versioned_names])
        super().__init__("casement:azure:Machine", f"{node.name}-azure", None, pulumi.ResourceOptions.merge(opts, lean))
        self._node, self._cloud, self._shape, self._login, self._place = node, cloud, shape, login, place
        self._child = pulumi.ResourceOptions(parent=self, delete_before_replace=True, hooks=when_refused())
        self._placed = {**place.placed, "tags": {**cloud.labels, **(shape.labels or {})}}
        address = place.public_address(f"{node.name}-public", self._child) if public else None
        self.public_address = address.ip_address if address else None
        self.vm = self._machine(self._adapter(address), updates_by_hand)
        self.opened = self._open()
        self.register_outputs({})

    def _adapter(self, public: network.PublicIPAddress | None) -> network.NetworkInterface:
        size = azure_size(str(self._shape.size))
        return network.NetworkInterface(
            self._node.name,
            network_interface_name=self._node.name,
            # VXLAN's outer addresses are the nodes' own.
            enable_ip_forwarding=False,
            enable_accelerated_networking=self._cloud.accelerated_networking
            and bool(size and size.accelerated_network),
            network_security_group=network.NetworkSecurityGroupArgs(id=self._place.security_group.id),
            ip_configurations=[
                network.NetworkInterfaceIPConfigurationArgs(
                    name="primary",
                    primary=True,
                    subnet=network.SubnetArgs(id=self._place.subnet_id),
                    private_ip_allocation_method="Static",
                    private_ip_address=str(self._node.address),
                    private_ip_address_version="IPv4",
                    public_ip_address=network.PublicIPAddressArgs(id=public.id) if public else None,
                )
            ],
            opts=self._child,
            **self._placed,
        )

    def _machine(self, adapter: network.NetworkInterface, updates_by_hand: bool) -> compute.VirtualMachine:
        shape, windows = self._shape, self._node.os == "windows"
        # The price is no reason to take the machine away; that Azure needs it itself is.
        spot = {
            "priority": "Spot",
            "eviction_policy": "Deallocate",
            "billing_profile": compute.BillingProfileArgs(max_price=-1),
        }
        return compute.VirtualMachine(
            self._node.name,
            vm_name=self._node.name,
            zones=[shape.zone] if shape.zone else None,
            hardware_profile=compute.HardwareProfileArgs(vm_size=shape.size),
            license_type="Windows_Server" if windows and self._cloud.hybrid_benefit else None,
            os_profile=self._windows(updates_by_hand) if windows else self._linux(),
            storage_profile=self._disk(),
            network_profile=compute.NetworkProfileArgs(
                network_interfaces=[compute.NetworkInterfaceReferenceArgs(id=adapter.id, primary=True)]
            ),
            security_profile=compute.SecurityProfileArgs(
                security_type="TrustedLaunch",
                encryption_at_host=self._cloud.encryption_at_host,
                uefi_settings=compute.UefiSettingsArgs(secure_boot_enabled=True, v_tpm_enabled=True),
            ),
            # It would open the serial console.
            diagnostics_profile=compute.DiagnosticsProfileArgs(
                boot_diagnostics=compute.BootDiagnosticsArgs(enabled=False)
            ),
            opts=pulumi.ResourceOptions.merge(self._child, pulumi.ResourceOptions(ignore_changes=_MADE_WITH)),
            **(spot if shape.spot else {}),
            **self._placed,
        )

    def _disk(self) -> compute.StorageProfileArgs:
        publisher, offer, sku, version = str(self._shape.image).split(":")
        own_key = self._cloud.disk_encryption_set
        return compute.StorageProfileArgs(
            image_reference=compute.ImageReferenceArgs(publisher=publisher, offer=offer, sku=sku, version=version),
            os_disk=compute.OSDiskArgs(
                name=f"{self._node.name}-system",
                create_option="FromImage",
                caching="ReadWrite",
                delete_option="Delete",
                disk_size_gb=self._shape.disk_gib,
                os_type="Windows" if self._node.os == "windows" else "Linux",
                managed_disk=compute.ManagedDiskParametersArgs(
                    storage_account_type=self._shape.disk_type,
                    disk_encryption_set=compute.DiskEncryptionSetParametersArgs(id=own_key) if own_key else None,
                ),
            ),
        )

    def _linux(self) -> compute.OSProfileArgs:
        user = self._login.user
        key = compute.SshPublicKeyArgs(path=f"/home/{user}/.ssh/authorized_keys", key_data=self._login.public_key)
        return compute.OSProfileArgs(
            computer_name=self._node.name,
            admin_username=user,
            custom_data=base64.b64encode(linux_with_mtu(self._cloud.linux_mtu).encode()).decode(),
            # The host key is read by a run command.
            allow_extension_operations=True,
            linux_configuration=compute.LinuxConfigurationArgs(
                disable_password_authentication=True,
                provision_vm_agent=True,
                ssh=compute.SshConfigurationArgs(public_keys=[key]),
            ),
        )

    def _windows(self, updates_by_hand: bool) -> compute.OSProfileArgs:
        return compute.OSProfileArgs(
            computer_name=self._node.name,
            admin_username=self._login.user,
            # Azure asks for one. Each run thinks of another one, and the machine keeps its first.
            admin_password=pulumi.Output.secret(f"{secrets.token_urlsafe(48)}aA1!"),
            allow_extension_operations=True,
            windows_configuration=compute.WindowsConfigurationArgs(
                provision_vm_agent=True,
                enable_automatic_updates=not updates_by_hand,
                patch_settings=compute.PatchSettingsArgs(
                    patch_mode="Manual" if updates_by_hand else "AutomaticByOS", assessment_mode="ImageDefault"
                ),
            ),
        )

    def _open(self) -> compute.VirtualMachineRunCommandByVirtualMachine:
        windows = self._node.os == "windows"
        script = open_ssh(self._login.user, self._login.public_key) if windows else PRINT_HOST_KEY
        return compute.VirtualMachineRunCommandByVirtualMachine(
            f"{self._node.name}-ssh",
            vm_name=self.vm.name,
            run_command_name=SSH_COMMAND,
            source=compute.VirtualMachineRunCommandScriptSourceArgs(script=script),
            async_execution=False,
            timeout_in_seconds=_SSH_SECONDS,
            # Else a script that fails would count as one that did not.
            treat_failure_as_deployment_failure=True,
            # Azure cannot take it away from a machine that is stopped.
            opts=pulumi.ResourceOptions(parent=self, deleted_with=self.vm, hooks=when_refused()),
            **self._placed,
        )

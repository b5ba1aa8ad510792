"""Clouds that machines come from: what a stack file says about their networks and machines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Network
from typing import Literal

from pydantic import Field

from config.model import Model

Source = Literal["onPremises", "azure", "gce"]


class Shape(Model):
    """What a machine in a cloud is like. What is left out comes from its pool, then from `linux` or `windows` there."""

    size: str | None = Field(None, description="Size (Azure) or machine type (GCE).")
    zone: str | None = Field(
        None, description="Zone: `1`, `2` or `3` on Azure, where it may be left out; on GCE as `europe-west4-a`."
    )
    image: str | None = Field(
        None,
        description="Image in one version, never the latest: PUBLISHER:OFFER:SKU:VERSION on Azure, PROJECT/IMAGE on "
        "GCE.",
    )
    disk_gib: int | None = Field(None, description="Size of the disk in GiB.")
    disk_type: str | None = Field(None, description="Type of the disk: as Premium_LRS on Azure, as pd-balanced on GCE.")
    spot: bool | None = Field(
        None, description="True for a machine that the cloud may take away at any time; never the control plane's."
    )
    labels: Mapping[str, str] | None = Field(
        None, description="More labels of the machine, which Azure calls tags; those of wider places stay."
    )


class Pool(Shape):
    """Machines that are alike."""

    name: str = Field(description="Name of the pool; nodes give it as `pool`.")


class Cloud(Model):
    """What every cloud asks for."""

    subnet_cidr: IPv4Network | None = Field(
        None, description="Range of the network that is made for the machines, with one subnet; lies in nodeCidrs."
    )
    existing_subnet: str | None = Field(
        None,
        description="Subnet that exists, instead of subnetCidr; its way to the internet, or your mirror, is yours to "
        "provide.",
    )
    admin_cidrs: tuple[IPv4Network, ...] = Field(
        description="Ranges from which SSH and the API server can be reached; nobody else outside the network can."
    )
    allow_open_access: bool = Field(
        False, description="True accepts ranges in adminCidrs that hold large parts of the internet."
    )
    public_control_plane: bool = Field(
        True,
        description="False: the control plane's machine has no public address, and is reached over your own network "
        "or through ssh.jumpHost. Workers never have one.",
    )
    admin_user: str = Field("casement", description="Administrator that is made on each machine, to log in as.")
    labels: Mapping[str, str] = Field(
        default_factory=dict, description="Labels of everything that is made, which Azure calls tags."
    )
    pools: tuple[Pool, ...] = Field((), description="Kinds of machines, for nodes that name one.")


class AzureCloud(Cloud):
    """Microsoft Azure. Subscription and login come from the Azure provider: `az login`, or ARM_* variables."""

    location: str = Field(description="Region, as in westeurope.")
    resource_group: str = Field(description="Resource group that everything is made in.")
    existing_resource_group: bool = Field(False, description="True when the resource group exists: it is not made.")
    linux: Shape = Field(
        default_factory=lambda: Shape(size="Standard_D2s_v5", disk_gib=64, disk_type="Premium_LRS"),
        description="What Linux machines are like; what is left out is Standard_D2s_v5 with 64 GiB of Premium_LRS.",
    )
    windows: Shape = Field(
        default_factory=lambda: Shape(size="Standard_D4s_v5", disk_gib=128, disk_type="Premium_LRS"),
        description="What Windows machines are like; what is left out is Standard_D4s_v5 with 128 GiB of Premium_LRS.",
    )
    encryption_at_host: bool = Field(
        True,
        description="Disks are encrypted on the host too. The subscription must be registered for it once: "
        "`az feature register --namespace Microsoft.Compute --name EncryptionAtHost`.",
    )
    disk_encryption_set: str | None = Field(
        None, description="Resource ID of a disk encryption set with your own key; else Azure's keys are used."
    )
    accelerated_networking: bool = Field(
        True, description="False: adapters without accelerated networking; sizes that have none go without it anyway."
    )
    hybrid_benefit: bool = Field(False, description="True when you have Windows Server licences of your own.")
    linux_mtu: int = Field(
        1400,
        description="MTU of the Linux machines' adapters in bytes: Azure splits larger packets, and VXLAN then loses "
        "some.",
    )


class GceCloud(Cloud):
    """Google Compute Engine. Login comes from the Google provider, as `gcloud auth application-default login`."""

    project: str = Field(description="Project that everything is made in.")
    region: str = Field(description="Region, as in europe-west4.")
    linux: Shape = Field(
        default_factory=lambda: Shape(size="e2-standard-2", disk_gib=64, disk_type="pd-balanced"),
        description="What Linux machines are like; what is left out is e2-standard-2 with 64 GiB of pd-balanced.",
    )
    windows: Shape = Field(
        default_factory=lambda: Shape(size="e2-standard-4", disk_gib=128, disk_type="pd-balanced"),
        description="What Windows machines are like; what is left out is e2-standard-4 with 128 GiB of pd-balanced.",
    )
    service_account: str | None = Field(
        None, description="E-mail address of a service account that exists, for the machines; else one is made."
    )
    kms_key: str | None = Field(
        None,
        description="Cloud KMS key for the disks, as projects/P/locations/L/keyRings/R/cryptoKeys/K; else Google's.",
    )
    network_mtu: int = Field(
        1500, description="MTU in bytes of the network that is made; Windows' VXLAN needs 1500, Google's own is 1460."
    )


def merged(shapes: Iterable[Shape]) -> Shape:
    """Return a shape in which the first of these that says something counts; labels are put together."""
    fields: dict[str, object] = {}
    labels: dict[str, str] = {}
    for shape in shapes:
        said = {name: getattr(shape, name) for name in Shape.model_fields}
        fields = {name: value for name, value in said.items() if value is not None} | fields
        labels = {**(shape.labels or {}), **labels}
    return Shape.model_validate({**fields, "labels": labels})

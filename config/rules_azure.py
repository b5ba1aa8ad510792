"""Rules about machines on Azure. Source of names and limits: learn.microsoft.com, and the provider's own docstrings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from config.problems import Problem, shown
from config.rules_clouds import all_labels, disk_type_problems, size_problems
from config.settings import AzureCloud, Settings
from config.sizes import Size, azure_size
from config.sources import CloudNode, cloud_nodes

ZONES = ("1", "2", "3")
DISK_TYPES = ("Premium_LRS", "Premium_ZRS", "StandardSSD_LRS", "StandardSSD_ZRS")
KEY_TYPES = ("ssh-ed25519", "ssh-rsa")
MTU_MIN, MTU_MAX = 1280, 9000
LABELS_MAX = 50
_RESOURCE_GROUP = re.compile(r"[-\w.()]{0,89}[-\w()]")
_LOCATION = re.compile(r"[a-z]+[a-z0-9]*")
_SUBNET = re.compile(
    r"/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.Network/virtualNetworks/[^/]+/subnets/[^/]+", re.I
)
_DISK_SET = re.compile(
    r"/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.Compute/diskEncryptionSets/[^/]+", re.I
)
_IMAGE = re.compile(r"[\w.-]+:[\w.-]+:[\w.-]+:\d+\.\d+\.\d+")
_USER = re.compile(r"[a-z][-a-z0-9_]{0,19}")
_USERS_TAKEN = frozenset(
    {"a", "actuser", "adm", "admin", "admin1", "admin2", "administrator", "aspnet", "backup", "console", "david"}
    | {"guest", "john", "owner", "root", "server", "sql", "support", "support_388945a0", "sys", "test", "test1"}
    | {"test2", "test3", "user", "user1", "user2", "user3", "user4", "user5", "video"}
)
_LABEL = re.compile(r"[^<>%&\\?/]{1,512}")


def names_are_azures(settings: Settings) -> Iterator[Problem]:
    """What the provider would refuse after it has made half of everything."""
    azure = settings.azure
    if azure is None:
        return
    if not _LOCATION.fullmatch(azure.location):
        remedy = "write it as `az account list-locations -o table` shows it in its column Name, as in westeurope"
        yield Problem("azure.location", azure.location or "(empty)", "must be the short name of a region", remedy)
    if not _RESOURCE_GROUP.fullmatch(azure.resource_group):
        rule = "must be 1 to 90 letters, digits and ( ) _ - . without a point at the end"
        yield Problem("azure.resourceGroup", azure.resource_group or "(empty)", rule, "write a name such as casement")
    for key, value, pattern, shape in (
        ("existingSubnet", azure.existing_subnet, _SUBNET, ".../virtualNetworks/NAME/subnets/NAME"),
        ("diskEncryptionSet", azure.disk_encryption_set, _DISK_SET, ".../diskEncryptionSets/NAME"),
    ):
        if value is not None and not pattern.fullmatch(value):
            rule = f"must be a resource ID that ends in {shape}"
            yield Problem(f"azure.{key}", value or "(empty)", rule, "`az resource list --query [].id` shows it")


def users_are_allowed(settings: Settings) -> Iterator[Problem]:
    """Azure refuses names that attackers try first."""
    azure = settings.azure
    if azure is None:
        return
    if not _USER.fullmatch(azure.admin_user) or azure.admin_user in _USERS_TAKEN:
        rule = "must be 1 to 20 lower-case letters and digits, and none that everybody would guess, as admin or user"
        yield Problem("azure.adminUser", azure.admin_user or "(empty)", rule, "leave it out for casement")


def zones_are_numbers(settings: Settings) -> Iterator[Problem]:
    """The number means a zone of the subscription."""
    for each in cloud_nodes(settings, AzureCloud):
        if each.shape.zone is not None and each.shape.zone not in ZONES:
            rule = f"must be one of {', '.join(ZONES)}, in quotes"
            yield Problem(
                each.where("zone"), each.shape.zone, rule, 'write "1"; or leave it out in regions without zones'
            )


def images_are_pinned(settings: Settings) -> Iterator[Problem]:
    """A machine that is made again must be the same; trusted launch asks for the second generation."""
    for each in cloud_nodes(settings, AzureCloud):
        image = each.shape.image
        if image is not None and not _IMAGE.fullmatch(image):
            rule = "must be PUBLISHER:OFFER:SKU:VERSION with a version in numbers, never latest"
            remedy = "`az vm image list --publisher P --offer O --sku S --all -o table` shows the versions"
            yield Problem(each.where("image"), image or "(empty)", rule, remedy)
        elif image is not None and image.startswith("MicrosoftWindowsServer:") and "-g2:" not in image:
            rule = "is of the first generation, which has no secure boot"
            sku = image.split(":")[2]
            yield Problem(each.where("image"), image, rule, f"write {sku}-g2 instead of {sku}")


def sizes_are_enough(settings: Settings) -> Iterator[Problem]:
    """What is asked for in every request must be there: secure boot, disks of that type."""
    for each in cloud_nodes(settings, AzureCloud):
        proposal = "Standard_D2s_v5" if each.node.os == "linux" else "Standard_D4s_v5"
        yield from size_problems(each, azure_size(str(each.shape.size)), proposal, partial(_lacks, each))


def _lacks(each: CloudNode, size: Size) -> str | None:
    if str(each.shape.disk_type).startswith("Premium") and not size.premium_disks:
        return f"takes no disks of type {each.shape.disk_type}: it has no `s` in its name"
    if not size.trusted_launch:
        return "has no trusted launch (secure boot and virtual TPM)"
    return None


def disk_types_are_azures(settings: Settings) -> Iterator[Problem]:
    """Systems start from these."""
    yield from disk_type_problems(settings, AzureCloud, DISK_TYPES)


def the_linux_mtu_is_sane(settings: Settings) -> Iterator[Problem]:
    """VXLAN needs room, and Azure has a largest packet."""
    azure = settings.azure
    if azure is not None and not MTU_MIN <= azure.linux_mtu <= MTU_MAX:
        rule = f"must be from {MTU_MIN} to {MTU_MAX} bytes"
        yield Problem("azure.linuxMtu", str(azure.linux_mtu), rule, "leave it out for 1400")


def labels_are_tags(settings: Settings) -> Iterator[Problem]:
    """Azure takes few, and not every character in their names."""
    azure = settings.azure
    if azure is None:
        return
    for key, labels in all_labels(settings, "azure", azure):
        wrong = [name for name in labels if not _LABEL.fullmatch(name)]
        if wrong or len(labels) > LABELS_MAX:
            rule = f"at most {LABELS_MAX} tags, without any of < > % & \\ ? / in their names"
            yield Problem(key, shown(wrong or list(labels)), rule, "correct the names, or leave some out")


def login_is_possible_on_azure(key: str, public_key: str) -> Iterator[Problem]:
    """Azure puts keys of two types into its machines."""
    kind = public_key.split(maxsplit=1)[0]
    if kind not in KEY_TYPES:
        rule = f"Azure takes keys of the types {' and '.join(KEY_TYPES)} only"
        yield Problem(f"{key}.ssh.privateKeyFile", f"(a key of type {kind})", rule, "`ssh-keygen -t ed25519` makes one")

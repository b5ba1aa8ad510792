"""What the name of a cloud's machine size says about it, by the naming conventions that both clouds document.

As of November 2025; nothing is asked of a cloud. Sources: learn.microsoft.com, "Azure VM sizes naming conventions" and
"Trusted Launch, virtual machine sizes"; cloud.google.com/compute/docs, "Machine families".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

VCPUS_MIN = 2
"""What kubeadm asks of a control plane, and Windows Server of any node that is to run a pod."""
MEMORY_MIN = 4
"""In GiB, for the same reasons."""

_AZURE = re.compile(
    r"Standard_(?P<family>[A-Z]+?)(?P<old_premium>S?)(?P<vcpus>\d+)(?:-\d+)?(?P<features>[a-z]*)"
    r"(?:_[A-Z][A-Z0-9]*)?(?:_v(?P<version>\d+))?"
)
_AZURE_GIB_PER_VCPU = {"D": 4.0, "DC": 4.0, "E": 8.0, "EC": 8.0, "F": 2.0, "B": 4.0}
_AZURE_GEN2_FROM = 4
_GCE = re.compile(
    r"(?P<series>[a-z][0-9][a-z]?)-(?P<kind>[a-z]+)(?:-(?P<vcpus>\d+))?(?:-(?P<mib>\d+))?(?:-(?:ext|lssd|metal))?"
)
_GCE_SHARED = {
    "e2-micro": (2, 1.0),
    "e2-small": (2, 2.0),
    "e2-medium": (2, 4.0),
    "f1-micro": (1, 0.6),
    "g1-small": (1, 1.7),
}
_GCE_GIB_PER_VCPU = {"standard": 4.0, "highmem": 8.0, "highcpu": 1.0}
_GCE_ARM = ("t2a", "c4a", "n4a")
_GCE_HYPERDISK_ONLY = ("c4", "c4a", "c4d", "n4", "n4a", "n4d")
_GCE_GENERAL_QUOTA = ("e2", "n1", "f1", "g1")


@dataclass(frozen=True, slots=True)
class Size:
    """A machine size as its name tells it."""

    vcpus: int
    memory_gib: float | None
    """None where the name does not tell."""
    quota: str
    """What the cloud counts its vCPUs under."""
    arm: bool
    premium_disks: bool = True
    """Azure: whether it takes disks of premium types."""
    trusted_launch: bool = True
    accelerated_network: bool = True
    hyperdisk_only: bool = False
    hyperdisk: bool = True


def azure_size(name: str) -> Size | None:
    """Return what the name of an Azure size says; None if it is none."""
    match = _AZURE.fullmatch(name)
    if match is None:
        return None
    family, features = match["family"], match["features"] + ("s" if match["old_premium"] else "")
    version, vcpus = int(match["version"] or 1), int(match["vcpus"])
    # Old burstable sizes come in many proportions: B2s has 4 GiB, B2ms has 8.
    burstable = family == "B" and version == 1
    per_vcpu = _AZURE_GIB_PER_VCPU.get(family)
    if "l" in features or (burstable and "m" not in features):
        per_vcpu = 2.0
    elif "t" in features:
        per_vcpu = 0.5
    premium = "s" in features
    return Size(
        vcpus=vcpus,
        memory_gib=per_vcpu * vcpus if per_vcpu else None,
        quota=f"Standard {family}{'S' if burstable else features.upper()}{f'v{version}' if version > 1 else ''} Family",
        arm="p" in features,
        premium_disks=premium,
        trusted_launch=version >= _AZURE_GEN2_FROM or (premium and (version > 1 or burstable)),
        accelerated_network=not burstable,
    )


def gce_size(name: str) -> Size | None:
    """Return what the name of a machine type of Google Compute Engine says; None if it is none."""
    match = _GCE.fullmatch(name)
    if match is None or (match["vcpus"] is None and name not in _GCE_SHARED):
        return None
    series = match["series"]
    vcpus, memory = _GCE_SHARED[name] if name in _GCE_SHARED else (int(match["vcpus"]), _gce_memory(match))
    return Size(
        vcpus=vcpus,
        memory_gib=memory,
        quota="CPUS" if series in _GCE_GENERAL_QUOTA else f"{series.upper()}_CPUS",
        arm=series in _GCE_ARM,
        hyperdisk_only=series in _GCE_HYPERDISK_ONLY,
        hyperdisk=series not in _GCE_GENERAL_QUOTA,
    )


def _gce_memory(match: re.Match[str]) -> float | None:
    if match["mib"]:
        return int(match["mib"]) / 1024
    per_vcpu = _GCE_GIB_PER_VCPU.get(match["kind"])
    return per_vcpu * int(match["vcpus"]) if per_vcpu else None

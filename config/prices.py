"""What clouds ask for machines: list prices in US dollars an hour, without discounts, traffic, disks and logs.

Written down by hand from azure.microsoft.com/pricing (East US) and cloud.google.com/compute/all-pricing (us-central1)
as they were in the middle of 2025, and compared with nothing since: they may be old. Most other regions cost up to a
third more. They say whether a mistake is ten dollars or a thousand, and are no offer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from config.clouds import Source

AS_OF = "mid 2025"
HOURS_PER_MONTH = 730
PER_VCPU: Mapping[str, float] = MappingProxyType(
    {
        "Standard BS Family": 0.0208,
        "Standard DSv5 Family": 0.048,
        "Standard DASv5 Family": 0.043,
        "Standard ESv5 Family": 0.063,
        "Standard FSv2 Family": 0.0423,
        "CPUS": 0.0335,
        "N2_CPUS": 0.0486,
        "N2D_CPUS": 0.0423,
    }
)
"""By what quotas are counted under."""
WINDOWS_PER_VCPU = 0.046
ADDRESS = 0.005


@dataclass(frozen=True, slots=True)
class WayOut:
    """What the way out of a network that is made costs, and takes of quotas."""

    whole: float
    for_each_machine: float
    addresses: int


WAY_OUT: Mapping[Source, WayOut] = MappingProxyType(
    {"azure": WayOut(0.045, 0, addresses=1), "gce": WayOut(0, 0.0014, addresses=0)}
)

"""Which stand-in for a cloud is run, with what behind its machines."""

from __future__ import annotations

import os

from lab.providers.cloud import CloudProvider
from lab.providers.cloud_machines import Machines, NoHosts
from lab.providers.cloud_state import HOSTS_VARIABLE, CloudFolder


def cloud_provider(name: str) -> CloudProvider:
    """Return the stand-in for a provider, on the clouds that the environment names."""
    clouds, machines = CloudFolder.from_environment(), _machines()
    if name == "gcp":
        from lab.providers.gcp import Gcp  # noqa: PLC0415 - reads Google's description of its API

        return Gcp(clouds, machines)
    from lab.providers.azure_native import AzureNative  # noqa: PLC0415 - loads Microsoft's models

    return AzureNative(clouds, machines)


def _machines() -> Machines:
    if not os.environ.get(HOSTS_VARIABLE):
        return NoHosts()
    from lab.cloud_hosts import CloudHosts  # noqa: PLC0415 - needs root, and the lab's network

    return CloudHosts()

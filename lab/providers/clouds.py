"""Which stand-in for a cloud is run, with what behind its machines."""

from __future__ import annotations

from lab.providers.cloud import CloudProvider
from lab.providers.cloud_machines import NoHosts
from lab.providers.cloud_state import CloudFolder


def cloud_provider(name: str) -> CloudProvider:
    """Return the stand-in for a provider, on the clouds that the environment names."""
    clouds, machines = CloudFolder.from_environment(), NoHosts()
    if name == "gcp":
        from lab.providers.gcp import Gcp  # noqa: PLC0415 - reads Google's description of its API

        return Gcp(clouds, machines)
    from lab.providers.azure_native import AzureNative  # noqa: PLC0415 - loads Microsoft's models

    return AzureNative(clouds, machines)

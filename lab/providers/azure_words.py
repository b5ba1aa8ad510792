"""How Azure refuses."""

from __future__ import annotations

from lab.providers.server import ProviderError


def refused(status: int, code: str, message: str) -> ProviderError:
    """Return the error that azure-native shows of an answer of Azure."""
    return ProviderError(f'Status={status} Code="{code}" Message="{message}"')

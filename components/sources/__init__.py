"""Where machines come from: one module a source, chosen here and nowhere else."""

from __future__ import annotations

from components.machine import MachineSource
from components.sources.onprem import OnPremises
from config.parse import Configuration


def source_for(configuration: Configuration) -> MachineSource:
    """Return the source of this stack's machines."""
    return OnPremises(configuration.endpoints)

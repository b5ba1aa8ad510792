"""Where machines come from: one module a source, chosen here and nowhere else."""

from __future__ import annotations

from components.machine import Machine, MachineSource
from components.sources.onprem import OnPremises
from config.parse import Configuration
from config.settings import LinuxNode, Source, WindowsNode


def source_for(configuration: Configuration) -> MachineSource:
    """Return the source of this stack's machines."""
    return _Sources(configuration)


class _Sources:
    """Asks each node's own source, and asks for each machine once."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._sources: dict[Source, MachineSource] = {}
        self._machines: dict[str, Machine] = {}

    def machine(self, node: LinuxNode | WindowsNode) -> Machine:
        """Return the machine for this node."""
        if node.name not in self._machines:
            source = self._configuration.settings.source_of(node)
            if source not in self._sources:
                self._sources[source] = self._made(source)
            self._machines[node.name] = self._sources[source].machine(node)
        return self._machines[node.name]

    def _made(self, source: Source) -> MachineSource:
        # A cloud's SDK is large, and is installed only where it is used.
        if source == "azure":
            from components.sources.azure import Azure  # noqa: PLC0415

            return Azure(self._configuration, self._control_plane)
        if source == "gce":
            from components.sources.gce import Gce  # noqa: PLC0415

            return Gce(self._configuration, self._control_plane)
        return OnPremises(self._configuration.endpoints)

    def _control_plane(self) -> Machine:
        return self.machine(self._configuration.settings.control_plane)

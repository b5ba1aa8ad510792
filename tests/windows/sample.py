"""A cluster with one Windows node, and the steps it is made with."""

from __future__ import annotations

from config.downloads import Downloads, needed
from config.settings import Settings
from plan import windows_node
from plan.step import Step


def settings(**changes: object) -> Settings:
    """Return settings with one Windows node, with other keys (as in a stack file) over them."""
    values: dict[str, object] = {
        "nodeCidrs": ["10.77.0.0/24"],
        "controlPlane": {"name": "cp1", "address": "10.77.0.11"},
        "windowsNodes": [{"name": "win1", "managementIp": "10.77.0.21"}],
        "imageArchives": [{"os": "windows", "url": "https://images.example.org/windows.tar"}],
    }
    return Settings.model_validate(values | changes)


def steps(chosen: Settings) -> dict[str, Step]:
    """Return all steps that run on the first Windows node, by name, in their order."""
    node = chosen.windows_nodes[0]
    downloads = Downloads(chosen, {source.url: "0" * 64 for source in needed(chosen)})
    ordered = (
        *windows_node.preparation(chosen, node, downloads),
        *windows_node.joining(chosen, node),
        *windows_node.networking(chosen, node),
        *windows_node.services(chosen, node),
    )
    return {step.name: step for step in ordered}

"""Arguments of a component: the settings under other names, with the same rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from casement.arguments import FlannelArgs, WindowsNodesArgs
from config.arguments import configured
from config.load import StackConfigurationError
from config.settings import Settings
from config.typed import COMPONENTS
from tests.graph.conftest import site_files


@pytest.fixture
def arguments(tmp_path: Path) -> dict[str, Any]:
    files = site_files(tmp_path)
    (tmp_path / "key").write_text(files["sshPrivateKey"])
    return {
        "node_cidrs": ["10.77.0.0/24"],
        "control_plane": {"name": "cp1", "address": "10.77.0.11", "existing": True},
        "windows_nodes": [{"name": "win1", "management_ip": "10.77.0.21", "ssh": {"user": "Administrator"}}],
        "ssh": {"private_key_file": "key", "known_hosts_file": files["ssh"]["knownHostsFile"], "port": None},
        "downloads_file": files["downloadsFile"],
    }


def test_arguments_become_settings(arguments: dict[str, Any], tmp_path: Path) -> None:
    configuration = configured(arguments, tmp_path)
    assert str(configuration.settings.windows_nodes[0].management_ip) == "10.77.0.21"
    assert configuration.endpoints["win1"].user == "Administrator"
    assert configuration.endpoints["win1"].port == 22


def test_whole_numbers_of_other_languages_are_whole_and_names_in_documents_stay(
    arguments: dict[str, Any], tmp_path: Path
) -> None:
    documents = {"kubelet_configuration": {"registryPullQPS": 7.0, "image_gc": [0.5, {"a_b": 1.0}]}}
    settings = configured({**arguments, "pods_per_node": 60.0, **documents}, tmp_path).settings
    assert settings.pods_per_node == 60
    assert repr(settings.kubelet_configuration["registryPullQPS"]) == "7"
    assert settings.kubelet_configuration["image_gc"] == [0.5, {"a_b": 1}]


def test_every_mistake_is_told_under_the_key_that_the_documentation_has(
    arguments: dict[str, Any], tmp_path: Path
) -> None:
    node = {"name": "win1", "management_ip": "10.99.0.21", "interface": "x"}
    with pytest.raises(StackConfigurationError) as raised:
        configured({**arguments, "windows_nodes": [node], "vxlan_port": 8472, "pod_cidrs": []}, tmp_path)
    told = {problem.key for problem in raised.value.problems}
    assert {"windowsNodes[0].interface", "vxlanPort", "pod_cidrs"} <= told


@pytest.mark.parametrize(("component", "of"), [("WindowsNodes", WindowsNodesArgs), ("Flannel", FlannelArgs)])
def test_the_types_have_the_settings_that_the_components_take(component: str, of: Any) -> None:
    assert set(of.__annotations__) == set(COMPONENTS[component]) <= set(Settings.model_fields)
    assert of.__required_keys__ == {"node_cidrs", "control_plane"}

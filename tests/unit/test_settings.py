"""The settings: defaults, spelling, and values that cannot be changed."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network
from typing import Any

import pytest
from pydantic import ValidationError

from config.settings import Settings

BASE: Mapping[str, Any] = {"nodeCidrs": ["10.77.0.0/24"], "controlPlane": {"name": "cp1", "address": "10.77.0.11"}}


def test_the_defaults_are_those_of_the_guide() -> None:
    settings = Settings.model_validate(BASE)
    assert settings.pod_cidr == IPv4Network("10.244.0.0/16")
    assert settings.service_cidr == IPv4Network("10.96.0.0/12")
    assert settings.dns_address == IPv4Address("10.96.0.10")
    assert (settings.vni, settings.vxlan_port, settings.network_name) == (4096, 4789, "vxlan0")


def test_a_windows_node_has_the_defaults_of_the_old_start_script() -> None:
    windows = [{"name": "win1", "managementIp": "10.77.0.21"}]
    node = Settings.model_validate({**BASE, "windowsNodes": windows}).windows_nodes[0]
    assert (node.network_mode, node.interface_name, node.log_folder) == ("overlay", "Ethernet", r"C:\k")
    assert (node.os, node.address) == ("windows", IPv4Address("10.77.0.21"))


def test_all_nodes_are_in_one_list_with_the_control_plane_first() -> None:
    values = {
        **BASE,
        "linuxWorkers": [{"name": "lin1", "address": "10.77.0.12"}],
        "windowsNodes": [{"name": "win1", "managementIp": "10.77.0.21"}],
    }
    settings = Settings.model_validate(values)
    assert [node.name for node in settings.nodes] == ["cp1", "lin1", "win1"]
    assert [node.name for node in settings.linux_nodes] == ["cp1", "lin1"]


def test_nodes_reach_the_api_at_the_control_plane_unless_an_endpoint_is_given() -> None:
    assert Settings.model_validate(BASE).api_endpoint == "10.77.0.11:6443"
    control_plane = {**BASE["controlPlane"], "endpoint": "api.example.com:443"}
    assert Settings.model_validate({**BASE, "controlPlane": control_plane}).api_endpoint == "api.example.com:443"


def test_settings_cannot_be_changed() -> None:
    settings = Settings.model_validate(BASE)
    with pytest.raises(ValidationError):
        settings.vni = 5000  # type: ignore[misc]  # that is the point


def test_a_private_key_does_not_show_in_the_text_of_settings() -> None:
    settings = Settings.model_validate({**BASE, "sshPrivateKey": "very secret"})
    assert "very secret" not in repr(settings) + str(settings.model_dump())

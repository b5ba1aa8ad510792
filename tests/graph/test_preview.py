"""A preview of many machines in a cloud names them all, and takes little more than one of as many that exist."""

from __future__ import annotations

import cProfile
import pstats
from typing import Any

from tests.graph.clouds import made
from tests.graph.conftest import BASE, Deploy
from tests.graph.engine import Recorder
from tests.unit.cloud_site import azure_values, gce_values
from tests.unit.example_site import host_key

NODES = 20
MOST = 1.3
"""How much more than the preview of as many machines that exist one of machines in a cloud may take."""
WINDOWS = range(21, 21 + NODES - 2)


def on_premises() -> dict[str, Any]:
    ssh = {"user": "Administrator", "hostKey": host_key()}
    return {
        "windowsNodes": [{"name": f"win{last}", "managementIp": f"10.77.0.{last}", "ssh": ssh} for last in WINDOWS],
        "linuxWorkers": BASE["linuxWorkers"],
    }


def in_cloud(values: dict[str, Any]) -> dict[str, Any]:
    return values | {"windowsNodes": [{"name": f"win{last}", "managementIp": f"10.240.0.{last}"} for last in WINDOWS]}


def calls(deploy: Deploy, values: dict[str, Any]) -> tuple[Recorder, int]:
    """Return a preview, and how many calls of Python it took, which is the same on a busy machine as on an idle one."""
    profile = cProfile.Profile()
    profile.enable()
    recorder = deploy(preview=True, **values)
    profile.disable()
    total: int = pstats.Stats(profile).total_calls  # type: ignore[attr-defined]  # typeshed does not know it
    return recorder, total


def test_a_preview_of_machines_in_clouds_takes_little_more_than_one_of_machines_that_exist(deploy: Deploy) -> None:
    # What is imported once is no part of the comparison.
    for values in (azure_values(), gce_values()):
        deploy(preview=True, **values)
    _, usual = calls(deploy, on_premises())
    azure, on_azure = calls(deploy, in_cloud(azure_values()))
    google, on_google = calls(deploy, in_cloud(gce_values()))
    assert len(made(azure, "azure-native:compute:VirtualMachine")) == NODES
    assert len(made(google, "gcp:compute/instance:Instance")) == NODES
    for recorder in (azure, google):
        quota, price = recorder.outputs["costs"]
        assert f"{NODES} machines" in quota
        assert "USD a month" in price
    assert {"azure": on_azure / usual < MOST, "gce": on_google / usual < MOST} == {"azure": True, "gce": True}, (
        usual,
        on_azure,
        on_google,
    )

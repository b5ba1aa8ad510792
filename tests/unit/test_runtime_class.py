"""How a pod asks for one Windows build."""

from __future__ import annotations

from plan.runtime_class import runtime_classes
from tests.windows.sample import docker, settings

ONE = {"name": "win1", "managementIp": "10.77.0.21"}
OTHER = {"name": "win2", "managementIp": "10.77.0.22", "runtime": "docker"}


def test_the_handler_is_the_runtimes_own() -> None:
    assert {each.handler for each in runtime_classes(settings())} == {"runhcs-wcow-process"}
    assert {each.handler for each in runtime_classes(docker())} == {"docker"}


def test_there_is_none_that_would_fit_only_some_of_the_nodes_it_selects() -> None:
    assert runtime_classes(settings(windowsNodes=[ONE, OTHER])) == ()

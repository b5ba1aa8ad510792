"""Changes of versions through the real engine: what a preview refuses, what it warns of, and what runs."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lab.engine import Engine, Result
from tests.engine.ssh_server import SshServer, ssh_server

pytestmark = pytest.mark.engine

PROJECT = Path(__file__).resolve().parent.parent.parent
PROGRAM = """
    import json, os
    from pulumi_command import remote
    from components.machine import Machine
    from components.remote import Host
    from components.upgrade import Upgrade
    from config.downloads import Downloads, needed
    from config.settings import Settings
    from plan.upgrade import control_plane_upgrade, worker_upgrades

    at = remote.ConnectionArgs(**json.loads(os.environ["AT"]))
    settings = Settings.model_validate({
        "nodeCidrs": ["10.77.0.0/24"], "versions": VERSIONS,
        "controlPlane": {"name": "cp1", "address": "10.77.0.11"},
        "windowsNodes": [{"name": "win1", "managementIp": "10.77.0.21"}],
    })
    downloads = Downloads(settings, {source.url: "0" * 64 for source in needed(settings)})
    hosts = {
        node.name: Host(Machine(node.name, node.os, at, at, as_root=True, ssh_port=22)) for node in settings.nodes
    }
    head = Upgrade(control_plane_upgrade(settings, downloads), hosts["cp1"], hosts["cp1"], after=())
    for plan in worker_upgrades(settings, downloads):
        Upgrade(plan, hosts[plan.name], hosts["cp1"], after=head.ready)
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SshServer]:
    with ssh_server(tmp_path) as running:
        yield running


@pytest.fixture
def engine(tmp_path: Path, server: SshServer) -> Callable[..., Engine]:
    """Return an engine for a control plane and a Windows node of these versions."""
    at = json.dumps({"host": "127.0.0.1", "port": server.port, "password": "correct horse", "dial_error_limit": 0})
    project = tmp_path / "project"
    project.mkdir()
    (project / "Pulumi.yaml").write_text("name: test\nruntime: python\n")
    for part in ("components", "config", "plan", "scripts"):
        (project / part).symlink_to(PROJECT / part)

    def make(**versions: str) -> Engine:
        (project / "__main__.py").write_text(f"VERSIONS = {versions!r}\n{textwrap.dedent(PROGRAM)}")
        return Engine(project, tmp_path / "home", environment={"AT": at}).prepare()

    return make


def said(result: Result) -> str:
    return " ".join(result.text.split())


def test_a_change_of_version_runs_each_step_of_it_in_order_and_a_new_cluster_none(
    engine: Callable[..., Engine], server: SshServer
) -> None:
    engine(kubernetes="1.36.3").up().checked()
    assert not [command for command in server.commands if "step.sh" in command or "Invoke-Step" in command]
    before = len(server.commands)
    stack = engine(kubernetes="1.36.4")
    operations = stack.operations()
    assert set(operations.values()) == {"update"}
    assert len(operations) == 9
    assert "win1: " not in said(stack.run("preview").checked()), "nothing to warn of"
    stack.up().checked()
    ran = [command for command in server.commands[before:] if "step.sh" in command or "Invoke-Step" in command]
    names = ["stage-upgrade", "upgrade-control-plane", "drain-for-upgrade", "activate-upgrade", "return-to-service"]
    names += ["Save-Upgrade", "drain-for-upgrade", "Update-Node", "return-to-service"]
    assert len(ran) == len(names)
    assert all(name in command for name, command in zip(names, ran, strict=True))


@pytest.mark.parametrize(
    ("version", "remedy"),
    [("1.36.3", "Next: write 1.36.4 into versions.kubernetes"), ("1.38.0", "Next: write the newest 1.37.x")],
)
def test_a_version_that_cannot_follow_is_refused_in_preview_and_nothing_runs(
    engine: Callable[..., Engine], server: SshServer, version: str, remedy: str
) -> None:
    engine(kubernetes="1.36.4").up().checked()
    before = len(server.commands)
    stack = engine(kubernetes=version)
    for refused in (stack.run("preview"), stack.up()):
        assert refused.returncode != 0
        assert remedy in said(refused)
    assert not [command for command in server.commands[before:] if "upgrade-control-plane" in command]


def test_an_older_containerd_is_warned_of_in_preview(engine: Callable[..., Engine]) -> None:
    engine(containerd="2.3.4").up().checked()
    warned = engine(containerd="2.3.3").run("preview").checked()
    assert "containerd goes back from 2.3.4 to 2.3.3" in said(warned)

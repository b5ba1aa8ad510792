"""The program under the real engine, without any host: what a preview shows, and what it refuses."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.engine import Engine
from tests.graph.conftest import BASE, PROJECT, site_files

pytestmark = pytest.mark.engine


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The project's own parts in a folder of their own."""
    folder = tmp_path / "project"
    folder.mkdir()
    for part in ("components", "config", "plan", "scripts"):
        shutil.copytree(PROJECT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    for part in ("Pulumi.yaml", "__main__.py"):
        shutil.copy(PROJECT / part, folder / part)
    return folder


def engine(project: Path, **keys: Any) -> Engine:
    """Return an engine for the stack ``site`` with the base configuration and these keys over it."""
    site = site_files(project)
    key_file = project / "key"
    key_file.write_text(site.pop("sshPrivateKey"))
    site["ssh"] |= {"privateKeyFile": str(key_file)}
    values = {f"casement:{key}": value for key, value in (BASE | site | keys).items()}
    (project / "config/Pulumi.site.yaml").write_text(yaml.safe_dump({"config": values}))
    return Engine(project, project.parent / "home", "site").prepare()


def test_a_preview_of_a_new_cluster_names_every_step_of_every_node(project: Path) -> None:
    operations = engine(project).operations()
    for name in ("cp1-control-plane-initialised", "lin1-joined", "win1-kube-proxy-running", "win2-ready", "kube-proxy"):
        assert operations[name] == "create"


def test_a_preview_shows_what_a_step_is_given(project: Path) -> None:
    shown = engine(project).run("preview", "--diff").checked().stdout
    assert 'ManagementIP : "10.77.0.21"' in shown
    assert "PRIVATE KEY" not in shown


WRONG: dict[str, Any] = {
    "podCidr": "10.96.0.0/20",
    "dnsAddress": "10.200.0.10",
    "vni": 1,
    "vxlanPort": 8472,
    "podsPerNode": 300,
    "vxlanPrt": 4789,
    "versions": {"kubernetes": "1.20.0"},
    "linuxWorkers": [{"name": "Linux_Worker", "address": "10.77.0.12"}],
    "windowsNodes": [
        {"name": "a-name-that-is-too-long", "managementIp": "10.77.0.21", "networkMode": "l2bridge"},
        {"name": "cp1", "managementIp": "10.77.0.21", "ssh": {"user": "Administrator"}},
    ],
}


def test_a_preview_refuses_a_wrong_file_with_every_problem_at_once_and_registers_nothing(project: Path) -> None:
    ready = engine(project, **WRONG)
    result = ready.run("preview")
    assert result.returncode != 0
    text = " ".join(result.text.split())
    for key, remedy in (
        ("podCidr", "choose"),
        ("dnsAddress", "10.96."),
        ("vni", "4096"),
        ("vxlanPort", "4789"),
        ("podsPerNode", "podsPerNode"),
        ("vxlanPrt", "vxlanPort"),
        ("versions.kubernetes", "1.3"),
        ("linuxWorkers[0].name", "lower"),
        ("windowsNodes[0].name", "15"),
        ("windowsNodes[0].networkMode", "overlay"),
        ("windowsNodes[1].name", "cp1"),
    ):
        assert key in text, f"{key} is not reported"
        assert remedy in text, f"{key} has no remedy"
    assert "Traceback" not in result.text
    assert not ready.export()["deployment"].get("resources")

"""The package as others use it: installed by pip, in programs that are not this project, under the real engine."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.downloads import ARTIFACTS
from config.settings import Settings, Versions
from config.typed import COMPONENTS
from lab.engine import Engine
from tests.engine.cloud_site import CloudSite, cloud_site, outputs, said, step_of
from tests.engine.kube_cluster import Cluster
from tests.engine.ssh_server import Reply, Request
from tests.graph.conftest import PROJECT

pytestmark = pytest.mark.engine

PARTS = ("casement", "components", "config", "plan", "provider", "scripts")
FLANNEL = "/apis/apps/v1/namespaces/kube-flannel/daemonsets/kube-flannel-ds"


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The provider's folder in a copy of what the package is made from, with an environment as Pulumi makes it.

    What the package needs is taken from the environment of the tests, which has it from the same index.
    """
    folder = tmp_path_factory.mktemp("package")
    for part in PARTS:
        shutil.copytree(PROJECT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__", ".venv"))
    for part in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(PROJECT / part, folder)
    provider = folder / "provider"
    subprocess.run([sys.executable, "-m", "venv", provider / ".venv"], check=True)
    packages = provider / f".venv/lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
    (packages / "needed.pth").write_text(f"{Path(pytest.__file__).parents[1]}\n")
    pip: list[str | Path] = [provider / ".venv/bin/python", "-m", "pip", "--disable-pip-version-check"]
    install = [*pip, "install", "--quiet", "--requirement", "requirements.txt"]
    subprocess.run(install, cwd=provider, check=True, timeout=300)
    # What Pulumi's language host does; the lab's is too old to be told by this engine where a plugin is.
    program = provider / "pulumi-resource-casement"
    program.write_text(f'#!/bin/sh\nexec {provider}/.venv/bin/python {provider} "$@"\n')
    program.chmod(0o755)
    return provider


@pytest.fixture(scope="session")
def python(provider: Path) -> Path:
    """The interpreter of the environment that has the package, installed by pip."""
    return provider / ".venv/bin/python"


@dataclass(frozen=True)
class Site:
    """Machines that exist, and a folder for a program that uses them."""

    machines: CloudSite
    python: Path
    project: Path
    ssh: dict[str, Any]
    """How the machines are reached, as an example takes it."""

    def engine(self, values: dict[str, Any] | None = None) -> Engine:
        """Return an engine for the program in the project's folder, with these values in its stack file."""
        name = yaml.safe_load((self.project / "Pulumi.yaml").read_text())["name"]
        values = {"ssh": self.ssh} if values is None else values
        text = yaml.safe_dump({"config": {f"{name}:{key}": value for key, value in values.items()}})
        (self.project / "Pulumi.site.yaml").write_text(text)
        return Engine(self.project, self.machines.folder / "home", "site", python=self.python).prepare()


@pytest.fixture
def site(tmp_path: Path, kube: Cluster, python: Path) -> Iterator[Site]:
    with cloud_site(tmp_path / "site", kube) as machines:
        project = tmp_path / "program"
        project.mkdir()
        key, known = project / "key", project / "known_hosts"
        key.write_text(machines.server.user_key)
        known.write_text("".join(f"10.77.0.{last} {machines.server.host_key}\n" for last in (11, 21, 22)))
        bastion = {"host": "127.0.0.1", "port": machines.server.port, "host_key": machines.server.host_key}
        ssh = {"private_key_file": "key", "known_hosts_file": "known_hosts", "jump_host": bastion}
        versions = Versions()
        urls = [each.template.format(version=getattr(versions, each.version_key)) for each in ARTIFACTS.values()]
        (project / "downloads.yaml").write_text("".join(f"{url}: sha256:{'0' * 64}\n" for url in urls))
        yield Site(machines, python, project, ssh)


def example(site: Site, name: str) -> Engine:
    shutil.copytree(PROJECT / "examples" / name, site.project, dirs_exist_ok=True)
    return site.engine()


def test_the_package_is_one_name_and_takes_nothing_from_the_project(python: Path, tmp_path: Path) -> None:
    # A module of the program's own that is called as one of our folders is.
    (tmp_path / "config.py").write_text("")
    program = "import casement.components.remote as it, config; print(it.__file__); print(config.__file__)"
    ran = subprocess.run([python, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    ours, theirs = ran.stdout.split()
    assert Path(ours).is_relative_to(python.parents[1])
    assert Path(theirs).parent in (tmp_path, Path())
    (scripts,) = python.parents[1].glob("lib/*/site-packages/casement/scripts")
    assert _scripts(scripts) == _scripts(PROJECT / "scripts")
    modules = [file.read_text("utf-8") for file in scripts.parent.rglob("*.py")]
    assert len(modules) > 80
    unchanged = re.compile(r"(^\s*(from|import)|python -m) (components|config|plan)[. ]", re.MULTILINE)
    assert not [each for each in modules if unchanged.search(each)]


def _scripts(folder: Path) -> set[str]:
    return {str(file.relative_to(folder)) for file in folder.rglob("*.*") if file.suffix in (".sh", ".ps1", ".psm1")}


def test_the_example_that_adds_windows_nodes(site: Site, kube: Cluster) -> None:
    stack = example(site, "windows-nodes")
    stack.up().checked()
    assert outputs(stack)["nodes"]
    ran = site.machines.ran()
    assert ran.count("kube-proxy-running") == 2
    assert "control-plane-initialised" not in ran
    assert kube.get("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/casement-networking-win2")
    assert (site.machines.server.root / "C:/k/casement/windows/Invoke-Step.ps1").exists()
    assert stack.operations() == {}
    stack.destroy().checked()
    assert not kube.get("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/casement-networking-win2")


def test_the_example_of_flannel_alone(site: Site, kube: Cluster) -> None:
    stack = example(site, "flannel")
    stack.up().checked()
    assert outputs(stack)["daemonSets"] == ["kube-flannel/kube-flannel-ds", "kube-system/kube-proxy"]
    for path in (FLANNEL, "/apis/apps/v1/namespaces/kube-system/daemonsets/kube-proxy"):
        assert kube.get(path)["spec"]["template"]["spec"]["nodeSelector"]["kubernetes.io/os"] == "linux"
    assert site.machines.ran() == ["kubeconfig-read"]
    assert stack.operations() == {}
    stack.destroy().checked()


def test_mistakes_in_arguments_are_told_like_those_in_a_stack_file(site: Site) -> None:
    shutil.copytree(PROJECT / "examples/flannel", site.project, dirs_exist_ok=True)
    result = site.engine({"ssh": {"known_hosts_file": "nowhere"}}).run("preview")
    assert result.returncode
    assert "The configuration has" in said(result)
    assert "ssh.privateKeyFile" in said(result)
    assert "Traceback" not in result.text


REMOTE = """
import json
import pulumi

class WindowsNodes(pulumi.ComponentResource):
    nodes: pulumi.Output[dict]

    def __init__(self, name, args):
        super().__init__("casement:index:WindowsNodes", name, {**args, "nodes": None}, None, True)

with open("arguments.json") as file:
    nodes = WindowsNodes("windows", json.load(file))
pulumi.export("nodes", nodes.nodes)
"""
"""What the code that Pulumi generates for a language comes down to: a request to the provider."""


def test_the_schema_for_other_languages_has_every_argument_with_its_meaning(site: Site, provider: Path) -> None:
    (site.project / "Pulumi.yaml").write_text("name: other\nruntime: python\n")
    printed = (
        site.engine({}).run("package", "get-schema", str(provider / "pulumi-resource-casement"), stack=False).checked()
    )
    schema = json.loads(printed.stdout)
    assert schema["name"] == "casement"
    for component, fields in COMPONENTS.items():
        resource = schema["resources"][f"casement:index:{component}"]
        assert resource["isComponent"]
        assert set(resource["inputProperties"]) == {Settings.model_fields[field].alias for field in fields}
        assert all(each["description"] for each in resource["inputProperties"].values())
        assert {"nodeCidrs", "controlPlane"} <= set(resource["requiredInputs"])
    port = schema["types"]["casement:index:SshDefaultsArgs"]["properties"]["port"]
    assert port["type"] == "integer"
    assert "existing" not in schema["types"]["casement:index:ControlPlaneNodeArgs"]["properties"]


def test_a_program_of_another_language_gets_its_nodes_from_the_provider(
    site: Site, provider: Path, kube: Cluster
) -> None:
    plugins = {"providers": [{"name": "casement", "path": str(provider)}]}
    (site.project / "Pulumi.yaml").write_text(yaml.safe_dump({"name": "o", "runtime": "python", "plugins": plugins}))
    (site.project / "__main__.py").write_text(REMOTE)
    jump = {"host": "127.0.0.1", "port": site.machines.server.port, "hostKey": site.machines.server.host_key}
    arguments = {
        "nodeCidrs": ["10.77.0.0/24"],
        "controlPlane": {"name": "cp1", "address": "10.77.0.11"},
        "windowsNodes": [{"name": "win1", "managementIp": "10.77.0.21", "ssh": {"user": "Administrator"}}],
        "ssh": {"privateKeyFile": "key", "knownHostsFile": "known_hosts", "jumpHost": jump},
        "downloadsFile": "downloads.yaml",
        "windowsKubeletConfiguration": {"registryPullQPS": 7},
    }
    wrong = {**arguments, "windowsKubeletConfiguration": {"maxPods": 50}}
    (site.project / "arguments.json").write_text(json.dumps(wrong))
    stack = site.engine({})
    refused = stack.run("preview")
    assert refused.returncode
    assert "windowsKubeletConfiguration.maxPods: 50 rule: is decided by podsPerNode" in said(refused)
    (site.project / "arguments.json").write_text(json.dumps(arguments))
    left = ["flannel-started"]

    async def once_cut(request: Request) -> Reply:
        if step_of(request.command) in left:
            left.remove(step_of(request.command))
            return Reply(cut=True)
        return await site.machines.answer(request)

    site.machines.server.handler = once_cut
    # With the preview before it.
    stack.run("up", "--yes").checked()
    assert site.machines.ran().count("flannel-started") == 2
    assert outputs(stack)["nodes"]
    # Between programs every number is floating point; a kubelet takes whole ones only.
    (configured,) = (each.stdin for each in site.machines.server.requests if "registryPullQPS" in each.stdin)
    assert re.search(r"registryPullQPS\W+7\b(?!\.)", configured)
    assert stack.operations() == {}
    stack.destroy("--run-program").checked()

"""A site whose machines are made by the stand-ins for clouds, and answered for by one scripted SSH server."""

from __future__ import annotations

import json
import re
import shutil
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lab.engine import Engine, Result
from lab.providers.cloud_state import FOLDER_VARIABLE, Circumstances, CloudFolder, Thing
from tests.engine.kube_cluster import Cluster
from tests.engine.ssh_server import Reply, Request, SshServer, ssh_server
from tests.graph.conftest import PROJECT, site_files
from tests.graph.engine import printed

_STEP = re.compile(r"(?:-Step |step\.sh \S+ \S+ )(\S+)")
MACHINES = textwrap.dedent("""
    from components.preflight import Preflights
    from components.remote import Host
    from components.sources import source_for
    from config.load import load
    from plan.cluster import plan_cluster

    configuration = load(checks=[])
    source = source_for(configuration)
    hosts = {node.name: Host(source.machine(node)) for node in configuration.settings.nodes}
    head = configuration.settings.control_plane.name
    Preflights(plan_cluster(configuration).preflight, hosts, hosts[head])
""")
"""The first part of the program: machines, the way to them, and the first look at them."""


def step_of(command: str) -> str:
    """Return the name of the step that a command runs, or nothing."""
    found = _STEP.search(command)
    return found[1] if found else ""


@dataclass
class CloudSite:
    """One stack, its clouds, and the server that stands for every machine."""

    folder: Path
    server: SshServer
    kubeconfig: str = ""

    @property
    def clouds(self) -> CloudFolder:
        """What the clouds have."""
        return CloudFolder(self.folder / "clouds")

    def set(self, **circumstances: Any) -> None:
        """Say how things stand in the clouds from now on; machines show the server's host key."""
        self.clouds.set(Circumstances(**{"host_key": shown(self.server), **circumstances}))

    def has(self, cloud: str) -> dict[str, str]:
        """Return what a cloud has: the end of each identifier to its type."""
        return {key.rsplit("/", 1)[-1]: thing.token for key, thing in self.clouds.things(cloud).items()}

    def thing(self, cloud: str, end: str) -> Thing:
        """Return the one thing of a cloud whose identifier ends so."""
        (found,) = (thing for key, thing in self.clouds.things(cloud).items() if key.endswith(f"/{end}"))
        return found

    @property
    def bastion(self) -> dict[str, Any]:
        """The server as a jump host, which leads to itself."""
        return {"host": "127.0.0.1", "port": self.server.port, "user": "root", "hostKey": self.server.host_key}

    def engine(self, values: Mapping[str, Any], program: str = "") -> Engine:
        """Return an engine for a stack file with these values; the project's own program, or another."""
        project = self.folder / "project"
        if not project.exists():
            project.mkdir()
            for part in ("components", "config", "plan", "scripts"):
                shutil.copytree(PROJECT / part, project / part, ignore=shutil.ignore_patterns("__pycache__"))
            shutil.copy(PROJECT / "Pulumi.yaml", project)
            self.site = site_files(project)
            (project / "key").write_text(self.server.user_key)
            self.site.pop("sshPrivateKey")
        (project / "__main__.py").write_text(program or (PROJECT / "__main__.py").read_text("utf-8"))
        ssh = {**self.site["ssh"], "privateKeyFile": str(project / "key"), **values.get("ssh", {})}
        whole = {f"casement:{key}": value for key, value in ({**self.site, **values, "ssh": ssh}).items()}
        (project / "config/Pulumi.site.yaml").write_text(yaml.safe_dump({"config": whole}))
        environment = {FOLDER_VARIABLE: str(self.clouds.folder), "ARM_SUBSCRIPTION_ID": SUBSCRIPTION}
        return Engine(project, self.folder / "home", "site", environment=environment).prepare()

    async def answer(self, request: Request) -> Reply:
        """Answer a step as a machine would on which everything goes well."""
        step = step_of(request.command)
        return Reply(self.kubeconfig if step == "kubeconfig-read" else printed(f"win1-{step}"))

    def ran(self, since: int = 0, on: SshServer | None = None) -> list[str]:
        """Return the steps that ran on a server, undone ones left out, in their order."""
        commands = (on or self.server).commands[since:]
        return [step_of(each) for each in commands if step_of(each) and not each.endswith(("undo", "-Undo"))]


def shown(server: SshServer) -> str:
    """Return a server's host key as machines tell it."""
    return " ".join(server.host_key.split()[:2])


SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"


@contextmanager
def cloud_site(folder: Path, kube: Cluster | None = None, address: str = "127.0.0.1") -> Iterator[CloudSite]:
    """Run the server of a site, which listens at this address, until the block ends."""
    with ssh_server(folder, address=address) as server:
        server.leads_to = {}
        site = CloudSite(folder, server, kube.kubeconfig if kube else "")
        server.handler = site.answer
        site.set()
        if kube:
            _kube_proxy(kube)
        yield site


def _kube_proxy(kube: Cluster) -> None:
    """Make what kubeadm makes, and the program marks."""
    labels = {"k8s-app": "kube-proxy"}
    pod = {"containers": [{"name": "kube-proxy", "image": "registry.k8s.io/kube-proxy:v1"}]}
    spec = {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": pod}}
    path = "/apis/apps/v1/namespaces/kube-system/daemonsets"
    if not kube.get(f"{path}/kube-proxy"):
        made = {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "kube-proxy"}, "spec": spec}
        kube.call("POST", path, made)


def said(result: Result) -> str:
    """Return all that a command printed, in one line."""
    return " ".join(result.text.split())


def each_is_refused(site: CloudSite, stack: Engine, faults: Iterable[tuple[dict[str, Any], str, str]]) -> None:
    """See that each of these circumstances ends an ``up`` with a message of the cloud and a remedy of ours."""
    for circumstances, message, remedy in faults:
        site.set(**circumstances)
        refused = stack.up()
        assert refused.returncode != 0
        assert message in said(refused)
        assert remedy in said(refused).partition("Likely cause: ")[2], message


def refused_destroy(site: CloudSite, stack: Engine, cloud: str, key: str, theirs: Thing) -> str:
    """Return what a ``destroy`` says that fails while something of others is in a cloud, which is gone afterwards."""
    with site.clouds.changing(cloud) as things:
        things[key] = theirs
    refused = stack.destroy()
    assert refused.returncode != 0
    with site.clouds.changing(cloud) as things:
        del things[key]
    return said(refused)


def outputs(engine: Engine) -> dict[str, Any]:
    """Return the outputs of a stack."""
    found: dict[str, Any] = json.loads(engine.run("stack", "output", "--json", "--show-secrets").checked().stdout)
    return found

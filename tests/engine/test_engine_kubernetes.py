"""Objects through the real engine, both stand-ins and a real API server; the kubeconfig comes out of a command."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

import pytest

from lab.engine import Engine
from tests.engine.kube_cluster import Cluster
from tests.engine.ssh_server import Reply, Request, ssh_server

pytestmark = pytest.mark.engine

PROGRAM = """
    import json, os
    import pulumi
    import pulumi_kubernetes as k8s
    from pulumi_command import remote
    at = remote.ConnectionArgs(**json.loads(os.environ["AT"]))
    admin = remote.Command("admin", connection=at, create="cat admin.conf {revision}", logging="none",
        opts=pulumi.ResourceOptions(additional_secret_outputs=["stdout"]))
    cluster = k8s.Provider(
        "cluster", kubeconfig=admin.stdout, cluster_identifier="test", enable_config_map_mutable=True)
    of = pulumi.ResourceOptions(provider=cluster)
    settings = k8s.core.v1.ConfigMap("settings", metadata={{"name": "engine"}}, data={{"a": "{value}"}}, opts=of)
    secret = k8s.core.v1.Secret("secret", metadata={{"name": "engine"}}, string_data={{"key": "hidden"}}, opts=of)
    node = k8s.core.v1.NodePatch("node", metadata={{"name": "engine-node", "labels": {{"role": "test"}}}},
        opts=pulumi.ResourceOptions(provider=cluster, retain_on_delete=True))
    pulumi.export("version", settings.metadata.resource_version)
"""


def test_objects_live_from_the_first_preview_to_destroy(kube: Cluster, tmp_path: Path) -> None:
    kube.call("POST", "/api/v1/nodes", {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "engine-node"}})

    async def handle(request: Request) -> Reply:
        del request
        return Reply(kube.kubeconfig)

    project = tmp_path / "project"
    project.mkdir()
    (project / "Pulumi.yaml").write_text("name: test\nruntime: python\n")

    def write(value: str, revision: str) -> None:
        (project / "__main__.py").write_text(textwrap.dedent(PROGRAM).format(value=value, revision=revision))

    with ssh_server(tmp_path) as server:
        server.handler = handle
        at = {"host": "127.0.0.1", "port": server.port, "password": "correct horse", "dial_error_limit": 0}
        stack = Engine(project, tmp_path / "home", environment={"AT": json.dumps(at)}).prepare()
        write("1", "x")
        # The kubeconfig is not known yet: the provider is not configured, and its objects are shown all the same.
        names = ("test-dev", "admin", "cluster", "settings", "secret", "node")
        assert stack.operations() == dict.fromkeys(names, "create")
        stack.up().checked()
        path = "/api/v1/namespaces/default/configmaps/engine"
        assert kube.get(path)["data"] == {"a": "1"}
        assert kube.get("/api/v1/nodes/engine-node")["metadata"]["labels"]["role"] == "test"
        assert "hidden" not in json.dumps(stack.export())
        write("2", "x")
        assert stack.operations() == {"settings": "update"}
        stack.up().checked()
        assert kube.get(path)["data"] == {"a": "2"}
        # The command that yields the kubeconfig changes: with a cluster identifier nothing is replaced.
        write("2", "y")
        assert "replace" not in " ".join(stack.operations().values())
        stack.up().checked()
        stack.run("preview", "--expect-no-changes", "--refresh").checked()
        stack.destroy().checked()
        assert kube.get(path) == {}

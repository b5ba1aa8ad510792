"""Each policy of the pack, through the real engine: a stack that it lets pass, and one that it forbids."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.engine import Engine
from lab.providers.install import VERSIONS
from review.engine import preview
from review.events import Policy
from tests.engine.cloud_preview import install_cloud
from tests.engine.cloud_site import CloudSite, cloud_site
from tests.engine.policy_pack import pack_program
from tests.graph.conftest import BASE
from tests.unit.cloud_site import GCE

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]

ADVICE = "control-plane-may-end"
FORBIDDEN = """
    import json
    import pulumi
    import pulumi_azure_native as azure
    import pulumi_gcp as gcp
    import pulumi_kubernetes as kubernetes
    from pulumi_command import remote

    at = remote.ConnectionArgs(host="127.0.0.1", password=pulumi.Output.secret("hunter2"))

    def firewall(name, **given):
        gcp.compute.Firewall(name, network="n", project="p", **given)

    ssh = [gcp.compute.FirewallAllowArgs(protocol="tcp", ports=["20-25"])]
    firewall("gce-open", allows=ssh, source_ranges=["0.0.0.0/0"])
    firewall("gce-without-source", allows=ssh)
    firewall("gce-halves", allows=[gcp.compute.FirewallAllowArgs(protocol="all")], source_ranges=["128.0.0.0/1"])
    firewall("gce-closed", allows=ssh, source_ranges=["203.0.113.0/24"])
    firewall("gce-http", allows=[gcp.compute.FirewallAllowArgs(protocol="tcp", ports=["443"])])

    def rule(name, port, source, access="Allow"):
        return azure.network.SecurityRuleArgs(
            name=name, priority=100, direction="Inbound", access=access, protocol="Tcp", source_port_range="*",
            destination_address_prefix="*", destination_port_range=port, source_address_prefix=source,
        )

    def group(name, *rules):
        azure.network.NetworkSecurityGroup(name, resource_group_name="r", security_rules=list(rules))

    group("azure-open", rule("everybody", "3389", "Internet"), rule("https", "443", "*"))
    group("azure-closed", rule("office", "3389", "203.0.113.0/24"), rule("nothing-else", "*", "*", "Deny"))

    def step(name, stdin="", line="true"):
        remote.Command(name, connection=at, create=line, stdin=stdin)

    def conf(vni, port, name, network="10.244.0.0/16"):
        return json.dumps({"Network": network, "Backend": {"Type": "vxlan", "VNI": vni, "Port": port, "Name": name}})

    kubernetes.core.v1.ConfigMap("kube-flannel-cfg", data={"net-conf.json": conf(4096, 4789, "vxlan0")})
    step("agrees", json.dumps({"NetworkName": "vxlan0", "NetConf": conf(4096, 4789, "vxlan0"), "Vni": 4096}))
    step("other-vni", json.dumps({"NetConf": conf(4097, 4789, "vxlan0")}))
    step("other-port", "vxlan_port=8472\\n")
    step("other-name", json.dumps({"Configuration": "winkernel:\\n  networkName: flannel0\\n"}))
    step("other-range", json.dumps({"NetConf": conf(4096, 4789, "vxlan0", "10.200.0.0/16")}))
    step("low-vni", "vni=1\\n")

    pinned = "0" * 64
    step("pinned", f"a_url=https://example.com/a\\na_digest={pinned}\\nb_urls=(https://x/y)\\nb_digests=({pinned})\\n")
    step("unpinned", "a_url=https://example.com/a\\na_digest=''\\n")
    step("unpinned-one-of-two", json.dumps({"ArchiveUrls": ["https://x/1", "https://x/2"], "ArchiveDigests": [pinned]}))
    step("unpinned-program", json.dumps({"Programs": ["kubelet|https://x/kubelet||C:\\\\k|kubelet.exe"]}))
    step("unpinned-line", line="curl -fsSL https://example.com/install.sh | sh")
    step("pinned-line", line=f"curl -fsSLO https://x/y && echo {pinned} y | sha256sum -c")

    def daemon_set(name, image="registry.example/a:v1", **pod):
        spec = {"containers": [{"name": "a", "image": image}], **pod}
        template = {"metadata": {"labels": {"a": "b"}}, "spec": spec}
        kubernetes.apps.v1.DaemonSet(name, spec={"selector": {"matchLabels": {"a": "b"}}, "template": template})

    def asking(key):
        terms = [{"matchExpressions": [{"key": key, "operator": "In", "values": ["linux"]}]}]
        return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}}

    daemon_set("anywhere")
    daemon_set("anywhere-by-affinity", affinity=asking("topology.kubernetes.io/zone"))
    daemon_set("linux-only", nodeSelector={"kubernetes.io/os": "linux"})
    daemon_set("linux-only-by-affinity", affinity=asking("kubernetes.io/os"))
    daemon_set("newest", "registry.example:5000/a", nodeSelector={"kubernetes.io/os": "linux"})

    class Part(pulumi.ComponentResource):
        pass

    Part("casement:cluster:ControlPlane", "cp2-control-plane")

    key = "-----BEGIN " + "OPENSSH PRIVATE KEY-----\\nb3Bl\\n"
    step("plain-key", json.dumps({"Key": key}))
    step("plain-token", "token=abcdef.0123456789abcdef\\n")
    step("plain-password", json.dumps({"AdminPassword": "hunter3-in-plain"}))
    kubernetes.core.v1.ConfigMap("plain-by-name", data={"password": "hunter4-in-plain"})
    step("secret-key", pulumi.Output.secret(json.dumps({"Key": key})))
"""
WRONG = {
    "no-open-administration": {"gce-open", "gce-without-source", "gce-halves", "azure-open"},
    "one-overlay-network": {"other-vni", "other-port", "other-name", "other-range", "low-vni"},
    "pinned-downloads": {"unpinned", "unpinned-one-of-two", "unpinned-program", "unpinned-line", "newest"},
    "daemon-set-of-one-system": {"anywhere", "anywhere-by-affinity"},
    "guarded-control-plane": {"cp2-control-plane"},
    "no-plain-secrets": {"plain-key", "plain-token", "plain-password", "plain-by-name"},
}
"""Policy to the resources that it must name, of those above."""


def judged(engine: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[bool, tuple[Policy, ...], str]:
    """Return whether a preview with the pack succeeds, and what the policies say, as a review reads it."""
    for name, value in engine.variables().items():
        monkeypatch.setenv(name, value)
    events = preview(engine.stack, engine.project, [str(pack_program(folder))])
    return events.succeeded, events.policies, str(events.diagnostics)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[CloudSite]:
    with cloud_site(tmp_path) as running:
        yield running


def test_each_policy_forbids_what_it_is_for_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "Pulumi.yaml").write_text("name: test\nruntime: python\n")
    (project / "__main__.py").write_text(textwrap.dedent(FORBIDDEN))
    engine = Engine(project, tmp_path / "home").prepare()
    for cloud in ("azure-native", "gcp", "kubernetes"):
        install_cloud(engine.home, cloud, VERSIONS[cloud])
    succeeded, policies, said = judged(engine, tmp_path, monkeypatch)
    assert policies, said
    found: dict[str, set[str]] = {}
    for policy in policies:
        assert policy.level == "mandatory", policy
        found.setdefault(policy.name, set()).add(policy.of)
    assert found == WRONG, [(each.name, each.of, each.message) for each in policies]
    assert not succeeded
    assert not [each for each in policies if "hunter" in each.message or "b3Bl" in each.message]


def test_the_program_passes_and_is_reminded_of_the_word_for_a_replacement(
    site: CloudSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nodes: dict[str, Any] = {key: BASE[key] for key in ("linuxWorkers", "windowsNodes")}
    moved = {"name": "win3", "managementIp": "10.240.0.22", "source": "gce"}
    stack = {
        **BASE,
        **nodes,
        "nodeCidrs": ["10.77.0.0/24", "10.240.0.0/24"],
        "controlPlane": {**BASE["controlPlane"], "replaces": "cp0"},
        "windowsNodes": [*BASE["windowsNodes"], moved],
        "gce": {**GCE, "publicControlPlane": False},
    }
    succeeded, policies, said = judged(site.engine(stack), tmp_path, monkeypatch)
    assert succeeded, (policies, said)
    (reminder,) = policies
    assert (reminder.name, reminder.level, reminder.of) == (ADVICE, "advisory", "cluster-identity")
    assert "the cluster of cp0 may end" in reminder.message

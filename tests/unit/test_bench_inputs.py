"""The peers of the benchmark are told what our own program would do, and use nothing that they are not told."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from bench import inputs
from bench.contestants import DOWNLOADS_AT_ONCE, Wanted
from config.downloads import artifact_url
from config.parse import Configuration
from config.reading import read
from plan.containerd import linux_configuration
from plan.flannel import daemon_set_spec
from plan.kubeadm import init_documents
from tests.unit.example_site import Site

BENCH = Path(inputs.__file__).parent
ARCHIVE = "https://images.example/linux.tar"
DIGEST = "1" * 64


@pytest.fixture
def configuration(site: Site) -> Configuration:
    pins = site.folder / "downloads.yaml"
    pins.write_text(f"{pins.read_text()}{ARCHIVE}: sha256:{DIGEST}\n")
    return site.parse(imageArchives=[{"os": "linux", "url": ARCHIVE}], ignorePreflightErrors=["SystemVerification"])


@pytest.fixture
def values(configuration: Configuration) -> dict[str, Any]:
    return inputs.site(configuration, Path("/keys/id"), Path("/keys/known hosts"))


def test_documents_and_downloads_are_our_own(configuration: Configuration, values: dict[str, Any]) -> None:
    settings = configuration.settings
    assert values["kubeadm_configuration"] == init_documents(settings)
    assert values["programs"]["kubelet"] == {"url": artifact_url(settings, "kubelet-linux"), "sha256": "0" * 64}
    assert values["images"] == {"url": ARCHIVE, "sha256": DIGEST}
    flannel = list(yaml.safe_load_all(values["flannel_manifest"]))
    assert [each["kind"] for each in flannel] == [
        "Namespace", "ServiceAccount", "ClusterRole", "ClusterRoleBinding", "ConfigMap", "DaemonSet",
    ]  # fmt: skip
    assert flannel[-1]["spec"] == daemon_set_spec(settings)


def test_the_phases_differ_in_what_is_asked_for(site: Site) -> None:
    base = yaml.safe_load((BENCH.parent / "config/Pulumi.lab.yaml").read_text())["config"]
    found = [read(site.values(**Wanted(("lin1",), number).keys(base))).settings for number in (None, 5)]
    texts = [tomllib.loads(linux_configuration(settings)) for settings in found]
    fields = [text["plugins"]["io.containerd.cri.v1.images"].pop(DOWNLOADS_AT_ONCE, None) for text in texts]
    assert fields == [None, 5]
    assert texts[0] == texts[1]
    assert [node.name for node in found[0].nodes] == ["cp1", "lin1"]
    assert base == yaml.safe_load((BENCH.parent / "config/Pulumi.lab.yaml").read_text())["config"]


def test_ansible_has_every_host_in_its_group_and_what_it_is_told(values: dict[str, Any]) -> None:
    inventory = inputs.ansible_inventory(values)
    groups = inventory["nodes"]["children"]
    assert groups["control_plane"]["hosts"] == {"cp1": {"ansible_host": "10.77.0.11"}}
    assert groups["workers"]["hosts"] == {"lin1": {"ansible_host": "10.77.0.12"}}
    assert inventory["all"]["vars"]["site"] == values
    assert "UserKnownHostsFile='/keys/known hosts'" in inventory["all"]["vars"]["ansible_ssh_common_args"]


def test_bash_reads_the_very_values(tmp_path: Path, values: dict[str, Any]) -> None:
    values["programs"]["runc"]["url"] = "http://mirror/it's $(here)"
    inputs.write(tmp_path, values)
    script = '. ./site.sh; printf "%s\\n" "${urls[runc]}" "${addresses[lin1]}" "${workers[*]}" "$known_hosts"'
    said = subprocess.run(["bash", "-euc", script], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert said.splitlines() == ["http://mirror/it's $(here)", "10.77.0.12", "lin1", "/keys/known hosts"]
    assert (tmp_path / "kubeadm.yaml").read_text() == values["kubeadm_configuration"]
    assert json.loads((tmp_path / "site.json").read_text()) == values


def test_peers_use_only_what_they_are_told(values: dict[str, Any]) -> None:
    playbooks = "".join(path.read_text() for path in (BENCH / "ansible").glob("*.yml"))
    deploy = "".join(path.read_text() for path in (BENCH / "pyinfra").glob("*.py"))
    for used in (
        re.findall(r"\bsite\.(\w+)", playbooks),
        re.findall(r"_SITE\[[\"'](\w+)", deploy.replace("_site", "_SITE")),
    ):
        assert len(used) > 5
        assert set(used) <= values.keys()
    named = set(re.findall(r"site\.programs\.(\w+)", playbooks)) | {
        "kubelet",
        "kubeadm",
        "kubectl",
        "crictl",
        "cni_plugins",
    }
    assert named == values["programs"].keys()


def test_every_peer_writes_every_file(values: dict[str, Any]) -> None:
    files = {path.name for path in (BENCH / "files").iterdir()}
    for peer in ("ansible/nodes.yml", "pyinfra/deploy.py", "shell/node.sh"):
        text = (BENCH / peer).read_text()
        assert {name for name in files if name in text} == files

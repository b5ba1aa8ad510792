"""What the cluster shall be, as the peers take it: made from the same settings and documents that our program uses."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from config.downloads import Download
from config.parse import Configuration
from config.settings import Settings
from plan import flannel
from plan.containerd import linux_configuration
from plan.documents import Document, to_yaml
from plan.kubeadm import init_documents

_PROGRAMS = {
    "containerd": "containerd-linux",
    "runc": "runc-linux",
    "kubelet": "kubelet-linux",
    "kubeadm": "kubeadm-linux",
    "kubectl": "kubectl-linux",
    "crictl": "crictl-linux",
    "cni_plugins": "cni-plugins-linux",
}


def site(configuration: Configuration, private_key: Path, known_hosts: Path) -> Document:
    """Return everything a peer is told, as plain values: the documents it writes are the very ones that we write.

    Raises ValueError for a site with more than one archive of Linux images, which the peers do not know.
    """
    settings, downloads = configuration.settings, configuration.downloads
    (images,) = downloads.archives("linux")
    return {
        "control_plane": settings.control_plane.name,
        "workers": [node.name for node in settings.linux_workers],
        "addresses": {node.name: str(node.address) for node in settings.linux_nodes},
        "ssh": {"private_key": str(private_key), "known_hosts": str(known_hosts)},
        "programs": {name: _pinned(downloads.artifact(artifact)) for name, artifact in _PROGRAMS.items()},
        "images": _pinned(images),
        "containerd_configuration": linux_configuration(settings),
        "kubeadm_configuration": init_documents(settings),
        "flannel_manifest": flannel_manifest(settings),
        "ignored_preflight_errors": ",".join(settings.ignore_preflight_errors),
    }


def _pinned(download: Download) -> dict[str, str]:
    return {"url": download.url, "sha256": download.sha256}


def flannel_manifest(settings: Settings) -> str:
    """Return flannel's objects as one YAML stream for ``kubectl apply``."""
    namespace = flannel.NAMESPACE
    named = {"name": "flannel", "namespace": namespace}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "flannel"}
    labels = {"k8s-app": "flannel", "pod-security.kubernetes.io/enforce": "privileged"}
    return to_yaml(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "labels": labels}},
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": named},
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRole",
            "metadata": {"name": "flannel"},
            "rules": flannel.cluster_role_rules(),
        },
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": "flannel"},
            "roleRef": role,
            "subjects": [{"kind": "ServiceAccount", **named}],
        },
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": flannel.CONFIG_MAP, "namespace": namespace},
            "data": flannel.config_data(settings),
        },
        {
            "apiVersion": "apps/v1",
            "kind": "DaemonSet",
            "metadata": {"name": flannel.DAEMON_SET, "namespace": namespace},
            "spec": flannel.daemon_set_spec(settings),
        },
    )


def ansible_inventory(values: Mapping[str, Any]) -> Document:
    """Return the inventory, with the site as the variable ``site``."""
    ssh = values["ssh"]
    options = f"-F none -o IdentitiesOnly=yes -o UserKnownHostsFile={shlex.quote(ssh['known_hosts'])}"
    hosts = {name: {"ansible_host": address} for name, address in values["addresses"].items()}
    groups = {"control_plane": [values["control_plane"]], "workers": values["workers"]}
    return {
        "all": {
            "vars": {
                "ansible_user": "root",
                "ansible_ssh_private_key_file": ssh["private_key"],
                "ansible_ssh_common_args": options,
                "site": dict(values),
            }
        },
        "nodes": {
            "children": {group: {"hosts": {name: hosts[name] for name in names}} for group, names in groups.items()}
        },
    }


def shell_variables(values: Mapping[str, Any]) -> str:
    """Return the site as assignments of bash."""

    def table(name: str, items: Mapping[str, str]) -> str:
        return f"declare -A {name}=({' '.join(f'[{key}]={shlex.quote(item)}' for key, item in items.items())})"

    def array(name: str, items: Sequence[str]) -> str:
        return f"{name}=({shlex.join(items)})"

    pinned = {**values["programs"], "images": values["images"]}
    single = {**values["ssh"], **{key: values[key] for key in ("control_plane", "ignored_preflight_errors")}}
    lines = [
        *(f"{name}={shlex.quote(value)}" for name, value in single.items()),
        array("workers", values["workers"]),
        table("addresses", values["addresses"]),
        table("urls", {name: each["url"] for name, each in pinned.items()}),
        table("digests", {name: each["sha256"] for name, each in pinned.items()}),
    ]
    return "\n".join(lines) + "\n"


def write(folder: Path, values: Mapping[str, Any]) -> None:
    """Write the site into a folder in the form of every peer.

    ``site.json`` is pyinfra's, ``inventory.json`` Ansible's, ``site.sh`` and the documents the shell script's.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        "site.json": json.dumps(values, indent=1),
        "inventory.json": json.dumps(ansible_inventory(values), indent=1),
        "site.sh": shell_variables(values),
        "containerd.toml": values["containerd_configuration"],
        "kubeadm.yaml": values["kubeadm_configuration"],
        "flannel.yaml": values["flannel_manifest"],
    }
    for name, text in files.items():
        (folder / name).write_text(text)

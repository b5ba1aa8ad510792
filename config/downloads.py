"""The one table of what is downloaded: names, official URLs by version, and the digest that each must have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

import yaml

from config.nodes import Runtime
from config.problems import Problem, shown
from config.schema import path as key_path
from config.settings import Os, Settings

PINS_FILE = Path(__file__).with_name("downloads.yaml")
"""The digests that come with the project."""

_KUBERNETES = "https://dl.k8s.io/release/v{version}/bin"
_GITHUB = "https://github.com"
_CONTAINERD = f"{_GITHUB}/containerd/containerd/releases/download/v{{version}}/containerd-{{version}}"
_CRICTL = f"{_GITHUB}/kubernetes-sigs/cri-tools/releases/download/v{{version}}/crictl-v{{version}}"
_CNI = f"{_GITHUB}/containernetworking/plugins/releases/download/v{{version}}/cni-plugins"
_DOCKER = "https://download.docker.com/win/static/stable/x86_64/docker-{version}.zip"
_CRI_DOCKERD = f"{_GITHUB}/Mirantis/cri-dockerd/releases/download/v{{version}}/cri-dockerd-{{version}}.win.amd64.zip"
_FLANNEL = f"{_GITHUB}/flannel-io/flannel/releases/download/v{{version}}"
_FLANNEL_CNI = f"{_GITHUB}/flannel-io/cni-plugin/releases/download/v{{version}}"

SHA256_HEX_DIGITS = 64


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file of a release: which key of `versions` decides it, and where the release server has it."""

    version_key: str
    """Field of ``Versions``."""
    template: str
    """Official URL, with ``{version}`` where the version goes."""
    runtime: Runtime | None = None
    """The container runtime that it belongs to; None when every node of its operating system needs it."""


ARTIFACTS: Mapping[str, Artifact] = MappingProxyType(
    {
        "kubeadm-linux": Artifact("kubernetes", f"{_KUBERNETES}/linux/amd64/kubeadm"),
        "kubelet-linux": Artifact("kubernetes", f"{_KUBERNETES}/linux/amd64/kubelet"),
        "kubectl-linux": Artifact("kubernetes", f"{_KUBERNETES}/linux/amd64/kubectl"),
        "containerd-linux": Artifact("containerd", f"{_CONTAINERD}-linux-amd64.tar.gz"),
        "runc-linux": Artifact("runc", f"{_GITHUB}/opencontainers/runc/releases/download/v{{version}}/runc.amd64"),
        "crictl-linux": Artifact("crictl", f"{_CRICTL}-linux-amd64.tar.gz"),
        "cni-plugins-linux": Artifact("cni_plugins", f"{_CNI}-linux-amd64-v{{version}}.tgz"),
        "kubeadm-windows": Artifact("kubernetes", f"{_KUBERNETES}/windows/amd64/kubeadm.exe"),
        "kubelet-windows": Artifact("kubernetes", f"{_KUBERNETES}/windows/amd64/kubelet.exe"),
        "kube-proxy-windows": Artifact("kubernetes", f"{_KUBERNETES}/windows/amd64/kube-proxy.exe"),
        "kubectl-windows": Artifact("kubernetes", f"{_KUBERNETES}/windows/amd64/kubectl.exe"),
        "kube-log-runner-windows": Artifact("kubernetes", f"{_KUBERNETES}/windows/amd64/kube-log-runner.exe"),
        "containerd-windows": Artifact("containerd", f"{_CONTAINERD}-windows-amd64.tar.gz", "containerd"),
        "docker-windows": Artifact("docker", _DOCKER, "docker"),
        "cri-dockerd-windows": Artifact("cri_dockerd", _CRI_DOCKERD, "docker"),
        "crictl-windows": Artifact("crictl", f"{_CRICTL}-windows-amd64.tar.gz"),
        "cni-plugins-windows": Artifact("cni_plugins", f"{_CNI}-windows-amd64-v{{version}}.tgz"),
        "flannel-cni-windows": Artifact("flannel_cni_plugin", f"{_FLANNEL_CNI}/flannel-amd64.exe"),
        "flanneld-windows": Artifact("flannel", f"{_FLANNEL}/flanneld.exe"),
    }
)
"""Every artifact by name; the name ends in the operating system of the nodes that need it."""


@dataclass(frozen=True, slots=True)
class Download:
    """A file to fetch, and what it must be."""

    url: str
    """Where to fetch it from: the mirror if there is one."""
    sha256: str
    """Its SHA-256, as 64 lower-case hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file a cluster needs, before its digest is known."""

    key: str
    """The key of the stack file that decides it."""
    url: str
    """Its official URL."""


@dataclass(frozen=True, slots=True)
class Downloads:
    """The files that a cluster needs, each with its digest."""

    settings: Settings
    pins: Mapping[str, str]
    """SHA-256 by official URL, as ``read_pins`` returns it."""

    def artifact(self, name: str) -> Download:
        """Return an artifact by its name in ARTIFACTS.

        Raises KeyError for a name that is not there, and LookupError for a file without a pinned digest (which
        ``config.parse`` reports as a problem long before).
        """
        return self._pinned(artifact_url(self.settings, name))

    def archives(self, os: Os) -> tuple[Download, ...]:
        """Return the image archives for nodes of one operating system, in the order of the stack file."""
        return tuple(self._pinned(archive.url) for archive in self.settings.image_archives if archive.os == os)

    def _pinned(self, url: str) -> Download:
        if url not in self.pins:
            raise LookupError(f"no pinned digest for {url}")
        return Download(mirrored(url, self.settings.mirror), self.pins[url])


def artifact_url(settings: Settings, name: str) -> str:
    """Return the official URL of an artifact for the versions asked for."""
    artifact = ARTIFACTS[name]
    return artifact.template.format(version=getattr(settings.versions, artifact.version_key))


def mirrored(url: str, mirror: str | None) -> str:
    """Return where to fetch an official URL from: https://HOST/PATH becomes MIRROR/HOST/PATH."""
    if mirror is None:
        return url
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{mirror.rstrip('/')}/{parts.netloc}{parts.path}{query}"


def needed(settings: Settings) -> Iterator[Source]:
    """Yield every file the cluster needs; those for one operating system only when there are nodes that take them."""
    on_linux = bool(settings.linux_workers) or not settings.control_plane.existing
    for name, artifact in ARTIFACTS.items():
        takers = (node for node in settings.windows_nodes if artifact.runtime in (None, node.runtime))
        if on_linux if name.endswith("-linux") else any(takers):
            key = type(settings.versions).model_fields[artifact.version_key].alias
            yield Source(f"versions.{key}", artifact_url(settings, name))
    for position, archive in enumerate(settings.image_archives):
        yield Source(key_path(["imageArchives", position, "url"]), archive.url)


def read_pins(text: str, key: str) -> tuple[dict[str, str], list[Problem]]:
    """Return the digests of a downloads file (``URL: sha256:HEX``) by URL, and what is wrong with it."""
    remedy = "write one line for each file, `URL: sha256:HEX`, or let `python -m config.pin URL` write it"
    try:
        content = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        return {}, [Problem(key, "(not YAML)", " ".join(str(error).split()), remedy)]
    if not isinstance(content, dict):
        return {}, [Problem(key, shown(content), "a downloads file is a mapping of URLs to digests", remedy)]
    pins: dict[str, str] = {}
    problems = []
    for url, digest in content.items():
        algorithm, _, digits = str(digest).partition(":")
        if algorithm == "sha256" and is_sha256(digits):
            pins[str(url)] = digits.lower()
        else:
            rule = f"the digest of {url} must be `sha256:` and 64 hexadecimal digits"
            problems.append(Problem(key, shown(digest), rule, remedy))
    return pins, problems


def is_sha256(digits: str) -> bool:
    """Return whether this is a SHA-256 in hexadecimal."""
    return len(digits) == SHA256_HEX_DIGITS and set(digits.lower()) <= set("0123456789abcdef")

"""The programs of a node, by where they go: what an installation puts into place, and an upgrade exchanges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from config.downloads import ARTIFACTS, Downloads
from config.nodes import Runtime
from config.settings import Settings, WindowsNode


@dataclass(frozen=True, slots=True)
class Program:
    """Files of one download that go to one folder of a node."""

    name: str
    """What the node's own records call it; unique on a node."""
    artifact: str
    """Name in ``config.downloads.ARTIFACTS``."""
    folder: str
    members: tuple[str, ...] = ()
    """Files to take out of an archive (none: all), or the name of a file that is downloaded as it is."""

    def line(self, downloads: Downloads) -> str:
        """Return ``NAME|URL|SHA-256|FOLDER|MEMBER,...``, as scripts take it."""
        file = downloads.artifact(self.artifact)
        return "|".join((self.name, file.url, file.sha256, self.folder, ",".join(self.members)))


LINUX = (
    Program("containerd", "containerd-linux", "/usr/local"),
    Program("runc", "runc-linux", "/usr/local/sbin", ("runc",)),
    Program("kubelet", "kubelet-linux", "/usr/local/bin", ("kubelet",)),
    Program("kubeadm", "kubeadm-linux", "/usr/local/bin", ("kubeadm",)),
    Program("kubectl", "kubectl-linux", "/usr/local/bin", ("kubectl",)),
    Program("crictl", "crictl-linux", "/usr/local/bin"),
    Program("cni-plugins", "cni-plugins-linux", "/opt/cni/bin"),
)
WINDOWS_NODE = (
    Program("cni-plugins", "cni-plugins-windows", r"C:\opt\cni\bin", ("win-overlay.exe", "host-local.exe")),
    Program("kubelet", "kubelet-windows", r"C:\k", ("kubelet.exe",)),
    Program("kubeadm", "kubeadm-windows", r"C:\k", ("kubeadm.exe",)),
    Program("kubectl", "kubectl-windows", r"C:\k", ("kubectl.exe",)),
    Program("kube-proxy", "kube-proxy-windows", r"C:\k", ("kube-proxy.exe",)),
    Program("kube-log-runner", "kube-log-runner-windows", r"C:\k", ("kube-log-runner.exe",)),
    Program("flanneld", "flanneld-windows", r"C:\k", ("flanneld.exe",)),
    Program("flannel-cni", "flannel-cni-windows", r"C:\opt\cni\bin", ("flannel.exe",)),
)
"""What every Windows node has, whatever its container runtime."""
_RUNTIMES: Mapping[Runtime, tuple[Program, ...]] = {
    "containerd": (Program("containerd", "containerd-windows", r"C:\Program Files\containerd"),),
    "docker": (
        Program("docker", "docker-windows", r"C:\Program Files\docker", ("docker.exe", "dockerd.exe")),
        Program("cri-dockerd", "cri-dockerd-windows", r"C:\k", ("cri-dockerd.exe",)),
    ),
}
_CRICTL = Program("crictl", "crictl-windows", r"C:\k", ("crictl.exe",))


def windows(node: WindowsNode) -> tuple[Program, ...]:
    """Return every program of a Windows node."""
    return (*_RUNTIMES[node.runtime], _CRICTL, *WINDOWS_NODE)


def lines(programs: Iterable[Program], downloads: Downloads) -> tuple[str, ...]:
    """Return the line of each program."""
    return tuple(program.line(downloads) for program in programs)


def versions(programs: Iterable[Program], settings: Settings) -> dict[str, str]:
    """Return the versions that decide these programs, by field of ``Versions``."""
    keys = {ARTIFACTS[program.artifact].version_key for program in programs}
    return {key: getattr(settings.versions, key) for key in sorted(keys)}

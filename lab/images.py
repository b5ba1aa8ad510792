"""The images that the lab's clusters run, as files: no registry is reached, neither by hosts nor for the making.

Each stands under the name that the official one has, and starts the same program from the same path.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from lab import archive, build, image_layers
from lab.archive import Entry, Image, write_archive
from lab.base import base
from lab.cache import made_once, recipe_key
from lab.image_layers import (
    busybox_layer,
    compile_pause,
    compile_windows_pause,
    network_tools_layer,
    root_layer,
)
from lab.release import COREDNS, NEWEST, Release
from lab.shell import timed

ETCD_TAG = "3.6.8-0"
"""The tag that kubeadm of this Kubernetes version asks for."""
PAUSE = "3.10.2"
FLANNEL_CNI = "1.9.1-flannel3"
AGNHOST = "2.56"
WINDOWS_BUILDS = ("10.0.20348.2340", "10.0.26100.1742")
_KUBERNETES_REGISTRY = "registry.k8s.io"
_FLANNEL_REGISTRY = "ghcr.io/flannel-io"
_CONTROL_PLANE = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
# Read together with the code itself: a process that has run for long may not be what the files say by now.
_WRITTEN = recipe_key(
    {"modules": [Path(name).read_text() for name in (archive.__file__, image_layers.__file__, __file__) if name]}
)


def _program_images(release: Release) -> dict[str, tuple[Image, str]]:
    """Return, by program, the image that carries it and the path it has there."""
    registry, tools = _KUBERNETES_REGISTRY, ("root", "busybox", "network-tools")
    found = {
        name: (Image((f"{registry}/{name}:v{release.kubernetes}",), ("root", name)), f"usr/local/bin/{name}")
        for name in _CONTROL_PLANE
    }
    return found | {
        "kube-proxy": (
            Image((f"{registry}/kube-proxy:v{release.kubernetes}",), (*tools, "kube-proxy")),
            "usr/local/bin/kube-proxy",
        ),
        "etcd": (Image((f"{registry}/etcd:{ETCD_TAG}",), ("root", "busybox", "etcd")), "usr/local/bin/etcd"),
        "coredns": (
            Image((f"{registry}/coredns/coredns:v{COREDNS}",), ("root", "coredns"), ("/coredns",)), "coredns",
        ),
        "pause": (Image((f"{registry}/pause:{PAUSE}",), ("pause",), ("/pause",)), "pause"),
        "flanneld": (
            Image((f"{_FLANNEL_REGISTRY}/flannel:v{release.flannel}",), (*tools, "flanneld"), ("/opt/bin/flanneld",)),
            "opt/bin/flanneld",
        ),
        "flannel": (
            Image((f"{_FLANNEL_REGISTRY}/flannel-cni-plugin:v{FLANNEL_CNI}",), ("root", "busybox", "flannel")),
            "flannel",
        ),
        "agnhost": (
            Image(
                (f"{registry}/e2e-test-images/agnhost:{AGNHOST}",), ("root", "busybox", "agnhost"), ("/agnhost",),
                ("pause",),
            ),
            "agnhost",
        ),
    }  # fmt: skip


def write_linux_archive(path: Path, programs: Mapping[str, Path], release: Release) -> None:
    """Write the archive of every Linux image of a cluster of this release."""
    images = _program_images(release)
    with tempfile.TemporaryDirectory() as scratch:
        found = {**programs, "pause": compile_pause(Path(scratch))}
        layers: dict[str, Mapping[str, Entry]] = {
            "root": root_layer(),
            "busybox": busybox_layer(),
            "network-tools": network_tools_layer(base()),
        }
        layers |= {name: {place: found[name]} for name, (_, place) in images.items()}
        write_archive(path, layers, [image for image, _ in images.values()])


def write_windows_archive(path: Path, programs: Mapping[str, Path]) -> None:
    """Write the archive of the Windows images: real programs in the layout of a Windows layer, no operating system.

    Each image is there for every Windows build, under the same name. A real Windows would not run a container of it;
    the lab's stand-in for containerd takes what is for its own build, and starts the program.
    """
    registry = _KUBERNETES_REGISTRY
    agnhost = f"{registry}/e2e-test-images/agnhost:{AGNHOST}"
    images = [
        image
        for build in WINDOWS_BUILDS
        for image in (
            Image((f"{registry}/pause:{PAUSE}",), ("pause",), ("/pause.exe",), (), "windows", build),
            Image((agnhost,), ("agnhost",), ("/agnhost.exe",), ("pause",), "windows", build),
        )
    ]
    with tempfile.TemporaryDirectory() as scratch:
        layers: dict[str, Mapping[str, Entry]] = {
            "pause": {"Files/pause.exe": compile_windows_pause(Path(scratch))},
            "agnhost": {"Files/agnhost.exe": programs["agnhost.exe"]},
        }
        write_archive(path, layers, images)


def image_archives(programs: Mapping[str, Path], release: Release = NEWEST) -> Path:
    """Return the folder that holds ``linux.tar`` and ``windows.tar``, made on first use (seconds).

    ``programs`` are paths by name, as lab.build.build_all() returns them.
    """

    def make(folder: Path) -> None:
        with timed(f"made the image archives of Kubernetes {release.kubernetes}"):
            write_linux_archive(folder / "linux.tar", programs, release)
            write_windows_archive(folder / "windows.tar", programs)

    needed = [name for name in (*_program_images(release), "agnhost.exe") if name != "pause"]
    sources = {name: programs[name].parent.parent.name for name in needed}
    recipe = {
        "programs": sources,
        "base": base().parent.name,
        "release": asdict(release),
        "written": _WRITTEN,
    }
    return made_once("images", recipe, make)


if __name__ == "__main__":
    print(image_archives(build.build_all()))

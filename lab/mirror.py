"""A mirror of every official file that a cluster is made of, laid out as ``HOST/PATH`` of its official address.

The files hold the lab's own builds of the same versions, in archives with the members that the official ones have.
"""

from __future__ import annotations

import gzip
import shutil
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import yaml

from lab import images
from lab.archive import Entry, add_entries, file_digest
from lab.cache import made_once
from lab.release import CRI_DOCKERD, CRI_TOOLS, DOCKER, NEWEST, Release
from lab.shell import run, timed

RUNC = "1.4.3"
"""The version under which Debian's own runc is offered."""
_RUNC = Path("/usr/sbin/runc")
_GITHUB = "https://github.com"
_IMAGES = "https://images.lab.invalid"
_RECIPE = 3
_KEPT_STATES = 3
Content = Path | dict[str, Path]
"""What stands at an address: a file, or an archive of files by their member names."""


def contents(programs: Mapping[str, Path], release: Release = NEWEST) -> dict[str, Content]:
    """Return what the mirror holds by official address, image archives aside.

    Programs that were not built (the Windows stand-ins, before they are) are left out.
    """
    kubernetes = f"https://dl.k8s.io/release/v{release.kubernetes}/bin"
    plain = {f"{kubernetes}/linux/amd64/{name}": name for name in ("kubeadm", "kubelet", "kubectl")}
    plain |= {
        f"{kubernetes}/windows/amd64/{name}.exe": f"{name}.exe"
        for name in ("kubeadm", "kubelet", "kube-proxy", "kubectl", "kube-log-runner")
    }
    plain[f"{_GITHUB}/flannel-io/cni-plugin/releases/download/v{images.FLANNEL_CNI}/flannel-amd64.exe"] = "flannel.exe"
    plain[f"{_GITHUB}/flannel-io/flannel/releases/download/v{release.flannel}/flanneld.exe"] = "flanneld.exe"
    containerd = (
        f"{_GITHUB}/containerd/containerd/releases/download/v{release.containerd}/containerd-{release.containerd}"
    )
    crictl = f"{_GITHUB}/kubernetes-sigs/cri-tools/releases/download/v{CRI_TOOLS}/crictl-v{CRI_TOOLS}"
    plugins = f"{_GITHUB}/containernetworking/plugins/releases/download/v{release.cni_plugins}/cni-plugins"
    cri_dockerd = f"{_GITHUB}/Mirantis/cri-dockerd/releases/download/v{CRI_DOCKERD}/cri-dockerd-{CRI_DOCKERD}"
    archived: dict[str, tuple[str, tuple[str, ...]]] = {
        f"{containerd}-linux-amd64.tar.gz": ("bin/", ("containerd", "containerd-shim-runc-v2", "ctr")),
        f"{containerd}-windows-amd64.tar.gz": ("bin/", ("containerd.exe", "ctr.exe")),
        f"{crictl}-linux-amd64.tar.gz": ("", ("crictl",)),
        f"{crictl}-windows-amd64.tar.gz": ("", ("crictl.exe",)),
        f"{plugins}-linux-amd64-v{release.cni_plugins}.tgz": ("./", ("bridge", "host-local", "loopback", "portmap")),
        f"https://download.docker.com/win/static/stable/x86_64/docker-{DOCKER}.zip": (
            "docker/",
            ("docker.exe", "dockerd.exe"),
        ),
        f"{cri_dockerd}.win.amd64.zip": ("cri-dockerd/", ("cri-dockerd.exe",)),
        f"{plugins}-windows-amd64-v{release.cni_plugins}.tgz": ("./", ("host-local.exe", "win-overlay.exe")),
    }
    found: dict[str, Content] = {f"{_GITHUB}/opencontainers/runc/releases/download/v{RUNC}/runc.amd64": _RUNC}
    found |= {url: programs[name] for url, name in plain.items() if name in programs}
    for url, (prefix, names) in archived.items():
        if all(name in programs for name in names):
            found[url] = {prefix + name: programs[name] for name in names}
    return found


def place(url: str) -> str:
    """Return the path that an official address has in a mirror: ``HOST/PATH``."""
    return url.partition("://")[2]


def mirror(programs: Mapping[str, Path], release: Release = NEWEST) -> Path:
    """Return the folder to serve, with ``downloads.yaml`` (address to sha256) beside it, made on first use.

    ``programs`` are paths by name, as lab.build.build_all() returns them.
    """
    archives = images.image_archives(programs, release)
    offered: dict[str, Content] = contents(programs, release)
    offered |= {f"{_IMAGES}/{name}": archives / name for name in ("linux.tar", "windows.tar")}

    def make(folder: Path) -> None:
        with timed(f"laid out the mirror of Kubernetes {release.kubernetes}"):
            hashes = {}
            for url, content in sorted(offered.items()):
                path = folder / "files" / place(url)
                path.parent.mkdir(parents=True, exist_ok=True)
                _write(path, content)
                hashes[url] = f"sha256:{file_digest(path)}"
            (folder / "downloads.yaml").write_text(yaml.safe_dump(hashes, width=1000))

    sources = {url: _source(content) for url, content in offered.items()}
    runc = run(["dpkg-query", "--show", "--showformat", "${Version}", "runc"])
    folder = made_once("mirror", {"sources": sources, "runc": runc, "recipe": _RECIPE}, make)
    for kept in (folder, archives):
        _drop_older(kept)
    return folder / "files"


def _drop_older(kept: Path) -> None:
    """Remove all but the last few states of a folder: at most a gigabyte each, made again in seconds."""
    kept.touch()
    name = kept.name.rpartition("-")[0]
    states = sorted(kept.parent.glob(f"{name}-{'?' * 12}"), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in states[_KEPT_STATES:]:
        shutil.rmtree(old, ignore_errors=True)


def _source(content: Content) -> object:
    """Return what tells one state of the content from another: paths in the cache bear the key of their recipe."""
    return {name: str(path) for name, path in content.items()} if isinstance(content, dict) else str(content)


def _write(path: Path, content: Content) -> None:
    if isinstance(content, Path):
        try:
            path.hardlink_to(content.resolve())
        except OSError:
            # Another file system, or one without links.
            shutil.copy(content, path)
        return
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name, source in content.items():
                # A time of its own would make the digest another one with each run.
                archive.writestr(zipfile.ZipInfo(name), source.read_bytes(), zipfile.ZIP_STORED)
        return
    entries = cast("dict[str, Entry]", dict(content))
    with (
        path.open("wb") as file,
        gzip.GzipFile(fileobj=file, mode="wb", compresslevel=1, mtime=0, filename="") as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        add_entries(tar, entries)

"""The steps that put software on a Windows machine: the container runtime, the node's programs, the images."""

from __future__ import annotations

from config.downloads import Downloads
from config.settings import Settings, WindowsNode

from plan import programs, windows_docker
from plan import windows_documents as documents
from plan.containerd import pause_image
from plan.downloads import windows_download_parameters, windows_proxy_parameters
from plan.registries import hosts_files
from plan.step import Step


def software(settings: Settings, node: WindowsNode, downloads: Downloads) -> tuple[Step, ...]:
    """Return the steps in their order. All of them download, through the site's proxy and mirror where it has them."""
    runtime = _docker if node.runtime == "docker" else _containerd
    before, after = runtime(settings, node, downloads)
    return (before, _node_binaries(settings, node, downloads), *after, _images(settings, node, downloads))


def _containerd(settings: Settings, node: WindowsNode, downloads: Downloads) -> tuple[Step, tuple[Step, ...]]:
    """Return the step that runs containerd; nothing is left to do once the node's programs are there."""
    registries = hosts_files(settings, "windows")
    containerd = Step(
        "containerd-running",
        "Install-Containerd.ps1",
        {
            **windows_download_parameters(downloads, Containerd="containerd-windows", Crictl="crictl-windows"),
            "Configuration": documents.containerd_configuration(settings),
            "RegistryFolders": tuple(registries),
            "RegistryFiles": tuple(registries.values()),
            "CriEndpoint": node.runtime_endpoint,
            "LogFolder": node.log_folder,
            **windows_proxy_parameters(settings),
        },
        undo="Uninstall-Containerd.ps1",
        time_limit=1800,
    )
    return containerd, ()


def _docker(settings: Settings, node: WindowsNode, downloads: Downloads) -> tuple[Step, tuple[Step, ...]]:
    """Return the step that runs Docker, and that of cri-dockerd, which needs the node's kube-log-runner."""
    docker = Step(
        "docker-running",
        "Install-Docker.ps1",
        {
            **windows_download_parameters(downloads, Docker="docker-windows"),
            "Configuration": windows_docker.daemon_configuration(settings),
            "LogFolder": node.log_folder,
            **windows_proxy_parameters(settings),
        },
        undo="Uninstall-Docker.ps1",
        time_limit=1800,
    )
    cri_dockerd = Step(
        "cri-dockerd-running",
        "Install-CriDockerd.ps1",
        {
            **windows_download_parameters(downloads, CriDockerd="cri-dockerd-windows", Crictl="crictl-windows"),
            "Arguments": windows_docker.cri_dockerd_arguments(settings, node),
            "CriEndpoint": node.runtime_endpoint,
            "LogFolder": node.log_folder,
            **windows_proxy_parameters(settings),
        },
        undo="Uninstall-CriDockerd.ps1",
        time_limit=900,
    )
    return docker, (cri_dockerd,)


def _node_binaries(settings: Settings, node: WindowsNode, downloads: Downloads) -> Step:
    return Step(
        "node-binaries-verified",
        "Install-NodeBinaries.ps1",
        {
            "Programs": programs.lines(programs.WINDOWS_NODE, downloads),
            "LogFolder": node.log_folder,
            **windows_proxy_parameters(settings),
        },
        undo="Uninstall-NodeBinaries.ps1",
        time_limit=1800,
    )


def _images(settings: Settings, node: WindowsNode, downloads: Downloads) -> Step:
    archives = downloads.archives("windows")
    return Step(
        "images-present",
        "Import-Images.ps1",
        {
            "Runtime": node.runtime,
            "ArchiveUrls": tuple(archive.url for archive in archives),
            "ArchiveDigests": tuple(archive.sha256 for archive in archives),
            "PauseImage": pause_image(settings),
            "CriEndpoint": node.runtime_endpoint,
            **windows_proxy_parameters(settings),
        },
        time_limit=3600,
    )

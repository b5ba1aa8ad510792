"""The ordered steps that make a Windows Server a node. Steps on the control plane are in ``plan/control_plane.py``."""

from __future__ import annotations

import json
from collections.abc import Mapping

from config.downloads import Downloads
from config.settings import Settings, WindowsNode

from plan import windows_documents as documents
from plan.containerd import pause_image
from plan.downloads import proxy_parameters
from plan.flannel import net_conf
from plan.step import Parameter, Step

_PROGRAMS: Mapping[str, str] = {
    r"C:\k\kubelet.exe": "kubelet-windows",
    r"C:\k\kubeadm.exe": "kubeadm-windows",
    r"C:\k\kubectl.exe": "kubectl-windows",
    r"C:\k\kube-proxy.exe": "kube-proxy-windows",
    r"C:\k\kube-log-runner.exe": "kube-log-runner-windows",
    r"C:\k\flanneld.exe": "flanneld-windows",
    r"C:\opt\cni\bin\flannel.exe": "flannel-cni-windows",
}
"""Programs that are downloaded as they are, by where they go."""


def preparation(settings: Settings, node: WindowsNode, downloads: Downloads) -> tuple[Step, ...]:
    """Return the steps that need no cluster, so that every machine can take them at once."""
    return (
        Step(
            "preflight-passed",
            "Test-Host.ps1",
            {
                "NodeName": node.name,
                "ManagementIP": str(node.management_ip),
                "InterfaceName": node.interface_name,
                "NetworkName": settings.network_name,
                "CriEndpoint": node.cri_endpoint,
                "LogFolder": node.log_folder,
            },
            undo="Restore-Host.ps1",
            time_limit=900,
        ),
        Step(
            "containers-feature-installed",
            "Install-ContainersFeature.ps1",
            undo="Uninstall-ContainersFeature.ps1",
            time_limit=1800,
        ),
        Step("restarted", "Restart-Host.ps1", time_limit=120),
        Step("restart-proven", "Confirm-Restart.ps1", time_limit=900),
        *_runtime(settings, node, downloads),
        Step(
            "firewall-open",
            "Open-Firewall.ps1",
            {"NodeCidrs": tuple(map(str, settings.node_cidrs)), "VxlanPort": settings.vxlan_port},
            undo="Close-Firewall.ps1",
            time_limit=300,
        ),
        Step(
            "kubelet-service-registered",
            "Install-KubeletService.ps1",
            {
                "CommandLine": documents.kubelet_command_line(node),
                "KubeletPatch": documents.kubelet_patch(settings),
                "LogFolder": node.log_folder,
            },
            undo="Uninstall-KubeletService.ps1",
            time_limit=300,
        ),
    )


def _runtime(settings: Settings, node: WindowsNode, downloads: Downloads) -> tuple[Step, ...]:
    """Return the steps that download: the container runtime, the node's programs, the images."""
    proxy = _proxy(settings)
    archives = downloads.archives("windows")
    programs = {path: downloads.artifact(artifact) for path, artifact in _PROGRAMS.items()}
    return (
        Step(
            "containerd-running",
            "Install-Containerd.ps1",
            {
                **_download(downloads, "Containerd", "containerd-windows"),
                **_download(downloads, "Crictl", "crictl-windows"),
                "Configuration": documents.containerd_configuration(settings),
                "CriEndpoint": node.cri_endpoint,
                "LogFolder": node.log_folder,
                **proxy,
            },
            undo="Uninstall-Containerd.ps1",
            time_limit=1800,
        ),
        Step(
            "node-binaries-verified",
            "Install-NodeBinaries.ps1",
            {
                "Programs": tuple(f"{path} {file.url} {file.sha256}" for path, file in programs.items()),
                **_download(downloads, "CniPlugins", "cni-plugins-windows"),
                "LogFolder": node.log_folder,
                **proxy,
            },
            undo="Uninstall-NodeBinaries.ps1",
            time_limit=1800,
        ),
        Step(
            "images-present",
            "Import-Images.ps1",
            {
                "ArchiveUrls": tuple(archive.url for archive in archives),
                "ArchiveDigests": tuple(archive.sha256 for archive in archives),
                "PauseImage": pause_image(settings),
                "CriEndpoint": node.cri_endpoint,
                **proxy,
            },
            time_limit=3600,
        ),
    )


def joining(settings: Settings, node: WindowsNode) -> tuple[Step, ...]:
    """Return the step that joins the cluster; token and CA hash arrive at run time."""
    return (
        Step(
            "joined",
            "Join-Cluster.ps1",
            {
                "NodeName": node.name,
                "ApiEndpoint": settings.api_endpoint,
                "JoinConfiguration": documents.join_configuration(settings, node),
                "CriEndpoint": node.cri_endpoint,
                "LogFolder": node.log_folder,
            },
            secret_parameters=("Token", "CaCertHash"),
            undo="Reset-Node.ps1",
        ),
    )


def networking(settings: Settings, node: WindowsNode) -> tuple[Step, ...]:
    """Return the steps that bring flannel up; the second returns before the vSwitch drops its connection."""
    network: dict[str, Parameter] = {"NetworkName": settings.network_name, "CriEndpoint": node.cri_endpoint}
    return (
        Step(
            "flannel-installed",
            "Install-Flannel.ps1",
            {
                **network,
                "NodeName": node.name,
                "ManagementIP": str(node.management_ip),
                "InterfaceName": node.interface_name,
                "NetConf": json.dumps(net_conf(settings), indent=2),
                "ConfList": documents.cni_conf_list(settings, node),
                "LogFolder": node.log_folder,
            },
            undo="Uninstall-Flannel.ps1",
            time_limit=480,
        ),
        Step("flannel-started", "Start-Flannel.ps1", network, undo="Stop-Flannel.ps1", time_limit=600),
    )


def services(settings: Settings, node: WindowsNode) -> tuple[Step, ...]:
    """Return the step that runs kube-proxy on the network flannel made."""
    return (
        Step(
            "kube-proxy-running",
            "Install-KubeProxy.ps1",
            {
                "NodeName": node.name,
                "NetworkName": settings.network_name,
                "NetworkMode": node.network_mode,
                "CommandLine": documents.kube_proxy_command_line(node),
                "Configuration": documents.kube_proxy_configuration(settings, node),
                "LogFolder": node.log_folder,
            },
            undo="Uninstall-KubeProxy.ps1",
            time_limit=600,
        ),
    )


def _download(downloads: Downloads, name: str, artifact: str) -> dict[str, Parameter]:
    download = downloads.artifact(artifact)
    return {f"{name}Url": download.url, f"{name}Digest": download.sha256}


def _proxy(settings: Settings) -> dict[str, Parameter]:
    given = proxy_parameters(settings)
    return {"HttpProxy": given["proxy_http"], "HttpsProxy": given["proxy_https"], "NoProxy": given["no_proxy"]}

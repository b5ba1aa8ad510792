"""The ordered steps that make a Windows Server a node. Steps on the control plane are in ``plan/control_plane.py``."""

from __future__ import annotations

import json

from config.downloads import Downloads
from config.settings import Settings, WindowsNode

from plan import windows_documents as documents
from plan.certificates import trusting
from plan.flannel import net_conf
from plan.kubeadm import request_documents
from plan.step import Parameter, Step
from plan.windows_host import host_network
from plan.windows_software import software


def preparation(settings: Settings, node: WindowsNode, downloads: Downloads) -> tuple[Step, ...]:
    """Return the steps that need no cluster, so that every machine can take them at once."""
    return (
        *_updates(settings),
        Step(
            "containers-feature-installed",
            "Install-ContainersFeature.ps1",
            undo="Uninstall-ContainersFeature.ps1",
            time_limit=1800,
        ),
        Step("restarted", "Restart-Host.ps1", time_limit=120),
        Step("restart-proven", "Confirm-Restart.ps1", time_limit=900),
        *host_network(settings, node),
        *trusting(settings, "windows"),
        *software(settings, node, downloads),
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
                "RuntimeService": node.runtime,
                "LogFolder": node.log_folder,
            },
            undo="Uninstall-KubeletService.ps1",
            time_limit=300,
        ),
    )


def _updates(settings: Settings) -> tuple[Step, ...]:
    """Return the step that keeps Windows from restarting by itself, where the site asks for it."""
    if settings.windows_update == "unchanged":
        return ()
    return (Step("updates-manual", "Set-UpdatePolicy.ps1", undo="Restore-UpdatePolicy.ps1", time_limit=120),)


def requesting(settings: Settings, node: WindowsNode, joining_revision: str) -> tuple[Step, ...]:
    """Return the step that makes the node's key and asks for a certificate.

    ``joining_revision`` changes with everything the join depends on, so that a join that runs again has a key again.
    """
    return (
        Step(
            "credential-requested",
            "Request-Credential.ps1",
            {
                "NodeName": node.name,
                "ApiEndpoint": settings.api_endpoint,
                "Configuration": request_documents(settings, node),
                "JoiningRevision": joining_revision,
            },
            time_limit=300,
        ),
    )


def reporting_former() -> tuple[Step, ...]:
    """Return the step that tells what a node that was built by hand has left on the machine, and changes nothing."""
    return (Step("former-node-reported", "Get-FormerNode.ps1", time_limit=300),)


def stopping_former(node: WindowsNode) -> tuple[Step, ...]:
    """Return the step that ends that node; it returns before the removal of its networks drops its connection."""
    parameters: dict[str, Parameter] = {
        "ManagementIP": str(node.management_ip),
        "InterfaceName": node.interface_name,
        "KeepDocker": node.runtime == "docker",
    }
    return (Step("former-node-stopped", "Stop-FormerNode.ps1", parameters, time_limit=600),)


def putting_former_away() -> tuple[Step, ...]:
    """Return the step that moves its files to a dated folder."""
    return (Step("former-node-put-away", "Move-FormerNode.ps1", time_limit=600),)


def joining(settings: Settings, node: WindowsNode) -> tuple[Step, ...]:
    """Return the step that joins the cluster; certificate and the cluster's authority arrive at run time."""
    return (
        Step(
            "joined",
            "Join-Cluster.ps1",
            {
                "NodeName": node.name,
                "ApiEndpoint": settings.api_endpoint,
                "JoinConfiguration": documents.join_configuration(settings, node),
                "CriEndpoint": node.runtime_endpoint,
                "LogFolder": node.log_folder,
            },
            late_parameters=("Certificate", "Authority"),
            undo="Reset-Node.ps1",
        ),
    )


def networking(settings: Settings, node: WindowsNode) -> tuple[Step, ...]:
    """Return the steps that bring flannel up; the second returns before the vSwitch drops its connection."""
    network: dict[str, Parameter] = {"NetworkName": settings.network_name, "CriEndpoint": node.runtime_endpoint}
    announced: dict[str, Parameter] = {
        "NodeName": node.name,
        "ManagementIP": str(node.management_ip),
        "Vni": settings.vni,
    }
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
        Step("flannel-started", "Start-Flannel.ps1", {**network, **announced}, undo="Stop-Flannel.ps1", time_limit=600),
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

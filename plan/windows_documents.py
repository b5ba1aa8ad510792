r"""What the programs of a Windows node read: configuration files and service command lines.

All of it is made here and passed to the scripts as text, so that a preview shows it and a test can read it. Folders
are fixed: ``C:\k`` for programs, for the rest the places that kubeadm, kubelet and flannel use by themselves.
"""

from __future__ import annotations

import json

import tomli_w
from config.settings import Settings, WindowsNode

from plan import windows_docker
from plan.containerd import pause_image
from plan.documents import Document, deep_merge, to_yaml
from plan.flannel import CNI_VERSION
from plan.kubeadm import KUBEADM, discovery
from plan.kubelet import graceful_shutdown

TAINT: Document = {"key": "os", "value": "windows", "effect": "NoSchedule"}
"""Keeps Linux pods that say nothing about their operating system off Windows nodes."""

_LOG_RUNNER = r"C:\k\kube-log-runner.exe"
_ROTATION = "-log-file-size=100M -log-file-age=168h -flush-interval=5s"
_KUBECONFIG = r"C:\etc\kubernetes\kubelet.conf"


def containerd_configuration(settings: Settings) -> str:
    """Return containerd's ``config.toml`` (version 3, containerd 2.x)."""
    images: Document = {
        # Layers of Windows images are large and slow to unpack; the default gives up after five minutes.
        "image_pull_progress_timeout": "30m",
        "pinned_images": {"sandbox": pause_image(settings)},
        "registry": {"config_path": r"C:\ProgramData\containerd\certs.d"},
    }
    runtime: Document = {"cni": {"bin_dirs": [r"C:\opt\cni\bin"], "conf_dir": r"C:\etc\cni\net.d"}}
    ours: Document = {
        "version": 3,
        "root": r"C:\ProgramData\containerd\root",
        "state": r"C:\ProgramData\containerd\state",
        "grpc": {"address": r"\\.\pipe\containerd-containerd"},
        "plugins": {"io.containerd.cri.v1.images": images, "io.containerd.cri.v1.runtime": runtime},
    }
    return tomli_w.dumps(deep_merge(ours, settings.windows_containerd_configuration))


def kubelet_patch(settings: Settings) -> str:
    """Return what kubeadm lays over the cluster's KubeletConfiguration (a JSON merge patch, as YAML).

    That configuration is made for Linux: a null takes away a field with which kubelet would not start on Windows
    (``pkg/kubelet/apis/config/validation/validation_windows.go``). The taint stands here because a Windows service does
    not read ``kubeadm-flags.env``, where kubeadm would write it.
    """
    ours: Document = {
        "cgroupsPerQOS": False,
        "enforceNodeAllocatable": ["none"],
        "resolvConf": "",
        "singleProcessOOMKill": None,
        "userNamespaces": None,
        "registerWithTaints": [TAINT],
        "rotateCertificates": True,
        "maxPods": settings.pods_per_node,
        # Processes of pods are not bounded by what is left to the system, so the scheduler has to leave it.
        "systemReserved": {"cpu": "500m", "memory": "2Gi"},
        "runtimeRequestTimeout": "10m",
        "serializeImagePulls": False,
        "containerLogMaxSize": "50Mi",
        "enableSystemLogHandler": True,
        "enableSystemLogQuery": True,
        # A cluster that exists already may have none of it in its own configuration.
        **graceful_shutdown(settings),
    }
    return to_yaml(deep_merge(ours, settings.windows_kubelet_configuration))


def join_configuration(settings: Settings, node: WindowsNode) -> str:
    """Return what ``kubeadm join --config`` reads."""
    return to_yaml(
        {
            "apiVersion": KUBEADM,
            "kind": "JoinConfiguration",
            # Without its drive: kubeadm (1.36) takes the letter for the scheme of a URL, and refuses it.
            "discovery": discovery("/k/casement/credential/discovery.conf"),
            "nodeRegistration": {
                "name": node.name,
                "criSocket": node.runtime_endpoint,
                "taints": [TAINT],
                "ignorePreflightErrors": list(settings.windows_ignore_preflight_errors),
            },
            "patches": {"directory": r"C:\k\patches"},
        }
    )


def upgrade_configuration(settings: Settings) -> str:
    """Return what ``kubeadm upgrade node --config`` reads; without our patches kubelet would get Linux' settings."""
    return to_yaml(
        {
            "apiVersion": "kubeadm.k8s.io/v1beta4",
            "kind": "UpgradeConfiguration",
            "node": {
                "ignorePreflightErrors": list(settings.windows_ignore_preflight_errors),
                "patches": {"directory": r"C:\k\patches"},
            },
        }
    )


def kubelet_command_line(node: WindowsNode) -> str:
    """Return the command line of the service kubelet.

    It is complete: nothing on Windows reads the flags that kubeadm writes into ``kubeadm-flags.env``. What the file
    can say is not said here, since empty values and quotes do not survive a service's command line well.
    """
    flags = {
        "cert-dir": r"C:\var\lib\kubelet\pki",
        "config": r"C:\var\lib\kubelet\config.yaml",
        "bootstrap-kubeconfig": r"C:\etc\kubernetes\bootstrap-kubelet.conf",
        "kubeconfig": _KUBECONFIG,
        "container-runtime-endpoint": node.runtime_endpoint,
        "hostname-override": node.name,
        "node-ip": str(node.management_ip),
        "windows-priorityclass": "ABOVE_NORMAL_PRIORITY_CLASS",
    }
    return _service(node, "kubelet", flags)


def kube_proxy_command_line(node: WindowsNode) -> str:
    """Return the command line of the service kube-proxy; all else is in its configuration file."""
    return _service(node, "kube-proxy", {"config": r"C:\k\kube-proxy.yaml"})


def _service(node: WindowsNode, program: str, flags: dict[str, str]) -> str:
    log = rf"{node.log_folder}\{program}.log"
    said = " ".join(f"--{name}={value}" for name, value in flags.items())
    return rf"{_LOG_RUNNER} -log-file={log} {_ROTATION} C:\k\{program}.exe --windows-service {said}"


def kube_proxy_configuration(settings: Settings, node: WindowsNode) -> str:
    """Return the KubeProxyConfiguration, with ``@SOURCE_VIP@`` left to the script.

    The address is reserved on the node, in a subnet that is known only when flannel has its network. Feature gates
    for overlay and DSR are locked since Kubernetes 1.34 and must not be named.
    """
    return to_yaml(
        {
            "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
            "kind": "KubeProxyConfiguration",
            "mode": "kernelspace",
            "hostnameOverride": node.name,
            "clusterCIDR": str(settings.pod_cidr),
            # The node's own credential: the cluster grants it what kube-proxy needs, so that none is stored here.
            "clientConnection": {"kubeconfig": _KUBECONFIG},
            "winkernel": {"networkName": settings.network_name, "sourceVip": "@SOURCE_VIP@", "enableDSR": True},
        }
    )


def cni_conf_list(settings: Settings, node: WindowsNode) -> str:
    """Return the CNI network list, whose win-overlay makes endpoints as the node's runtime needs them."""
    made = windows_docker.endpoint_policies if node.runtime == "docker" else _endpoint_policies
    delegate: Document = {"type": "win-overlay", **made(settings, node)}
    plugin = {"type": "flannel", "capabilities": {"portMappings": True, "dns": True}, "delegate": delegate}
    return json.dumps({"name": settings.network_name, "cniVersion": CNI_VERSION, "plugins": [plugin]}, indent=2)


def _endpoint_policies(settings: Settings, node: WindowsNode) -> Document:
    """Return win-overlay's part of it for containerd: by the HCN API version 2, the only one it works with."""
    policies = [
        ("OutBoundNAT", {"Exceptions": [str(settings.pod_cidr), str(settings.service_cidr)]}),
        ("SDNRoute", {"DestinationPrefix": str(settings.service_cidr), "NeedEncap": True}),
        ("ProviderAddress", {"ProviderAddress": str(node.management_ip)}),
    ]
    return {
        "apiVersion": 2,
        "Policies": [
            {"Name": "EndpointPolicy", "Value": {"Type": kind, "Settings": values}} for kind, values in policies
        ],
    }

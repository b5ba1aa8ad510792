"""kubeadm's documents for Linux machines (kubeadm.k8s.io/v1beta4)."""

from __future__ import annotations

from config.settings import ControlPlaneNode, LinuxNode, Settings, WindowsNode

from plan.documents import Document, deep_merge, to_yaml
from plan.kubelet import graceful_shutdown

LINUX_CRI = "unix:///run/containerd/containerd.sock"
API_PORT = 6443
KUBEADM = "kubeadm.k8s.io/v1beta4"


def init_documents(settings: Settings) -> str:
    """Return everything ``kubeadm init --config`` reads, as one YAML stream."""
    return to_yaml(
        _init_configuration(settings, settings.control_plane),
        _cluster_configuration(settings),
        _kubelet_configuration(settings),
        _kube_proxy_configuration(settings),
    )


def request_documents(settings: Settings, node: LinuxNode | WindowsNode) -> str:
    """Return what ``kubeadm certs generate-csr --config`` reads, to make a node's key and kubeconfig."""
    return to_yaml(
        {
            "apiVersion": KUBEADM,
            "kind": "InitConfiguration",
            # Only so that kubeadm does not look for an address by itself.
            "localAPIEndpoint": {"advertiseAddress": str(node.address)},
            "nodeRegistration": {"name": node.name},
        },
        {
            "apiVersion": KUBEADM,
            "kind": "ClusterConfiguration",
            # Without a version kubeadm asks the internet for the newest one.
            "kubernetesVersion": f"v{settings.versions.kubernetes}",
            "controlPlaneEndpoint": settings.api_endpoint,
            "encryptionAlgorithm": "ECDSA-P256",
        },
    )


def discovery(kubeconfig: str) -> Document:
    """Return how ``kubeadm join`` finds the cluster, and who it is there: by a kubeconfig with a certificate."""
    return {"file": {"kubeConfigPath": kubeconfig}}


def join_documents(settings: Settings, node: LinuxNode) -> str:
    """Return what ``kubeadm join --config`` reads; ``@CREDENTIAL@`` is left to the script, which knows its folder."""
    return to_yaml(
        {
            "apiVersion": KUBEADM,
            "kind": "JoinConfiguration",
            "discovery": discovery("@CREDENTIAL@"),
            "nodeRegistration": _node_registration(settings, node),
        }
    )


def upgrade_documents(settings: Settings) -> str:
    """Return what ``kubeadm upgrade plan``, ``apply`` and ``node`` read on Linux machines, each its own part."""
    ignored = list(settings.ignore_preflight_errors)
    return to_yaml(
        {
            "apiVersion": KUBEADM,
            "kind": "UpgradeConfiguration",
            "apply": {"kubernetesVersion": f"v{settings.versions.kubernetes}", "ignorePreflightErrors": ignored},
            "plan": {"ignorePreflightErrors": ignored},
            "node": {"ignorePreflightErrors": ignored},
        }
    )


def _node_registration(settings: Settings, node: LinuxNode) -> Document:
    return {
        "name": node.name,
        "criSocket": LINUX_CRI,
        "ignorePreflightErrors": list(settings.ignore_preflight_errors),
        "kubeletExtraArgs": [{"name": "node-ip", "value": str(node.address)}],
    }


def _init_configuration(settings: Settings, node: ControlPlaneNode) -> Document:
    return {
        "apiVersion": KUBEADM,
        "kind": "InitConfiguration",
        "localAPIEndpoint": {"advertiseAddress": str(node.address), "bindPort": API_PORT},
        "nodeRegistration": _node_registration(settings, node),
    }


def _cluster_configuration(settings: Settings) -> Document:
    ours: Document = {
        "apiVersion": KUBEADM,
        "kind": "ClusterConfiguration",
        "clusterName": settings.cluster_name,
        "kubernetesVersion": f"v{settings.versions.kubernetes}",
        "imageRepository": settings.images.kubernetes,
        "networking": {
            "podSubnet": str(settings.pod_cidr),
            "serviceSubnet": str(settings.service_cidr),
            "dnsDomain": settings.cluster_domain,
        },
        # flannel takes each node's pod range from the API, where the controller manager puts it.
        "controllerManager": {
            "extraArgs": [{"name": "node-cidr-mask-size-ipv4", "value": str(settings.node_prefix_length)}],
        },
    }
    if settings.control_plane.endpoint:
        ours["controlPlaneEndpoint"] = settings.control_plane.endpoint
    return deep_merge(ours, settings.kubeadm_configuration)


def _kubelet_configuration(settings: Settings) -> Document:
    ours: Document = {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "cgroupDriver": "systemd",
        "clusterDNS": [str(settings.dns_address)],
        "clusterDomain": settings.cluster_domain,
        "maxPods": settings.pods_per_node,
        "rotateCertificates": True,
        **graceful_shutdown(settings),
    }
    return deep_merge(ours, settings.kubelet_configuration)


def _kube_proxy_configuration(settings: Settings) -> Document:
    ours: Document = {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "clusterCIDR": str(settings.pod_cidr),
    }
    return deep_merge(ours, settings.kube_proxy_configuration)

"""kubeadm's documents for Linux machines (kubeadm.k8s.io/v1beta4)."""

from __future__ import annotations

from config.settings import ControlPlaneNode, LinuxNode, Settings

from plan.documents import Document, deep_merge, to_yaml

LINUX_CRI = "unix:///run/containerd/containerd.sock"
API_PORT = 6443
_KUBEADM = "kubeadm.k8s.io/v1beta4"


def init_documents(settings: Settings) -> str:
    """Return everything ``kubeadm init --config`` reads, as one YAML stream."""
    return to_yaml(
        _init_configuration(settings, settings.control_plane),
        _cluster_configuration(settings),
        _kubelet_configuration(settings),
        _kube_proxy_configuration(settings),
    )


def join_documents(settings: Settings, node: LinuxNode) -> str:
    """Return what ``kubeadm join --config`` reads, with ``@TOKEN@`` and ``@CA_CERT_HASH@`` left to the script.

    The two are known only when the control plane has invited the node, and a token has no place in a preview.
    """
    return to_yaml(
        {
            "apiVersion": _KUBEADM,
            "kind": "JoinConfiguration",
            "discovery": {
                "bootstrapToken": {
                    "apiServerEndpoint": settings.api_endpoint,
                    "token": "@TOKEN@",
                    "caCertHashes": ["@CA_CERT_HASH@"],
                },
            },
            "nodeRegistration": _node_registration(settings, node),
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
        "apiVersion": _KUBEADM,
        "kind": "InitConfiguration",
        "localAPIEndpoint": {"advertiseAddress": str(node.address), "bindPort": API_PORT},
        "nodeRegistration": _node_registration(settings, node),
    }


def _cluster_configuration(settings: Settings) -> Document:
    ours: Document = {
        "apiVersion": _KUBEADM,
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
    }
    return deep_merge(ours, settings.kubelet_configuration)


def _kube_proxy_configuration(settings: Settings) -> Document:
    ours: Document = {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "clusterCIDR": str(settings.pod_cidr),
    }
    return deep_merge(ours, settings.kube_proxy_configuration)

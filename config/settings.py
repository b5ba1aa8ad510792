"""Everything a stack file can say about a cluster, as one frozen value. Constructing it checks types only.

The rules between fields are in ``config/rules*.py``; ``config.parse.parse`` applies both and reports every problem.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from pydantic import Field, SecretStr

from config.model import Document, Model
from config.nodes import ControlPlaneNode, JumpHost, LinuxNode, Node, NodeSsh, Os, SshDefaults, WindowsNode
from config.software import DaemonSetName, ImageArchive, Images, Proxy, Versions

__all__ = [
    "ControlPlaneNode",
    "DaemonSetName",
    "Document",
    "ImageArchive",
    "Images",
    "JumpHost",
    "LinuxNode",
    "Node",
    "NodeSsh",
    "Os",
    "Proxy",
    "Settings",
    "SshDefaults",
    "Versions",
    "WindowsNode",
]


class Settings(Model):
    """Every key of the project; each field is one Pulumi config key, in camelCase."""

    cluster_name: str = Field("kubernetes", description="Name of the cluster, as kubeadm and kubeconfig show it.")
    pod_cidr: IPv4Network = Field(
        IPv4Network("10.244.0.0/16"), description="Range of all pods; each node gets one subnet of it."
    )
    service_cidr: IPv4Network = Field(IPv4Network("10.96.0.0/12"), description="Range of service addresses.")
    node_cidrs: tuple[IPv4Network, ...] = Field(
        description="Ranges that all node addresses lie in; firewall rules and NO_PROXY are made from them."
    )
    node_prefix_length: int = Field(24, description="Prefix length of the pod subnet of one node.")
    pods_per_node: int = Field(110, description="Largest number of pods on one node (maxPods of kubelet).")
    dns_address: IPv4Address = Field(IPv4Address("10.96.0.10"), description="Address of the cluster's DNS service.")
    cluster_domain: str = Field("cluster.local", description="DNS domain of the cluster.")
    vni: int = Field(4096, description="VXLAN network identifier, 4096 to 65535 (Windows takes no other).")
    vxlan_port: int = Field(4789, description="UDP port of VXLAN; Windows takes no other than 4789.")
    network_name: str = Field(
        "vxlan0", description="Name of the HNS network on Windows, and of the CNI network on all nodes."
    )
    mtu: int | None = Field(
        None,
        description="MTU in bytes of the nodes' link (VXLAN takes 50 off it); 0 or left out: flannel finds it itself.",
    )
    control_plane: ControlPlaneNode = Field(description="The machine that runs the control plane.")
    linux_workers: tuple[LinuxNode, ...] = Field((), description="Linux machines that join as workers.")
    windows_nodes: tuple[WindowsNode, ...] = Field((), description="Windows machines that join as workers.")
    ssh: SshDefaults = Field(default_factory=SshDefaults, description="How the nodes are reached over SSH.")
    ssh_private_key: SecretStr | None = Field(
        None, description="Private key itself (a Pulumi secret), instead of ssh.privateKeyFile."
    )
    versions: Versions = Field(default_factory=Versions, description="Versions of all programs.")
    downloads_file: str | None = Field(
        None,
        description="More pinned downloads, a YAML file of `URL: sha256:HEX`, relative to the project folder; "
        "it overrides config/downloads.yaml.",
    )
    mirror: str | None = Field(
        None, description="Base URL of a mirror: https://HOST/PATH is then fetched from MIRROR/HOST/PATH."
    )
    image_archives: tuple[ImageArchive, ...] = Field(
        (), description="Archives of container images to import on the nodes, for sites without a registry."
    )
    proxy: Proxy | None = Field(None, description="HTTP proxy that the nodes need to reach the internet.")
    images: Images = Field(default_factory=Images, description="Where container images come from.")
    kubelet_configuration: Document = Field(
        default_factory=dict, description="KubeletConfiguration fields for all nodes, laid over ours."
    )
    windows_kubelet_configuration: Document = Field(
        default_factory=dict, description="KubeletConfiguration fields for Windows nodes only, laid over all others."
    )
    kubeadm_configuration: Document = Field(
        default_factory=dict, description="kubeadm ClusterConfiguration fields, laid over ours."
    )
    kube_proxy_configuration: Document = Field(
        default_factory=dict, description="KubeProxyConfiguration fields, laid over ours."
    )
    containerd_configuration: Document = Field(
        default_factory=dict, description="containerd's config.toml on Linux, as a mapping laid over ours."
    )
    windows_containerd_configuration: Document = Field(
        default_factory=dict, description="containerd's config.toml on Windows, as a mapping laid over ours."
    )
    ignore_preflight_errors: tuple[str, ...] = Field(
        (), description="kubeadm preflight errors to accept on Linux, for example SystemVerification."
    )
    windows_ignore_preflight_errors: tuple[str, ...] = Field(
        (), description="kubeadm preflight errors to accept on Windows."
    )
    existing_flannel: tuple[DaemonSetName, ...] = Field(
        (),
        description="DaemonSets of a flannel that others installed: patched instead of installing our own; "
        "only with controlPlane.existing.",
    )

    @property
    def linux_nodes(self) -> tuple[LinuxNode, ...]:
        """The control plane, then the Linux workers."""
        return (self.control_plane, *self.linux_workers)

    @property
    def nodes(self) -> tuple[LinuxNode | WindowsNode, ...]:
        """All nodes in one list: the control plane, the Linux workers, the Windows nodes."""
        return (*self.linux_nodes, *self.windows_nodes)

    @property
    def api_endpoint(self) -> str:
        """HOST:PORT by which every node reaches the API server."""
        return self.control_plane.endpoint or f"{self.control_plane.address}:6443"

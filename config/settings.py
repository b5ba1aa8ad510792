"""Everything a stack file can say about a cluster, as one frozen value. Constructing it checks types only.

The rules between fields are in ``config/rules*.py``; ``config.parse.parse`` applies both and reports every problem.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network
from typing import Literal

from pydantic import Field, SecretStr

from config.clouds import AzureCloud, Cloud, GceCloud, Shape, Source
from config.model import Document, Model
from config.nodes import ControlPlaneNode, JumpHost, LinuxNode, Node, NodeSsh, Os, SshDefaults, WindowsNode
from config.software import DaemonSetName, ImageArchive, Images, Proxy, Registry, Removal, Upgrade, Versions

__all__ = [
    "AzureCloud",
    "Cloud",
    "ControlPlaneNode",
    "DaemonSetName",
    "Document",
    "GceCloud",
    "ImageArchive",
    "Images",
    "JumpHost",
    "LinuxNode",
    "Node",
    "NodeSsh",
    "Os",
    "Proxy",
    "Registry",
    "Removal",
    "Settings",
    "Shape",
    "Source",
    "SshDefaults",
    "Upgrade",
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
    checksum_offload: bool = Field(
        True,
        description="False for virtual adapters that compute the checksums of VXLAN wrongly (large transfers between "
        "nodes hang): the operating systems then compute them, on Windows adapters and Linux VXLAN devices.",
    )
    control_plane: ControlPlaneNode = Field(description="The machine that runs the control plane.")
    linux_workers: tuple[LinuxNode, ...] = Field((), description="Linux machines that join as workers.")
    windows_nodes: tuple[WindowsNode, ...] = Field((), description="Windows machines that join as workers.")
    source: Source = Field(
        "onPremises", description="Where machines come from: `onPremises` exist already, `azure` and `gce` are made."
    )
    azure: AzureCloud | None = Field(None, description="Machines on Azure.")
    gce: GceCloud | None = Field(None, description="Machines on Google Compute Engine.")
    ssh: SshDefaults = Field(default_factory=SshDefaults, description="How the nodes are reached over SSH.")
    ssh_private_key: SecretStr | None = Field(
        None, description="Private key itself (a Pulumi secret), instead of ssh.privateKeyFile."
    )
    versions: Versions = Field(default_factory=Versions, description="Versions of all programs.")
    upgrade: Upgrade = Field(
        default_factory=Upgrade, description="How the nodes of a running cluster get other versions."
    )
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
    registries: tuple[Registry, ...] = Field(
        (),
        description="Mirrors of image registries; nodes with `runtime: docker` can have them for docker.io only. "
        "Registries that ask for a password: give pods imagePullSecrets.",
    )
    ca_bundle: str | None = Field(
        None,
        description="Certificates (PEM) of the site's own authorities, which all nodes shall trust: "
        "`pulumi config set caBundle < FILE`. Containers bring their own.",
    )
    proxy: Proxy | None = Field(None, description="HTTP proxy that the nodes need to reach the internet.")
    windows_update: Literal["unchanged", "manual"] = Field(
        "unchanged",
        description="`manual`: Windows nodes install updates, and restart for them, only when an administrator does.",
    )
    images: Images = Field(default_factory=Images, description="Where container images come from.")
    removal: Removal = Field(default_factory=Removal, description="How nodes give up their pods when they are removed.")
    outbound_target: str | None = Field(
        None,
        description="HOST:PORT outside the cluster that pods of every node must reach by TCP; left out, none is tried.",
    )
    shutdown_grace_period: int = Field(
        60,
        description="Seconds that pods have to end when their node is shut down or restarted; a third of it is kept "
        "for critical pods. -1 switches it off: pods are then killed with their node.",
    )
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
    windows_docker_configuration: Document = Field(
        default_factory=dict,
        description="Docker's daemon.json on Windows nodes with `runtime: docker`, laid over ours.",
    )
    ignore_preflight_errors: tuple[str, ...] = Field(
        (), description="kubeadm preflight errors to accept on Linux, for example SystemVerification."
    )
    windows_ignore_preflight_errors: tuple[str, ...] = Field(
        (), description="kubeadm preflight errors to accept on Windows."
    )
    time_limits: Mapping[str, int] = Field(
        default_factory=dict,
        description="Seconds after which a step is ended, by step name, for sites where the usual ones are too short; "
        "`{images-present: 7200}`. A step's waits last until shortly before its limit.",
    )
    existing_flannel: tuple[DaemonSetName, ...] = Field(
        (),
        description="DaemonSets of a flannel that others installed: patched instead of installing our own; "
        "only with controlPlane.existing.",
    )

    repairs: Mapping[str, str] = Field(
        default_factory=dict,
        description="Steps to run once more, by the names of their resources, each with the reason; written by "
        "`make drift RECORD=1`. An entry may stay; taken out, its step runs once more and finds nothing to do.",
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

    def source_of(self, node: LinuxNode | WindowsNode) -> Source:
        """Return where a node's machine comes from."""
        return node.source or self.source

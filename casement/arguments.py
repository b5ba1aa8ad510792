"""What the components take: the settings of a stack file, spelt as Python does.

Written by `python -m config.reference` from config/settings.py; do not edit.
"""

# Not postponed: Pulumi reads the annotations as types.
from typing import Any, NotRequired, TypedDict


class JumpHostArgs(TypedDict):
    """A machine that SSH connections go through (one hop)."""

    host: str
    """Name or address of the jump host, as seen from where Pulumi runs."""
    user: NotRequired[str]
    """User to log in as on the jump host. Default: `root`."""
    port: NotRequired[int]
    """SSH port of the jump host. Default: `22`."""
    host_key: NotRequired[str]
    """Public host key of the jump host, as `TYPE BASE64`; else it is looked up in knownHostsFile."""
    private_key_file: NotRequired[str]
    """Private key for the jump host, if not the one that is used for the nodes."""


class NodeSshArgs(TypedDict):
    """What differs from `ssh` for one node; whatever is left out comes from there."""

    host: NotRequired[str]
    """Name or address to connect to, if not the node's own address."""
    user: NotRequired[str]
    """User to log in as."""
    port: NotRequired[int]
    """SSH port."""
    host_key: NotRequired[str]
    """Public host key, as `TYPE BASE64` (ssh-ed25519 or ecdsa-sha2-nistp256)."""
    jump_host: NotRequired[JumpHostArgs]
    """Machine to reach this node through."""
    private_key_file: NotRequired[str]
    """Private key, relative to the project folder."""


class ControlPlaneNodeArgs(TypedDict):
    """The Linux machine that runs the control plane."""

    name: str
    """Name of the node in Kubernetes: lower case, RFC 1123; at most 15 on Windows."""
    address: str
    """IPv4 address that other nodes reach it by; lies in nodeCidrs."""
    ssh: NotRequired[NodeSshArgs]
    """How to reach this node, where it differs from `ssh`."""
    gone: NotRequired[bool]
    """True when the machine is gone for good: the cluster lets go of the node, nothing is asked of the machine any more, and the node can be taken out of the file. Default: `false`."""
    endpoint: NotRequired[str]
    """HOST:PORT of the API server for all nodes, if not `address:6443` (a load balancer, a name)."""


class WindowsNodeArgs(TypedDict):
    """A Windows Server 2022 or 2025 machine with OpenSSH server."""

    name: str
    """Name of the node in Kubernetes: lower case, RFC 1123; at most 15 on Windows."""
    management_ip: str
    """IPv4 address of the adapter that VXLAN runs over (ManagementIP of the old start.ps1)."""
    ssh: NotRequired[NodeSshArgs]
    """How to reach this node, where it differs from `ssh`."""
    gone: NotRequired[bool]
    """True when the machine is gone for good: the cluster lets go of the node, nothing is asked of the machine any more, and the node can be taken out of the file. Default: `false`."""
    network_mode: NotRequired[str]
    """Kind of HNS network; only `overlay` (VXLAN) is possible. Default: `overlay`."""
    interface_name: NotRequired[str]
    """Name of the network adapter that holds managementIp. Default: `Ethernet`."""
    adopt: NotRequired[bool]
    """True for a node that was built by hand after Kubernetes' old guide: it is drained, and what it consists of is reported and put away, before it is made anew. Default: `false`."""
    former_name: NotRequired[str]
    """Name in Kubernetes of the node that was built by hand, if it is another one; with adopt."""
    log_folder: NotRequired[str]
    r"""Folder for kubelet.log, kube-proxy.log, flanneld.log and containerd.log, or cri-dockerd.log; from `C:\var\log`, and no other, the API server can fetch them too when SSH is dead. Default: `C:\k`."""
    runtime: NotRequired[str]
    """Container runtime: `containerd`, or `docker` (Docker Engine with cri-dockerd, which knows no HostProcess containers). To change it, take the node out of the file, run `pulumi up`, and put it back. Default: `containerd`."""
    cri_endpoint: NotRequired[str]
    """Where kubelet reaches the container runtime, if not at the runtime's own named pipe."""


class SshDefaultsArgs(TypedDict):
    """How every node is reached unless it says otherwise itself."""

    user: NotRequired[str]
    """User to log in as; on Linux root or one who may use sudo without a password. Default: `root`."""
    port: NotRequired[int]
    """SSH port. Default: `22`."""
    private_key_file: NotRequired[str]
    """Private key (OpenSSH format, no passphrase), relative to the project folder."""
    known_hosts_file: NotRequired[str]
    """File in known_hosts format with the nodes' host keys, relative to the project folder."""
    jump_host: NotRequired[JumpHostArgs]
    """Machine to reach all nodes through."""


class VersionsArgs(TypedDict):
    """One version of each program; the URLs and digests that belong to them are in config/downloads.yaml."""

    kubernetes: NotRequired[str]
    """kubeadm, kubelet, kubectl, kube-proxy and the control plane. Default: `1.36.4`."""
    containerd: NotRequired[str]
    """Container runtime, on both operating systems. Default: `2.3.4`."""
    docker: NotRequired[str]
    """Docker Engine, on Windows nodes with `runtime: docker`. Default: `29.8.0`."""
    cri_dockerd: NotRequired[str]
    """cri-dockerd, by which kubelet speaks to Docker Engine. Default: `0.4.4`."""
    runc: NotRequired[str]
    """Low-level container runtime on Linux. Default: `1.4.3`."""
    flannel: NotRequired[str]
    """flanneld, as image on Linux and as program on Windows. Default: `0.28.9`."""
    flannel_cni_plugin: NotRequired[str]
    """flannel's CNI plug-in. Default: `1.9.1-flannel3`."""
    cni_plugins: NotRequired[str]
    """Reference CNI plug-ins (bridge, host-local, win-overlay, ...). Default: `1.9.1`."""
    crictl: NotRequired[str]
    """Command line client of the container runtime. Default: `1.36.0`."""
    pause: NotRequired[str]
    """Image that holds a pod's namespaces; from 3.10.2 for Server 2025. Default: `3.10.2`."""


class UpgradeArgs(TypedDict):
    """How nodes get other versions once they are members of the cluster."""

    max_unavailable: NotRequired[int]
    """Largest number of workers that are out of service at once. Default: `1`."""
    drain_seconds: NotRequired[int]
    """Seconds that the pods of a node may take to leave it; else the upgrade stops. Default: `300`."""


class ImageArchiveArgs(TypedDict):
    """An archive of container images that is imported on every node of one operating system."""

    os: str
    """Nodes that import it: `linux` or `windows`."""
    url: str
    """URL of an OCI or docker archive (.tar); needs a pinned digest."""


class RegistryArgs(TypedDict):
    """Mirrors of one image registry, asked before it by containerd on every node (``hosts.toml``)."""

    host: str
    """The registry as names of images have it, HOST or HOST:PORT, as in registry.k8s.io."""
    mirrors: list[str]
    """URLs to ask instead, in this order, and the registry itself at last; `https://HOST`, or `https://HOST/v2/PROJECT` for one that keeps several registries apart."""
    insecure: NotRequired[bool]
    """Accept mirrors without TLS, or with a certificate that nobody vouches for (see caBundle). Default: `false`."""


class ProxyArgs(TypedDict):
    """HTTP proxy for containerd and for downloads on the nodes; Pulumi itself does not use it."""

    http: NotRequired[str]
    """Proxy for http, as http://HOST:PORT."""
    https: NotRequired[str]
    """Proxy for https, as http://HOST:PORT."""
    no_proxy: NotRequired[list[str]]
    """More hosts and ranges to reach directly; all ranges of the cluster are added by themselves."""


class ImagesArgs(TypedDict):
    """Where images are pulled from, without the tag."""

    flannel: NotRequired[str]
    """flannel for Linux nodes. Default: `ghcr.io/flannel-io/flannel`."""
    flannel_cni_plugin: NotRequired[str]
    """Image that installs flannel's CNI plug-in on Linux nodes. Default: `ghcr.io/flannel-io/flannel-cni-plugin`."""
    pause: NotRequired[str]
    """The pause image, for both operating systems. Default: `registry.k8s.io/pause`."""
    kubernetes: NotRequired[str]
    """Repository of kubeadm's images (control plane, kube-proxy, CoreDNS, etcd). Default: `registry.k8s.io`."""
    verification: NotRequired[str]
    """Image, with tag, of the pods that prove the network; must exist for both operating systems. Default: `registry.k8s.io/e2e-test-images/agnhost:2.56`."""


class RemovalArgs(TypedDict):
    """How a node gives up its pods before it is taken out of the cluster."""

    drain_seconds: NotRequired[int]
    """Seconds that the pods of a node may take to leave it. Default: `300`."""
    ignore_disruption_budgets: NotRequired[bool]
    """True deletes pods that a PodDisruptionBudget would keep on the node; to be applied while the node is still in the file. Default: `false`."""


class DaemonSetNameArgs(TypedDict):
    """A DaemonSet by namespace and name."""

    name: str
    """Name of the DaemonSet."""
    namespace: NotRequired[str]
    """Namespace of the DaemonSet. Default: `kube-system`."""


class WindowsNodesArgs(TypedDict):
    """The settings of WindowsNodes."""

    node_cidrs: list[str]
    """Ranges that all node addresses lie in; firewall rules and NO_PROXY are made from them."""
    control_plane: ControlPlaneNodeArgs
    """The machine that runs the control plane."""
    cluster_name: NotRequired[str]
    """Name of the cluster, as kubeadm and kubeconfig show it. Default: `kubernetes`."""
    pod_cidr: NotRequired[str]
    """Range of all pods; each node gets one subnet of it. Default: `10.244.0.0/16`."""
    service_cidr: NotRequired[str]
    """Range of service addresses. Default: `10.96.0.0/12`."""
    node_prefix_length: NotRequired[int]
    """Prefix length of the pod subnet of one node. Default: `24`."""
    pods_per_node: NotRequired[int]
    """Largest number of pods on one node (maxPods of kubelet). Default: `110`."""
    dns_address: NotRequired[str]
    """Address of the cluster's DNS service. Default: `10.96.0.10`."""
    cluster_domain: NotRequired[str]
    """DNS domain of the cluster. Default: `cluster.local`."""
    vni: NotRequired[int]
    """VXLAN network identifier, 4096 to 65535 (Windows takes no other). Default: `4096`."""
    vxlan_port: NotRequired[int]
    """UDP port of VXLAN; Windows takes no other than 4789. Default: `4789`."""
    network_name: NotRequired[str]
    """Name of the HNS network on Windows, and of the CNI network on all nodes. Default: `vxlan0`."""
    mtu: NotRequired[int]
    """MTU in bytes of the nodes' link (VXLAN takes 50 off it); 0 or left out: flannel finds it itself."""
    checksum_offload: NotRequired[bool]
    """False for virtual adapters that compute the checksums of VXLAN wrongly (large transfers between nodes hang): the operating systems then compute them, on Windows adapters and Linux VXLAN devices. Default: `true`."""
    windows_nodes: NotRequired[list[WindowsNodeArgs]]
    """Windows machines that join as workers."""
    ssh: NotRequired[SshDefaultsArgs]
    """How the nodes are reached over SSH."""
    versions: NotRequired[VersionsArgs]
    """Versions of all programs."""
    upgrade: NotRequired[UpgradeArgs]
    """How the nodes of a running cluster get other versions."""
    downloads_file: NotRequired[str]
    """More pinned downloads, a YAML file of `URL: sha256:HEX`, relative to the project folder; it overrides config/downloads.yaml."""
    mirror: NotRequired[str]
    """Base URL of a mirror: https://HOST/PATH is then fetched from MIRROR/HOST/PATH."""
    image_archives: NotRequired[list[ImageArchiveArgs]]
    """Archives of container images to import on the nodes, for sites without a registry."""
    registries: NotRequired[list[RegistryArgs]]
    """Mirrors of image registries; nodes with `runtime: docker` can have them for docker.io only. Registries that ask for a password: give pods imagePullSecrets."""
    ca_bundle: NotRequired[str]
    """Certificates (PEM) of the site's own authorities, which all nodes shall trust: `pulumi config set caBundle < FILE`. Containers bring their own."""
    proxy: NotRequired[ProxyArgs]
    """HTTP proxy that the nodes need to reach the internet."""
    windows_update: NotRequired[str]
    """`manual`: Windows nodes install updates, and restart for them, only when an administrator does. Default: `unchanged`."""
    images: NotRequired[ImagesArgs]
    """Where container images come from."""
    removal: NotRequired[RemovalArgs]
    """How nodes give up their pods when they are removed."""
    outbound_target: NotRequired[str]
    """HOST:PORT outside the cluster that pods of every node must reach by TCP; left out, none is tried."""
    shutdown_grace_period: NotRequired[int]
    """Seconds that pods have to end when their node is shut down or restarted; a third of it is kept for critical pods. -1 switches it off: pods are then killed with their node. Default: `60`."""
    kubelet_configuration: NotRequired[dict[str, Any]]
    """KubeletConfiguration fields for all nodes, laid over ours."""
    windows_kubelet_configuration: NotRequired[dict[str, Any]]
    """KubeletConfiguration fields for Windows nodes only, laid over all others."""
    kube_proxy_configuration: NotRequired[dict[str, Any]]
    """KubeProxyConfiguration fields, laid over ours."""
    windows_containerd_configuration: NotRequired[dict[str, Any]]
    """containerd's config.toml on Windows, as a mapping laid over ours."""
    windows_docker_configuration: NotRequired[dict[str, Any]]
    """Docker's daemon.json on Windows nodes with `runtime: docker`, laid over ours."""
    windows_ignore_preflight_errors: NotRequired[list[str]]
    """kubeadm preflight errors to accept on Windows."""
    time_limits: NotRequired[dict[str, int]]
    """Seconds after which a step is ended, by step name, for sites where the usual ones are too short; `{images-present: 7200}`. A step's waits last until shortly before its limit."""
    existing_flannel: NotRequired[list[DaemonSetNameArgs]]
    """DaemonSets of a flannel that others installed: patched instead of installing our own; only with controlPlane.existing."""


class FlannelArgs(TypedDict):
    """The settings of Flannel."""

    node_cidrs: list[str]
    """Ranges that all node addresses lie in; firewall rules and NO_PROXY are made from them."""
    control_plane: ControlPlaneNodeArgs
    """The machine that runs the control plane."""
    ssh: NotRequired[SshDefaultsArgs]
    """How the nodes are reached over SSH."""
    pod_cidr: NotRequired[str]
    """Range of all pods; each node gets one subnet of it. Default: `10.244.0.0/16`."""
    service_cidr: NotRequired[str]
    """Range of service addresses. Default: `10.96.0.0/12`."""
    dns_address: NotRequired[str]
    """Address of the cluster's DNS service. Default: `10.96.0.10`."""
    node_prefix_length: NotRequired[int]
    """Prefix length of the pod subnet of one node. Default: `24`."""
    pods_per_node: NotRequired[int]
    """Largest number of pods on one node (maxPods of kubelet). Default: `110`."""
    vni: NotRequired[int]
    """VXLAN network identifier, 4096 to 65535 (Windows takes no other). Default: `4096`."""
    vxlan_port: NotRequired[int]
    """UDP port of VXLAN; Windows takes no other than 4789. Default: `4789`."""
    network_name: NotRequired[str]
    """Name of the HNS network on Windows, and of the CNI network on all nodes. Default: `vxlan0`."""
    mtu: NotRequired[int]
    """MTU in bytes of the nodes' link (VXLAN takes 50 off it); 0 or left out: flannel finds it itself."""
    versions: NotRequired[VersionsArgs]
    """Versions of all programs."""
    images: NotRequired[ImagesArgs]
    """Where container images come from."""
    existing_flannel: NotRequired[list[DaemonSetNameArgs]]
    """DaemonSets of a flannel that others installed: patched instead of installing our own; only with controlPlane.existing."""
    time_limits: NotRequired[dict[str, int]]
    """Seconds after which a step is ended, by step name, for sites where the usual ones are too short; `{images-present: 7200}`. A step's waits last until shortly before its limit."""

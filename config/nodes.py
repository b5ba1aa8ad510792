"""The machines of a cluster, and how to reach them over SSH."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address
from typing import Literal

from pydantic import Field

from config.clouds import Shape, Source
from config.model import Model

Os = Literal["linux", "windows"]
Runtime = Literal["containerd", "docker"]
CRI_ENDPOINTS: Mapping[Runtime, str] = {
    "containerd": "npipe:////./pipe/containerd-containerd",
    "docker": "npipe:////./pipe/cri-dockerd",
}
"""Where each container runtime of Windows answers kubelet, unless it is told otherwise."""


class JumpHost(Model):
    """A machine that SSH connections go through (one hop)."""

    host: str = Field(description="Name or address of the jump host, as seen from where Pulumi runs.")
    user: str = Field("root", description="User to log in as on the jump host.")
    port: int = Field(22, description="SSH port of the jump host.")
    host_key: str | None = Field(
        None, description="Public host key of the jump host, as `TYPE BASE64`; else it is looked up in knownHostsFile."
    )
    private_key_file: str | None = Field(
        None, description="Private key for the jump host, if not the one that is used for the nodes."
    )


class SshDefaults(Model):
    """How every node is reached unless it says otherwise itself."""

    user: str = Field(
        "root", description="User to log in as; on Linux root or one who may use sudo without a password."
    )
    port: int = Field(22, description="SSH port.")
    private_key_file: str | None = Field(
        None, description="Private key (OpenSSH format, no passphrase), relative to the project folder."
    )
    known_hosts_file: str | None = Field(
        None, description="File in known_hosts format with the nodes' host keys, relative to the project folder."
    )
    jump_host: JumpHost | None = Field(None, description="Machine to reach all nodes through.")


class NodeSsh(Model):
    """What differs from `ssh` for one node; whatever is left out comes from there."""

    host: str | None = Field(None, description="Name or address to connect to, if not the node's own address.")
    user: str | None = Field(None, description="User to log in as.")
    port: int | None = Field(None, description="SSH port.")
    host_key: str | None = Field(
        None, description="Public host key, as `TYPE BASE64` (ssh-ed25519 or ecdsa-sha2-nistp256)."
    )
    jump_host: JumpHost | None = Field(None, description="Machine to reach this node through.")
    private_key_file: str | None = Field(None, description="Private key, relative to the project folder.")


class Node(Model):
    """What every node has."""

    name: str = Field(description="Name of the node in Kubernetes: lower case, RFC 1123; at most 15 on Windows.")
    ssh: NodeSsh | None = Field(None, description="How to reach this node, where it differs from `ssh`.")
    source: Source | None = Field(None, description="Where this machine comes from, if not from where others do.")
    pool: str | None = Field(None, description="Pool of the cloud that this machine is of.")
    machine: Shape | None = Field(None, description="What this machine is like, where it differs; only in a cloud.")
    gone: bool = Field(
        False,
        description="True when the machine is gone for good: the cluster lets go of the node, nothing is asked of the "
        "machine any more, and the node can be taken out of the file.",
    )


class LinuxNode(Node):
    """A Debian or Ubuntu machine."""

    address: IPv4Address = Field(description="IPv4 address that other nodes reach it by; lies in nodeCidrs.")

    @property
    def os(self) -> Os:
        """The operating system, as in the label kubernetes.io/os."""
        return "linux"


class ControlPlaneNode(LinuxNode):
    """The Linux machine that runs the control plane."""

    existing: bool = Field(
        False, description="True when kubeadm has made the cluster already: nothing is installed there, nodes join it."
    )
    endpoint: str | None = Field(
        None, description="HOST:PORT of the API server for all nodes, if not `address:6443` (a load balancer, a name)."
    )
    replaces: str | None = Field(
        None,
        description="Name of the control plane whose cluster ends, with everything in it, when this one takes its "
        "place in the stack; without this word such a change is refused.",
    )


class WindowsNode(Node):
    """A Windows Server 2022 or 2025 machine with OpenSSH server."""

    management_ip: IPv4Address = Field(
        description="IPv4 address of the adapter that VXLAN runs over (ManagementIP of the old start.ps1)."
    )
    network_mode: str = Field("overlay", description="Kind of HNS network; only `overlay` (VXLAN) is possible.")
    interface_name: str = Field("Ethernet", description="Name of the network adapter that holds managementIp.")
    adopt: bool = Field(
        False,
        description="True for a node that was built by hand after Kubernetes' old guide: it is drained, and what it "
        "consists of is reported and put away, before it is made anew.",
    )
    former_name: str | None = Field(
        None,
        description="Name in Kubernetes of the node that was built by hand, if it is another one; with adopt.",
    )
    log_folder: str = Field(
        r"C:\k",
        description="Folder for kubelet.log, kube-proxy.log, flanneld.log and containerd.log, or cri-dockerd.log; from "
        r"`C:\var\log`, and no other, the API server can fetch them too when SSH is dead.",
    )
    runtime: Runtime = Field(
        "containerd",
        description="Container runtime: `containerd`, or `docker` (Docker Engine with cri-dockerd, which knows no "
        "HostProcess containers). To change it, take the node out of the file, run `pulumi up`, and put it back.",
    )
    cri_endpoint: str | None = Field(
        None, description="Where kubelet reaches the container runtime, if not at the runtime's own named pipe."
    )

    @property
    def os(self) -> Os:
        """The operating system, as in the label kubernetes.io/os."""
        return "windows"

    @property
    def runtime_endpoint(self) -> str:
        """Where kubelet reaches the container runtime."""
        return self.cri_endpoint or CRI_ENDPOINTS[self.runtime]

    @property
    def address(self) -> IPv4Address:
        """The address other nodes reach it by."""
        return self.management_ip
